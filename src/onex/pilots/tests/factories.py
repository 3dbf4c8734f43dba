"""Plans, applications and certificate levels for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from onex.accounts.models import School
from onex.accounts.tests.factories import a_province, a_school, an_actor, an_evaluation_org
from onex.catalog.models import (
    CertificateLevel,
    CertificateType,
    GuideVersion,
    LevelMajor,
    Major,
    MajorCatalogue,
    MajorSuccession,
)
from onex.common.actors import Actor, Role
from onex.pilots import services
from onex.pilots.models import PilotApplication, PilotPlan

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # 12:00 in Beijing
DAY = timedelta(days=1)
# The guide's screenshot: certificate, level, who awards it, places asked for, approved and used.
NINE = (
    ("财务数字化应用", 1, "新道科技股份有限公司", 100, 100, 88),
    ("财务数字化应用", 2, "新道科技股份有限公司", 40, 40, 0),
    ("大数据分析与应用", 2, "阿里巴巴（中国）有限公司", 90, 90, 0),
    ("幼儿照护", 2, "湖南金职机电电器护理有限公司", 200, 200, 0),
    ("界面设计", 1, "腾讯云计算（北京）有限责任公司", 135, 135, 0),
    ("室内设计", 2, "中国室内设计协会", 80, 80, 0),
    ("直播电商", 2, "南京美途信息产业股份有限公司", 80, 80, 75),
    ("声乐艺术指导", 2, "新华国际教育网络科技有限责任公司", 100, 100, 0),
    ("数字营销技术应用", 1, "中数畅享（北京）科技有限公司", 40, 40, 0),
)
MAPPED = {"530701": "电子商务", "530605": "市场营销", "530704": "网络营销与直播电商"}


def a_certificate(code: str = "101", name: str = "直播电商职业技能等级证书") -> CertificateType:
    found = CertificateType.objects.filter(code=code).first()
    if found:
        return found
    guide = GuideVersion.objects.filter(year=2024).first() or GuideVersion.objects.create(
        version="guide-2024", year=2024, title="指南", texts={}, loaded_at=NOON
    )
    return CertificateType.objects.create(
        guide=guide,
        code=code,
        code_is_ours=True,
        name=name,
        short_name=name[:4],
        domain_count=9,
        task_count=30,
        skill_point_count=104,
        issuer_name="南京奥派信息产业股份公司",
        issuer=an_evaluation_org(),
    )


def a_level(level: int = 1, certificate: CertificateType | None = None) -> CertificateLevel:
    """A level whose mapped majors are MAPPED."""
    certificate = certificate or a_certificate()
    found, made = CertificateLevel.objects.get_or_create(
        certificate=certificate,
        level=level,
        defaults={
            "name": f"{certificate.name}（{'初中高'[level - 1]}级）",
            "short_name": f"{certificate.short_name}（{'初中高'[level - 1]}级）",
            "fee_fen": 27_000 + level * 1_000,
        },
    )
    if made:
        catalogue, _ = MajorCatalogue.objects.get_or_create(code="2021", defaults={"name": "目录", "from_year": 2021})
        for code, name in MAPPED.items():
            major, _ = Major.objects.get_or_create(
                code=code, catalogue=catalogue, defaults={"name": name, "stage": "高职专科"}
            )
            LevelMajor.objects.create(level=found, major=major, is_draft=True)
    return found


def level_of_the_screenshot(name: str, level: int, issuer: str) -> CertificateLevel:
    """A level of one of NINE; a certificate that is not there yet comes with a guide of that year."""
    full = f"{name}职业技能等级证书"
    certificate = CertificateType.objects.filter(name=full).first()
    if certificate is None:
        guide, _ = GuideVersion.objects.get_or_create(
            version="guide-2021", defaults={"year": 2021, "title": "指南", "texts": {}, "loaded_at": NOON}
        )
        certificate = a_certificate(f"{200 + CertificateType.objects.count()}", full)
        certificate.guide = guide
    certificate.short_name, certificate.issuer_name = name, issuer
    certificate.save()
    return a_level(level, certificate)


def a_plan(state: str = "published", **values: Any) -> PilotPlan:
    """A plan of Jiangsu that opened yesterday and closes in nine days."""
    certificates = values.pop("certificates", ())
    plan = PilotPlan.objects.create(
        **{
            "state": state,
            "province": values.pop("province", None) or a_province(),
            "year": 2026,
            "batch": 1,
            "opens_at": NOON - DAY,
            "closes_at": NOON + 9 * DAY,
        }
        | values
    )
    plan.certificates.set(certificates)
    return plan


def a_school_officer(school: School | None = None) -> Actor:
    return an_actor(Role.SCHOOL, school or a_school())


def a_province_officer(plan: PilotPlan | None = None) -> Actor:
    return an_actor(Role.PROVINCE, plan.province if plan else a_province())


def filled(level: CertificateLevel | None = None, **values: Any) -> services.ApplicationInput:
    """A form as a careful school fills it."""
    return services.ApplicationInput(
        **{
            "level": level or a_level(),
            "requested_count": 80,
            "teaching_staff": "专任教师 12 人，双师型 9 人。",
            "facilities": "机房 3 间，学生机 150 台，监控全覆盖。",
        }
        | values
    )


def a_draft(plan: PilotPlan | None = None, officer: Actor | None = None, **values: Any) -> PilotApplication:
    plan = plan or a_plan()
    return services.create_application(plan, filled(**values), by=officer or a_school_officer(), at=NOON)


def a_filed_application(plan: PilotPlan | None = None, officer: Actor | None = None, **values: Any) -> PilotApplication:
    officer = officer or a_school_officer()
    return services.move_application(a_draft(plan, officer, **values), "submit", by=officer, at=NOON)


def an_approved_application(approved_count: int = 80, **values: Any) -> PilotApplication:
    """Approved by its province; fewer than asked carries its reason."""
    application = a_filed_application(**{"requested_count": max(approved_count, 80)} | values)
    return services.move_application(
        application,
        "approve",
        by=a_province_officer(application.plan),
        at=NOON,
        note="按机房容量核定",
        approved_count=approved_count,
    )


def an_old_code(code: str = "630801", name: str = "电子商务", *new: str) -> Major:
    """A code of the catalogue of 2015, with what became of it."""
    catalogue, _ = MajorCatalogue.objects.get_or_create(
        code="2015", defaults={"name": "旧目录", "from_year": 2016, "replaced_by": "2021"}
    )
    old = Major.objects.create(code=code, name=name, stage="高职专科", catalogue=catalogue)
    for one in new or ("530701",):
        MajorSuccession.objects.create(old=old, new=Major.objects.get(code=one), is_draft=True, source="onex")
    return old

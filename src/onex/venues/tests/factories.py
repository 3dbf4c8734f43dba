"""Site applications and sites for tests."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from onex.accounts.models import EvaluationOrg, School
from onex.accounts.tests.factories import a_school, an_actor, an_evaluation_org
from onex.catalog.models import CertificateLevel
from onex.common.actors import Actor, Role
from onex.common.tests.papers import PDF
from onex.pilots.tests.factories import NOON, a_level, a_plan, an_approved_application
from onex.venues import services
from onex.venues.models import ExamSite, SiteApplication
from onex.venues.rules import CHECKS, STAMPED_FORM, Checked, RoomInput

WORDS = {
    "name": "金陵职业技术学院直播电商职业技能等级证书(初)考核站点",
    "region": "江苏省南京市",
    "address": "江宁区弘景大道 1 号实训楼",
    "contact_name": "周敏",
    "contact_phone": "13800001234",
    "contact_email": "zhou@example.edu.cn",
    "description": "两个机房均有监控与备用电源。",
}
ROOMS = (RoomInput("机房 301", 40, 4), RoomInput("机房 302", 30, 3))


def a_pdf(name: str = "考核站点申请表.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF, "application/pdf")


def an_org_officer(organisation: EvaluationOrg | None = None) -> Actor:
    return an_actor(Role.ORG, organisation or an_evaluation_org())


def a_pilot_school(level: CertificateLevel | None = None, places: int = 80, **values: Any) -> School:
    """A school whose pilot application for this level was approved."""
    school = values.pop("school", None) or a_school(**values)
    plan = school.province.pilot_plans.filter(state="published").first() or a_plan(province=school.province)
    an_approved_application(places, plan=plan, officer=an_actor(Role.SCHOOL, school), level=level or a_level())
    return school


def a_site_draft(school: School | None = None, officer: Actor | None = None, **words: str) -> SiteApplication:
    """Filled in but for the stamped form."""
    school = school or a_pilot_school()
    return services.create_application(
        school,
        an_evaluation_org(),
        services.ApplicationInput(**WORDS | words),
        [a_level()],
        ROOMS,
        by=officer or an_actor(Role.SCHOOL, school),
        at=NOON,
    )


def a_filed_site_application(school: School | None = None) -> SiteApplication:
    application = a_site_draft(school)
    officer = an_actor(Role.SCHOOL, application.school)
    services.attach_file(application, STAMPED_FORM, a_pdf(), by=officer, at=NOON)
    return services.move_application(application, "submit", by=officer, at=NOON)


def looked_at(application: SiteApplication) -> Checked:
    """The reviewer saw this submission and confirmed everything of its stamped form."""
    return Checked(frozenset(CHECKS), application.submitted_at)


def approved(application: SiteApplication, officer: Actor | None = None) -> SiteApplication:
    """Approved by its organisation after a look at the stamped form."""
    by = officer or an_org_officer()
    return services.move_application(application, "approve", by=by, at=NOON, checked=looked_at(application))


def a_site(school: School | None = None, levels: tuple[CertificateLevel, ...] = (), machines: int = 70) -> ExamSite:
    """An approved site with two rooms; `machines` of them in all."""
    application = a_filed_site_application(school)
    application.rooms.filter(name="机房 301").update(machine_count=machines - 30)
    if levels:
        application.levels.set(levels)
    approved(application)
    return ExamSite.objects.get(application=application)

"""Fills a fresh PostgreSQL installation with a province of pilot applications, as three years would have left it.

Rows go in by bulk inserts and by SQL that generates them: the services judge each application, which is their work and
not what is measured. What is stored is what they would have stored: every application with its traces, materials,
majors, remarks and ledger, every count equal to the lines it is made of.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any
from uuid import UUID

YEARS, BATCHES = 3, 2
CERTIFICATES = 12  # besides the guide's own
DAY = timedelta(days=1)
MAJORS = {"530701": "电子商务", "530605": "市场营销", "530704": "网络营销与直播电商", "530702": "跨境电子商务"}
TEXT = "专任教师{n}人，其中双师型{m}人，企业兼职教师{k}人；近三年承担省级以上教改项目{k}项，指导学生获奖{m}项。" * 3
ROOMS = "智慧直播间{k}间，机房{k}间，学生机{n}台，均配摄像头与录播设备，监控全覆盖，近三年未发生考务事故。" * 3
BULK = 1_000
OPEN_ONES, CLOSED_ONES = (40, 30, 10, 10, 5, 5), (80, 15, 5)  # how many in a hundred are in each state


@dataclass
class Seeded:
    """What the measuring needs to know of what was made."""

    province: UUID
    city: UUID
    organisation: UUID
    application: UUID  # approved, returned once: the longest record
    plan: UUID
    draft: UUID
    school: UUID  # of the draft
    places: UUID  # 100 approved, none used
    counts: dict[str, int] = field(default_factory=dict)


def seed(applications: int, students: int) -> Seeded:
    """A province whose schools filed so many applications and have so many students."""
    from django.db import connection

    random = Random(7)
    now = datetime.now(UTC)
    province, cities = _places_on_the_map()
    schools = _schools(province, cities, max(5, -(-applications // 10)))
    levels = _levels()
    plans = _plans(province, now)
    made = _applications(random, applications, plans, schools, levels, now)
    _students(schools, students)
    entries = _entries(schools[0], levels, now)
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    made.province, made.city = province.pk, cities[0].pk
    made.organisation = levels[0].certificate.issuer_id
    made.counts |= {"schools": len(schools), "plans": len(plans), "levels": len(levels), "students": students,
                    "entries": entries}  # fmt: skip
    return made


def _places_on_the_map() -> tuple[Any, list[Any]]:
    """The province with the most cities, and them."""
    from django.db.models import Count

    from onex.accounts.models import Province

    province = Province.objects.annotate(n=Count("cities")).order_by("-n", "code")[0]
    return province, list(province.cities.order_by("code"))


def _schools(province: Any, cities: list[Any], count: int) -> list[Any]:
    from onex.accounts.models import School, SchoolMajor

    schools = [
        School.objects.create(
            kind="school", name=f"压力测试第{n + 1}职业技术学院", province=province, city=cities[n % len(cities)],
            school_type="college", school_code=f"9{n:09d}", credit_code=f"bench{n:013d}", address="学府路 1 号",
            contact_name="周敏",
        )
        for n in range(count)
    ]  # fmt: skip
    SchoolMajor.objects.bulk_create(
        [SchoolMajor(school=one, code=code, name=name) for one in schools for code, name in MAJORS.items()], BULK
    )
    return schools


def _levels() -> list[Any]:
    """The guide's own certificate and copies of it: a province opens more than one."""
    from onex.catalog.models import CertificateLevel, CertificateType, LevelMajor

    own = CertificateType.objects.order_by("code")[0]
    majors = list(LevelMajor.objects.filter(level=own.levels.order_by("level")[0]).values_list("major_id", flat=True))
    for n in range(CERTIFICATES):
        values = {one.attname: getattr(own, one.attname) for one in own._meta.concrete_fields if not one.primary_key}
        values |= {"code": f"9{n:02d}", "name": f"压力测试证书{n + 1}", "short_name": f"测试{n + 1}"}
        made = CertificateType.objects.create(**values)
        for level in (1, 2, 3):
            word = f"（{'初中高'[level - 1]}级）"
            new = CertificateLevel.objects.create(
                certificate=made, level=level, name=made.name + word, short_name=made.short_name + word, fee_fen=28_000
            )
            LevelMajor.objects.bulk_create(LevelMajor(level=new, major_id=one, is_draft=False) for one in majors)
    return list(CertificateLevel.objects.select_related("certificate").order_by("certificate__code", "level"))


def _plans(province: Any, now: datetime) -> list[Any]:
    from onex.pilots.models import PilotPlan, PlanMaterial

    plans = []
    for back in range(YEARS):
        for batch in range(1, BATCHES + 1):
            is_open = back == 0 and batch == BATCHES
            opens_at = now - 20 * DAY if is_open else now - (back * 365 + 200 - batch * 40) * DAY
            plans.append(
                PilotPlan(
                    state="published",
                    province=province,
                    year=now.year - back,
                    batch=batch,
                    opens_at=opens_at,
                    closes_at=opens_at + 30 * DAY,
                    corrections_until=opens_at + 60 * DAY,
                    requires_city_approval=batch == BATCHES,
                )
            )  # fmt: skip
    PilotPlan.objects.bulk_create(plans)
    PlanMaterial.objects.bulk_create([PlanMaterial(plan=plan, name="组织管理说明", position=1) for plan in plans])
    return plans


# --- applications


def _applications(
    random: Random, count: int, plans: list[Any], schools: list[Any], levels: list[Any], now: datetime
) -> Seeded:
    from onex.common.models import Attachment, Trace
    from onex.pilots.models import DeclaredMajor, FieldRemark, PilotApplication, PlacesMove

    bulk: dict[Any, list[Any]] = {
        model: [] for model in (PilotApplication, DeclaredMajor, FieldRemark, Attachment, PlacesMove, Trace)
    }
    # Every school applies for a few levels under each plan; the open plan gets its share as the others do.
    free = [(plan, school, level) for plan in plans for level in levels for school in schools]
    newest = next(plan for plan in plans if plan.closes_at > now)
    wanted = [(newest, schools[n], levels[0]) for n in range(3)]
    others = [one for one in random.sample(free, min(count, len(free))) if one not in wanted][: count - len(wanted)]
    wishes = ["draft", "places", "longest", *[""] * len(others)]
    special = {}
    for (plan, school, level), wish in zip([*wanted, *others], wishes, strict=True):
        special[wish] = _one(random, plan, school, level, now, wish, bulk)
    for model, rows in bulk.items():
        model.objects.bulk_create(rows, BULK)
    return Seeded(
        province=UUID(int=0), city=UUID(int=0), organisation=UUID(int=0), application=special["longest"].pk,
        plan=newest.pk, draft=special["draft"].pk, school=special["draft"].school_id, places=special["places"].pk,
        counts={model._meta.model_name: len(rows) for model, rows in bulk.items()},
    )  # fmt: skip


def _one(
    random: Random, plan: Any, school: Any, level: Any, now: datetime, wish: str, bulk: dict[Any, list[Any]]
) -> Any:
    """One application with everything that hangs on it; `wish` is what the measuring wants of the first few."""
    from onex.common.ids import uuid7
    from onex.common.models import Attachment, Trace
    from onex.pilots.models import DeclaredMajor, FieldRemark, PilotApplication, PlacesMove
    from onex.pilots.rules import text_digest

    is_open, is_past = plan.closes_at > now, plan.year < now.year
    first = "city_review" if plan.requires_city_approval else "province_review"
    if wish:
        state = "draft" if wish == "draft" else "approved"
    elif is_open:
        state = random.choices([first, "province_review", "returned", "approved", "draft", "withdrawn"], OPEN_ONES)[0]
    else:
        state = random.choices(["expired" if is_past else "approved", "rejected", "withdrawn"], CLOSED_ONES)[0]
    n = random.randint(20, 400)
    words = {"n": n, "m": random.randint(5, 20), "k": random.randint(1, 9)}
    staff, rooms = TEXT.format(**words), ROOMS.format(**words)
    row = PilotApplication(
        state=state, plan=plan, school=school, level=level, requested_count=100 if wish == "places" else n,
        teaching_staff=staff, facilities=rooms, machine_count=n // random.choice((1, 2, 5)),
        staff_digest=text_digest(staff), facilities_digest=text_digest(rooms), saved_at=plan.opens_at,
    )  # fmt: skip
    bulk[PilotApplication].append(row)
    for code in random.sample(list(MAJORS), random.randint(0, 3)):
        bulk[DeclaredMajor].append(DeclaredMajor(application=row, code=code, name=MAJORS[code]))
    about = {"subject_type": "pilots.pilotapplication", "subject_id": row.pk}
    bulk[Attachment].append(
        Attachment(
            **about, slot="material", original_name="佐证材料.pdf", stored_name=f"bench/{row.pk.hex}", size=120_000,
            content_type="application/pdf", sha256="0" * 64, actor_label="周敏", scanned_at=plan.opens_at,
        )
    )  # fmt: skip
    at = plan.opens_at + timedelta(minutes=random.randint(10, 15 * 1440))
    states = ["", "draft"]
    if state != "draft":
        states.append(first)
        if state == "returned" or wish == "longest" or random.random() < 0.3:
            states.append("returned")
            if state != "returned":
                states.append(first)
        if state not in ("returned", "city_review", "withdrawn") and first == "city_review":
            states.append("province_review")
        if state == "expired":
            states.append("approved")
        if states[-1] != state:
            states.append(state)
    verbs = {"draft": "create", "approved": "approve", "expired": "expire", "rejected": "reject", "returned": "return",
             "withdrawn": "withdraw", "city_review": "submit", "province_review": "submit"}  # fmt: skip
    for was, then in pairwise(states):
        verb = "pass" if (was, then) == ("city_review", "province_review") else verbs[then]
        data: dict[str, Any] = {}
        if verb == "submit":
            row.submitted_at, row.submission_count = at, row.submission_count + 1
            data = {"level": level.name, "requested_count": n, "declared_majors": [], "teaching_staff": staff,
                    "facilities": rooms, "machine_count": row.machine_count, "materials": ["佐证材料.pdf"]}  # fmt: skip
        elif verb in ("approve", "reject", "return"):
            row.decided_at = at
        if verb == "return":
            bulk[FieldRemark].append(
                FieldRemark(application=row, submission=row.submission_count, field="facilities", actor_id=uuid7(),
                            text="请写明各机房的学生机台数，并上传照片。", actor_label="江晓", at=at)
            )  # fmt: skip
        if verb == "approve":
            row.approved_count = row.requested_count if wish == "places" else max(1, int(n * random.uniform(0.4, 1)))
            data = {"requested_count": row.requested_count, "approved_count": row.approved_count}
        bulk[Trace].append(
            Trace(**about, verb=verb, from_state=was,
                  to_state=then, actor_id=uuid7(), actor_label="周敏", hat="school", at=at, data=data)
        )  # fmt: skip
        at = min(at + timedelta(minutes=random.randint(60, 12 * 1440)), now)
    if row.approved_count:
        _ledger(random, row, wish, bulk[PlacesMove])
    return row


def _ledger(random: Random, row: Any, wish: str, lines: list[Any]) -> None:
    from onex.common.ids import uuid7
    from onex.pilots.models import PlacesMove

    def line(kind: str, count: int, subject: Any, label: str) -> None:
        lines.append(
            PlacesMove(application=row, kind=kind, count=count, subject_type="registration.entry", subject_id=subject,
                       subject_label=label, actor_label="周敏", at=row.decided_at + len(lines) % 50 * DAY)
        )  # fmt: skip

    line("grant", row.approved_count, row.pk, "")
    for n in range(0 if wish == "places" else min(random.randint(0, 12), row.approved_count)):
        line("take", 1, uuid7(), f"考生{n}")
        row.used_count += 1
    if row.state == "expired" and row.left_count:
        line("lapse", -row.left_count, row.pk, "")


# --- students


def _students(schools: list[Any], count: int) -> None:
    """By SQL: what is sealed is sealed once and stands in every row, nobody reads it here."""
    from django.db import connection

    from onex.registration.models import Student

    sealed = {
        name: Student._meta.get_field(name).get_db_prep_save(value, connection)
        for name, value in (("id_number", "110101200701010018"), ("phone", "13800000000"))
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into registration_student (id, created_at, school_id, name, id_number, id_index, gender, birth_on,"
            " student_no, entry_year, major_code, major_name, class_name, phone)"
            " select gen_random_uuid(), now(), (%s::uuid[])[1 + n %% %s], '考生' || n, %s, md5(n::text), 'female',"
            " date '2007-01-01', 'B' || n, 2024 + n %% 3, (%s::text[])[1 + n / %s %% %s],"
            " (%s::text[])[1 + n / %s %% %s], '一班', %s from generate_series(1, %s) n",
            [[one.pk for one in schools], len(schools), sealed["id_number"], list(MAJORS), len(schools), len(MAJORS),
             list(MAJORS.values()), len(schools), len(MAJORS), sealed["phone"], count],
        )  # fmt: skip
        cursor.execute(
            "insert into pilots_rostercount (id, created_at, school_id, major_code, count)"
            " select gen_random_uuid(), now(), school_id, major_code, count(*) from registration_student"
            " group by school_id, major_code"
        )


def _entries(school: Any, levels: list[Any], now: datetime) -> int:
    """A live entry for every place that is used, by SQL: each of another student of the school, all at one site."""
    from django.db import connection

    from onex.accounts.models import Organisation
    from onex.catalog.models import AssessmentScheme
    from onex.registration.models import ExamPlan, ExamPlanLevel
    from onex.venues.models import ExamSite, SiteApplication

    issuer = levels[0].certificate.issuer
    asked = SiteApplication.objects.create(state="approved", school=school, organisation=issuer, name="压力测试站点")
    unit = Organisation.objects.create(kind="site", name=asked.name, parent=school)
    site = ExamSite.objects.create(
        application=asked,
        unit=unit,
        school=school,
        organisation=issuer,
        name=asked.name,
        region="学府路",
        address="1 号",
        valid_until=(now + 365 * DAY).date(),
    )
    plan = ExamPlan.objects.create(organisation=issuer, year=now.year, number=1, title="压力测试统考")
    scheme = AssessmentScheme.objects.order_by("code")[0]
    ExamPlanLevel.objects.bulk_create(
        ExamPlanLevel(state="finished", plan=plan, level=level, scheme=scheme, registration_opens_at=now - 30 * DAY,
                      registration_closes_at=now - 20 * DAY)
        for level in levels
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into registration_entry (id, created_at, state, plan_level_id, student_id, id_index,"
            " application_id, site_id, fee_fen, submitted_at)"
            " with used as (select id, school_id, level_id, used_count, coalesce(sum(used_count) over (partition by"
            " school_id order by id rows between unbounded preceding and 1 preceding), 0) as before"
            " from pilots_pilotapplication where used_count > 0),"
            " there as (select id, school_id, id_index, row_number() over (partition by school_id order by id) as n"
            " from registration_student)"
            " select gen_random_uuid(), now(), 'accepted', offered.id, there.id, there.id_index, used.id, %s, 28000,"
            " now()"
            " from used join there on there.school_id = used.school_id and there.n > used.before"
            " and there.n <= used.before + used.used_count"
            " join registration_examplanlevel offered on offered.level_id = used.level_id",
            [site.pk],
        )
        return int(cursor.rowcount)

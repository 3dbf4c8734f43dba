"""Sittings, students and entries for tests."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import count
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from onex.accounts.identifiers import check_character
from onex.accounts.models import EvaluationOrg, School
from onex.accounts.tests.factories import an_actor, an_evaluation_org
from onex.catalog.models import AssessmentScheme, CertificateLevel
from onex.common import sheets
from onex.common.actors import Actor, Role, visitor
from onex.pilots.tests.factories import DAY, NOON, a_level
from onex.registration import services
from onex.registration.models import Entry, ExamPlan, ExamPlanLevel, Student
from onex.registration.queries import id_index
from onex.registration.rules.plans import Window
from onex.registration.services.rosters import COLUMNS
from onex.venues.models import ExamSite
from onex.venues.tests.factories import a_pilot_school, a_site, an_org_officer

_serial = count(1)
HOUR = timedelta(hours=1)
AFTERNOON = Window(NOON + 30 * DAY, NOON + 30 * DAY + 4 * HOUR)
MORNING = Window(NOON + 31 * DAY - 6 * HOUR, NOON + 31 * DAY - 2 * HOUR)
OPEN = Window(NOON - DAY, NOON + 10 * DAY)


def an_id_number(serial: int, born: str = "20050901", region: str = "320101") -> str:
    """A synthetic ID number with a right check character; odd serials are male."""
    start = f"{region}{born}{serial % 1000:03d}"
    return start + check_character(start)


def a_scheme(level: CertificateLevel, label: str = "", **values: Any) -> AssessmentScheme:
    """The guide's figures: 60 and 150 minutes, 40 candidates, 30 days."""
    found = AssessmentScheme.objects.filter(level=level, label=label).first()
    numbers = {
        "theory_minutes": 60,
        "theory_full_mark": 100,
        "theory_pass_mark": 60,
        "practical_minutes": 150,
        "practical_full_mark": 100,
        "practical_pass_mark": 60,
        "theory_percent": 50,
        "practical_percent": 50,
        "total_pass_mark": 120,
        "mark_decimals": 1,
        "notice_days": 30,
        "minimum_candidates": 40,
        "entry_opens_minutes": 30,
        "latest_entry_minutes": 15,
        "earliest_hand_in_minutes": 30,
        "closing_grace_seconds": 10,
        "publicity_working_days": 5,
        "resit_valid_months": 0,
        "resit_limit": 0,
    }
    return found or AssessmentScheme.objects.create(
        guide=level.certificate.guide,
        level=level,
        label=label,
        code=f"scheme-{label or 'standard'}",
        name="考核方案",
        theory_sections=[],
        pass_rule="each_part",
        resit_keeps_passed_part=False,
        resit_absence_forfeits=False,
        resit_fee="full",
        set_by_onex=[],
        **numbers | values,
    )


def plan_input(*levels: CertificateLevel, **values: Any) -> services.PlanInput:
    wanted = levels or (a_level(),)
    for level in wanted:
        a_scheme(level, values.get("scheme_label", ""))
    return services.PlanInput(
        **{
            "year": 2026,
            "number": next(_serial),
            "title": "2026 年第八次统考",
            "slots": (AFTERNOON, MORNING),
            "levels": wanted,
            "registration": OPEN,
        }
        | values
    )


def a_draft_plan(*levels: CertificateLevel, organisation: EvaluationOrg | None = None, **values: Any) -> ExamPlan:
    organisation = organisation or an_evaluation_org()
    return services.open_plan(organisation, plan_input(*levels, **values), by=an_org_officer(organisation), at=NOON)


def a_plan_level(level: CertificateLevel | None = None, **values: Any) -> ExamPlanLevel:
    """Announced, and open for entries until ten days from noon."""
    plan = a_draft_plan(level or a_level(), **values)
    return services.move_plan_level(plan.levels.get(), "announce", by=an_org_officer(plan.organisation), at=NOON)


def a_student(school: School, **values: Any) -> Student:
    n = next(_serial)
    number = values.pop("id_number", None) or an_id_number(n % 999 + 1, f"20{n // 999 + 10:02d}0901")
    return Student.objects.create(
        **{
            "school": school,
            "name": "张三",
            "id_number": number,
            "id_index": id_index(number),
            "gender": "male" if int(number[16]) % 2 else "female",
            "birth_on": f"{number[6:10]}-{number[10:12]}-{number[12:14]}",
            "student_no": f"S{n:06d}",
            "entry_year": 2024,
            "major_code": "530701",
            "major_name": "电子商务",
            "class_name": "电商2401",
            "phone": "13800001234",
        }
        | values
    )


def some_students(school: School, number: int, **values: Any) -> list[Student]:
    return [a_student(school, **values) for _ in range(number)]


def an_entered(
    number: int = 1, school: School | None = None, level: CertificateLevel | None = None, **values: Any
) -> list[Entry]:
    """So many students of one school, entered at its own site."""
    level = level or a_level()
    school = school or a_pilot_school(level)
    site = values.pop("site", None) or ExamSite.objects.filter(school=school).first() or a_site(school, (level,))
    plan_level = values.pop("plan_level", None) or a_plan_level(level)
    students = values.pop("students", None) or some_students(school, number)
    return services.register(school, plan_level, students, site, by=an_actor(Role.SCHOOL, school), at=NOON, **values)


ROW = {
    "name": "张三",
    "student_no": "2024010101",
    "entry_year": "2024",
    "major_code": "530701",
    "class_name": "电商2401",
    "phone": "13800001234",
}


def a_row(serial: int, **cells: str) -> dict[str, str]:
    """A right row of the template for one more person."""
    return ROW | {"id_number": an_id_number(serial), "student_no": f"2024{serial:06d}"} | cells


def a_workbook(
    rows: Iterable[Mapping[str, Any]], name: str = "学生名单.xlsx", columns: Any = COLUMNS
) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, sheets.write(columns, [dict(row) for row in rows]))


def opened(upload: SimpleUploadedFile) -> io.BytesIO:
    return io.BytesIO(upload.read())


def a_slip(student: Student, at: Any = NOON) -> services.Slip:
    """The student's activation slip, fresh from the printer."""
    (slip,) = services.issue_slips(
        Student.objects.filter(pk=student.pk), by=an_actor(Role.SCHOOL, student.school), at=at
    )
    return slip


STUDENTS_PASSWORD = "guten-morgen-77"


def an_activated(student: Student, at: Any = NOON) -> Actor:
    """This student with an account of their own, as services know them."""
    token, _ = services.look_at_slip(a_slip(student, at).code, student.name, address="192.0.2.7", at=at)
    user = services.activate(token.pk, STUDENTS_PASSWORD, by=visitor("192.0.2.7"), at=at)
    return Actor(user.pk, user.name, Role.STUDENT, student.school_id, student.school.name)


def a_photo(width: int = 358, height: int = 500, kind: str = "JPEG", name: str = "李思源.jpg") -> SimpleUploadedFile:
    """A picture of these pixels, about 50 KB as a JPEG."""
    stripes = Image.effect_noise((width, height), 40).convert("RGB")
    kept = io.BytesIO()
    stripes.save(kept, kind, quality=70)
    return SimpleUploadedFile(name, kept.getvalue())

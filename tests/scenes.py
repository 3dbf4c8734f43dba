"""What browser stories begin with, built by the product's services in an installation: `python -m tests.scenes`."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sys
from datetime import timedelta
from ipaddress import ip_address
from itertools import count
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onex.config.settings")

import django

django.setup()

from django.urls import reverse  # noqa: E402

from onex.accounts import rules  # noqa: E402
from onex.accounts import services as accounts_  # noqa: E402
from onex.accounts.models import City, Department, Membership, NetworkRange, Organisation, Province, School, User  # noqa: E402
from onex.accounts.queries import actor_in  # noqa: E402
from onex.accounts.services import ensure_operator  # noqa: E402
from onex.accounts.tests import factories as people  # noqa: E402
from onex.catalog.models import CertificateLevel  # noqa: E402
from onex.catalog.services import confirm_majors  # noqa: E402
from onex.certificates import services as certificates  # noqa: E402
from onex.certificates.models import Certificate  # noqa: E402
from onex.certificates.signing import token_for  # noqa: E402
from onex.common import files  # noqa: E402
from onex.common.actors import SYSTEM, Role  # noqa: E402
from onex.common.clock import now, to_ms  # noqa: E402
from onex.common.ids import uuid7  # noqa: E402
from onex.examroom import services as room  # noqa: E402
from onex.examroom.models import Candidate  # noqa: E402
from onex.integrations import services as integrations  # noqa: E402
from onex.integrations.tests import factories as connecting  # noqa: E402
from onex.marking import queries as marking_queries  # noqa: E402
from onex.marking import services as marking  # noqa: E402
from onex.marking.models import MarkingJob  # noqa: E402
from onex.marking.tests.factories import AFTER, a_sat_session  # noqa: E402
from onex.notices import services as notices  # noqa: E402
from onex.notices.rules import MAIL_FAILED  # noqa: E402
from onex.pilots import services as pilots  # noqa: E402
from onex.pilots.models import ApprovalList, PilotApplication  # noqa: E402
from onex.pilots.rules import to_minute  # noqa: E402
from onex.pilots.tests import factories as applying  # noqa: E402
from onex.portal import services as portal  # noqa: E402
from onex.registration import services as registration  # noqa: E402
from onex.registration.models import ExamPlan, Student  # noqa: E402
from onex.registration.rules.plans import Window  # noqa: E402
from onex.registration.tests import factories as entering  # noqa: E402
from onex.results import services as results  # noqa: E402
from onex.sittings import queries  # noqa: E402
from onex.sittings.models import ExamSession  # noqa: E402
from onex.sittings.rules import ticket_number  # noqa: E402
from onex.sittings.tests import factories as seating  # noqa: E402
from onex.venues import services as venues  # noqa: E402
from onex.venues.rules import STAMPED_FORM  # noqa: E402
from onex.venues.tests import factories as sites  # noqa: E402

DAY = timedelta(days=1)
# Factories file at noon of a fixed day, people today: a plan for both was open then.
OPENED = to_minute(min(now(), people.NOON) - DAY)


def numbered_on() -> None:
    """Factories count from one in every process; an installation has rows of earlier scenes."""
    people._number = count(10 * (Organisation.objects.count() + User.objects.count()) + 1)
    entering._serial = count(Student.objects.count() + ExamPlan.objects.count() + 1)


def exam(candidates: int = 1, theory_minutes: int = 60) -> dict[str, Any]:
    """A room of its own with real papers whose theory opens now, everybody admitted; answers tickets and codes.

    The papers are made once in an installation; each call is another session with other people.
    """
    ready = ExamSession.objects.filter(theory_paper__isnull=False, practical_paper__isnull=False, staff__isnull=False)
    made = ready.first() or seating.a_staffed_session(1, school=a_pilot_school_of(people.another_province()))
    package = queries.package_of(made)
    package["session"] |= {"id": str(uuid7()), "starts_at": to_ms(now())}
    package["session"]["rules"] |= {
        "theory_minutes": theory_minutes,
        "latest_entry_minutes": 30,
        "earliest_hand_in_minutes": 0,
    }
    session = package["session"]["id"]
    seats = [
        {"name": f"考生{n}", "ticket_no": ticket_number(2026, n, secrets.randbelow(10**9)), "seat_code": f"{n:06d}"}
        for n in range(1, candidates + 1)
    ]
    package["candidates"] = [
        package["candidates"][0]
        | {"entry": str(uuid7()), "seat_no": n, "name": seat["name"], "ticket_no": seat["ticket_no"]}
        | {"seat_code_hash": _secret(session, seat["seat_code"])}
        for n, seat in enumerate(seats, start=1)
    ]
    staff = [{"name": f"{person['name']}{session[-4:]}", "role": person["role"]} for person in package["staff"]]
    for person, shown in zip(package["staff"], staff, strict=True):
        shown["code"] = f"CODE{session[-4:].upper()}"
        person |= {"name": shown["name"], "secret_hash": _secret(session, shown["code"])}
    room.load_package(package, at=now())
    Candidate.objects.filter(session=session).update(admitted_at=to_ms(now()))
    return {"session": session, "seats": seats, "staff": staff}


def _secret(session: str, code: str) -> str:
    return hashlib.sha256(f"{session}:{code}".encode()).hexdigest()


def a_hat(role: Role, organisation: Organisation | None = None) -> dict[str, Any]:
    """An account in one hat, for signing in."""
    user = people.a_user()
    return another_hat(user.username, role, organisation or ensure_operator("OneX 平台运营").pk)


def another_hat(username: str, role: str, organisation: Any) -> dict[str, Any]:
    """One more hat for this account, at an organisation or one of its key."""
    found = Organisation.objects.get(pk=getattr(organisation, "pk", organisation))
    Membership.objects.create(user=User.objects.get(username=username), role=role, organisation=found)
    return {"username": username, "password": people.PASSWORD, "organisation": found.name}


def person(role: str, organisation: str = "", also: str = "") -> dict[str, Any]:
    """An account in one hat (with `also`, in two): of the first organisation of its kind, or the one named."""
    makers = {"province": people.a_province, "city": people.a_city, "school": people.a_school}
    found = Organisation.objects.filter(name=organisation).first() or makers.get(role, people.an_evaluation_org)()
    account = a_hat(Role(role), found)
    if also:
        another_hat(account["username"], also, found)
    return account


def a_pilot_school_of(province: Province, places: int = 80, **values: Any) -> School:
    """A school of this province whose application for 直播电商（初级） was approved."""
    city = City.objects.filter(province=province).first()
    return sites.a_pilot_school(seating.the_level(), places, province=province, city=city, **values)


def kept(session: str) -> dict[str, Any]:
    """What the room has on disk: current value of every item by ticket and part."""
    from onex.examroom.models import Answer, Attempt

    found: dict[str, Any] = {}
    for attempt in Attempt.objects.filter(candidate__session=session).select_related("candidate"):
        values: dict[str, Any] = {}
        for line in Answer.objects.filter(attempt_id=attempt.pk).order_by("sign_in", "seq"):
            values[line.item] = json.loads(line.body)
        found.setdefault(attempt.candidate.ticket_no, {})[attempt.part] = {
            "values": values,
            "handed_in": attempt.handed_in_at is not None,
        }
    return found


def an_open_plan(
    province: str, batch: int = 1, corrections_days: int = 0, opens_in_days: int = 0, **values: Any
) -> dict[str, Any]:
    """A province whose schools may apply today, with its officer; no account of a school yet.

    What is returned may be corrected for `corrections_days` from now. With `opens_in_days` it is a batch to come.
    """
    row = Province.objects.get(name=province)
    opens_at = to_minute(now()) + opens_in_days * DAY if opens_in_days else OPENED
    if corrections_days:
        values["corrections_until"] = now() + corrections_days * DAY
    values |= {"province": row, "year": now().year, "batch": batch}
    applying.a_plan(opens_at=opens_at, closes_at=to_minute(now()) + (opens_in_days + 9) * DAY, **values)
    return a_hat(Role.PROVINCE, row)


def filed(province: str, schools: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Applications for 直播电商（初级） that wait for this province, one of each school, oldest first."""
    row = Province.objects.get(name=province)
    for name, values in schools.items():
        officer = people.an_actor(Role.SCHOOL, people.a_school(name, province=row))
        own = {"facilities": f"{name}机房 3 间，学生机 150 台，监控全覆盖。"} | values  # words of its own
        draft = applying.a_draft(row.pilot_plans.get(), officer, level=seating.the_level(), **own)
        pilots.move_application(draft, "submit", by=officer, at=now())
    return {}


def closed_now(province: str) -> dict[str, Any]:
    """The windows of this province's plans that are open end at this moment, as the clock would end them."""
    plans = Province.objects.get(name=province).pilot_plans
    plans.filter(opens_at__lte=now()).update(opens_at=now() - DAY, closes_at=now())
    return {}


def city_of(school: str) -> dict[str, Any]:
    """An officer of the city this school is in."""
    return a_hat(Role.CITY, City.objects.get(schools__name=school))


def school(province: str, name: str, majors: dict[str, str] | None = None, approved: int = 0) -> dict[str, Any]:
    """A school with its officer; with `approved` places for 直播电商（初级） by an earlier batch."""
    row = Province.objects.get(name=province)
    city = City.objects.filter(province=row).first()
    made = people.a_school(name, majors, province=row, city=city)
    if approved:
        plan = row.pilot_plans.filter(batch=9).first() or applying.a_plan(
            province=row, year=now().year, batch=9, opens_at=OPENED, closes_at=now() + 9 * DAY
        )
        officer = people.an_actor(Role.SCHOOL, made)
        filled = applying.a_draft(plan, officer, level=seating.the_level(), requested_count=approved)
        pilots.move_application(filled, "submit", by=officer, at=now())
        judge = people.an_actor(Role.PROVINCE, row)
        pilots.move_application(filled, "approve", by=judge, at=now(), approved_count=approved)
    return a_hat(Role.SCHOOL, made)


def levels_of_the_screenshot() -> dict[str, Any]:
    """The certificates of the guide's screenshot beside those of the guide itself; answers its rows.

    直播电商 is awarded under the name of that year, until the guide of the installation is loaded again.
    """
    seating.the_level()
    names = ("certificate", "issuer", "requested", "approved", "used")
    rows = [
        (applying.level_of_the_screenshot(name, level, issuer).name, issuer, *places)
        for name, level, issuer, *places in applying.NINE
    ]
    return {"rows": [dict(zip(names, row, strict=True)) for row in rows]}


def entered(school: str, places: dict[str, int]) -> dict[str, Any]:
    """So many students of the school entered for these levels, at a site of its own that is large enough."""
    found = School.objects.get(name=school)
    principal = people.an_actor(Role.SCHOOL, found)
    levels = {name: CertificateLevel.objects.get(name=name) for name in places}
    site = sites.a_site(found, tuple(levels.values()), machines=max(places.values()))
    for name, n in places.items():
        students = entering.some_students(found, n)
        registration.register(found, an_open_sitting(levels[name]), students, site, by=principal, at=now())
    return {}


def an_open_sitting(level: CertificateLevel | None = None) -> Any:
    """A level of a sitting that takes entries today."""
    level, start = level or seating.the_level(), now() + 40 * DAY
    slots = (Window(start, start + timedelta(hours=4)), Window(start + DAY, start + DAY + timedelta(hours=4)))
    plan = entering.a_draft_plan(level, slots=slots, registration=Window(now() - DAY, now() + 10 * DAY))
    officer = sites.an_org_officer(plan.organisation)
    return registration.move_plan_level(plan.levels.get(), "announce", by=officer, at=now())


def site_and_sitting(school: str) -> dict[str, Any]:
    """What a school needs before it enters anybody: an approved site of its own and a sitting that takes entries."""
    found = School.objects.get(name=school)
    sites.a_site(found, (seating.the_level(),))
    level = an_open_sitting()
    return {"title": level.plan.title, "level": str(level.pk)}


def world() -> dict[str, Any]:
    """Every step of the cycle in the middle of being done, and somebody for each role: no page is empty.

    All of it in 浙江省; answers the accounts by role.
    """
    level, province, organisation = seating.the_level(), people.another_province(), people.an_evaluation_org()
    city = City.objects.filter(province=province).first()
    home = a_pilot_school_of(province, 200, name="钱江职业技术学院")
    principal = people.an_actor(Role.SCHOOL, home)
    _finished(home)
    _waiting_for_marks(home)
    seating.a_staffed_session(2, school=home)
    seating.a_closed_level(2, school=home)
    sites.a_filed_site_application(a_pilot_school_of(province, name="甬江职业技术学院"))
    drafting = a_pilot_school_of(province, name="瓯江职业技术学院")
    venues.attach_file(
        sites.a_site_draft(drafting), STAMPED_FORM, sites.a_pdf(), by=people.an_actor(Role.SCHOOL, drafting), at=now()
    )
    beginning = a_pilot_school_of(province, name="雁荡职业技术学院")
    # before the exam, with the windows of today
    open_level = an_open_sitting()
    site = home.sites.get()
    students = entering.some_students(home, 3)
    registration.register(home, open_level, students[:2], site, by=principal, at=now())
    moved = entering.a_row(
        1, id_number=students[2].id_number, student_no=students[2].student_no, class_name="电商2409"
    )  # is there already, in another class
    rows = [entering.a_row(801), entering.a_row(802, name=""), moved]
    registration.preview_students(home, entering.a_workbook(rows), by=principal, at=now())
    entering.a_draft_plan(level)
    plan = applying.a_plan(
        province=province, year=now().year, batch=2, opens_at=OPENED, closes_at=now() + 9 * DAY,
        requires_city_approval=True,
    )  # fmt: skip
    applying.a_plan("draft", province=province, year=now().year, batch=3)
    closed = applying.a_plan(
        province=province, year=now().year, batch=4, opens_at=now() - 9 * DAY, closes_at=now() - DAY
    )
    draft = applying.a_draft(plan, principal, level=level)
    pilots.add_material(draft, sites.a_pdf("组织管理说明.pdf"), by=principal, at=now())
    for name, move in (("之江职业学院", ""), ("运河职业学院", "pass")):
        other = people.a_school(name, province=province, city=city)
        theirs = people.an_actor(Role.SCHOOL, other)
        filed = applying.a_draft(plan, theirs, level=level)
        pilots.add_material(filed, sites.a_pdf("佐证材料.pdf"), by=theirs, at=now())
        filed = pilots.move_application(filed, "submit", by=theirs, at=now())
        if move:
            pilots.move_application(filed, move, by=people.an_actor(Role.CITY, city), at=now())
            if move == "pass":
                _decided_many(province, city, filed)
    codes = {"school_code": f"41330{secrets.randbelow(10**5):05d}", "credit_code": _credit_code(province.code)}
    people.a_submitted_registration(province=province, city=city, **codes)
    seating.an_author()
    own: dict[Role, Organisation] = {Role.PROVINCE: province, Role.CITY: city}
    own |= dict.fromkeys((Role.SCHOOL, Role.REGISTRAR, Role.TEACHER, Role.STUDENT), home)
    own |= dict.fromkeys((Role.SITE_MANAGER, Role.SITE_INVIGILATOR, Role.TECH), site.unit)
    belongs = own | dict.fromkeys(rules.HATS[rules.OrganisationKind.EVALUATION_ORG], organisation)
    accounts = {
        role.value: a_hat(role, belongs.get(role) or people.an_organisation_for(role)) for role in people.PEOPLE
    }
    pupil = _with_an_account(accounts["student"]["username"], principal)
    _kept_by(home, principal, "203.0.113.0/28", students[2])
    _sent_back(beginning, province)
    _kept_by(beginning, people.an_actor(Role.SCHOOL, beginning), "203.0.113.16/28", entering.a_student(beginning))
    for asking in (pupil, actor_in(Membership.objects.get(user__username=accounts["learner"]["username"]))):
        portal.file_own_erasure(User.objects.get(pk=asking.user_id), "以后不再使用", by=asking, at=now())
    for unit, spot in ((site.unit, "203.0.113.32"), (organisation, "203.0.113.33")):
        first = rules.hex_of(ip_address(spot))
        NetworkRange.objects.create(organisation_id=unit.pk, cidr=f"{spot}/32", label="", first=first, last=first)
    approved = home.pilot_applications.filter(state="approved").first()
    files.attach(approved, "material", sites.a_pdf("佐证材料.pdf"), by=principal, at=now())
    invited = User.objects.get(username=accounts["school"]["username"])
    Membership.objects.create(
        user=invited, role=Role.SITE_MANAGER, organisation=site.unit, is_active=False, invited_at=now()
    )
    _told(accounts)
    _connected(accounts)
    mapped = [one.major for one in level.level_majors.filter(is_draft=True)[:1]]
    confirm_majors(level, mapped, note="已核对", by=sites.an_org_officer(organisation), at=now())
    accounts["school with a draft"] = a_hat(Role.SCHOOL, drafting)
    accounts["school without a site"] = a_hat(Role.SCHOOL, beginning)
    accounts["two hats"] = person(Role.ASSESSOR, also=Role.AUTHOR)
    _, token = people.a_registration(province=province, city=city)
    return accounts | {
        "approval_list": reverse("pilots:approval-list-detail", args=[ApprovalList.objects.latest("at").pk]),
        "closed_plan": reverse("pilots:application-create", args=[closed.pk]),
        "registration": reverse("accounts:registration-status", args=[token]),
        "slip": _slip_of(students[2], principal),
        **_mailed(),
        "qr": reverse("certificates:verify-qr", args=[token_for(Certificate.objects.latest("created_at").number)]),
    }


def _decided_many(province: Province, city: City, passed: PilotApplication) -> None:
    """A preview of decisions of each reviewing office, and a list of approvals under its number."""
    judge = people.an_actor(Role.PROVINCE, province)
    pilots.preview_ticked([passed], "approve", "", by=judge, at=now())
    at_city = passed.plan.applications.filter(state="city_review")
    pilots.preview_ticked(list(at_city), "pass", "", by=people.an_actor(Role.CITY, city), at=now())
    plan = province.pilot_plans.filter(applications__state="approved").first()
    pilots.issue_list(
        plan, document_no="教职成函〔2026〕1号", title="试点院校名单", issued_on=now().date(), only_new=False,
        by=judge, at=now(),
    )  # fmt: skip


def _with_an_account(username: str, principal: Any) -> Any:
    """The student of a certificate has this account, and a photo; answers them as the product knows them."""
    student = Certificate.objects.latest("created_at").result.entry.student
    user = User.objects.get(username=username)
    Student.objects.filter(pk=student.pk).update(user=user, account=username)
    registration.set_photo(student, entering.a_photo(), by=principal, at=now())
    return actor_in(Membership.objects.get(user=user, role=Role.STUDENT))


def _told(accounts: dict[str, dict[str, Any]]) -> None:
    """Everybody has a notice, from somebody who sees who has read it."""
    everybody = [User.objects.get(username=account["username"]) for account in accounts.values()]
    values = {"day": now().date(), "count": 3}
    for sender in ("province", "city", "org", "site_reviewer", "school", "operator"):
        hat = Membership.objects.get(user__username=accounts[sender]["username"], role=sender)
        about: dict[str, Any] = {"values": values, "by": actor_in(hat), "at": now(), "link": reverse("notices:inbox")}
        if sender == "operator":
            notices.tell_people(MAIL_FAILED.code, users=everybody, also_self=True, **about)
        else:
            organisation = Organisation.objects.get(pk=hat.organisation_id)
            notices.tell(MAIL_FAILED.code, organisation=organisation, roles=[Role(sender)], also_self=True, **about)


def _kept_by(school: School, principal: Any, cidr: str, leaving: Student) -> None:
    """What a school keeps besides students: its addresses, departments, requests to its province and for its people."""
    accounts_.add_network(school, cidr, "实训楼机房", by=principal, at=now())
    Department.objects.create(school=school, name="商贸学院")
    people.a_change(by=principal)
    portal.file_erasure(leaving, "退学，申请删除", by=principal, at=now())


def _sent_back(school: School, province: Province) -> None:
    """A change of the school's administrator that the province gave back."""
    change = people.a_change(rules.ChangeKind.ADMINISTRATOR, by=people.an_actor(Role.SCHOOL, school))
    accounts_.move_change(change, "return", by=people.an_actor(Role.PROVINCE, province), at=now(), note="缺少任命文件")


def _connected(accounts: dict[str, Any]) -> None:
    """A token and a receiver, with something on its way, of every hat that has programs of its own."""
    for role in (Role.PROVINCE, Role.SCHOOL, Role.ORG, Role.OPERATOR):
        hat = Membership.objects.select_related("user", "organisation").get(
            user__username=accounts[role.value]["username"], role=role
        )
        connecting.a_token(actor_in(hat))
        receiver, _ = connecting.an_endpoint(actor_in(hat))
        integrations.ping(receiver, by=actor_in(hat), at=now())


def _slip_of(student: Student, principal: Any) -> dict[str, str]:
    (slip,) = registration.issue_slips(Student.objects.filter(pk=student.pk), by=principal, at=now())
    return {"code": slip.code, "name": student.name}


def _mailed() -> dict[str, str]:
    """The once-only links that two people were sent."""
    ways = {
        "activate": ("accounts:activate", rules.TokenPurpose.ACTIVATE),
        "reset": ("accounts:password-reset", rules.TokenPurpose.RESET),
    }
    return {
        name: reverse(way, args=[accounts_.issue_token(purpose, people.a_user(), by=SYSTEM, at=now())])
        for name, (way, purpose) in ways.items()
    }


def _credit_code(region: str) -> str:
    stem = f"12{region}{secrets.randbelow(10**13):013d}"
    return stem + people.credit_check_character(stem)


def _finished(home: School) -> None:
    """A sitting from its entries to its certificates; one never came."""
    session = a_sat_session(3, absent=1, school=home)
    officer = sites.an_org_officer()
    marking.collect(session, by=officer, at=AFTER)
    assessor = people.an_actor(Role.ASSESSOR, people.an_evaluation_org())
    for job in MarkingJob.objects.filter(script__session=session):
        criteria = marking_queries.scores_of(job.script)[job.item].needs_examiner
        marking.mark(job, {one.id: one.points for one in criteria}, by=assessor, at=AFTER)
    session.plan_level.refresh_from_db()
    release = results.publicise(results.compute(session.plan_level, by=officer, at=AFTER), by=officer, at=AFTER)
    release = results.release(release, by=officer, at=release.ends_at)
    certificates.issue_due(release, by=officer, at=AFTER)


def _waiting_for_marks(home: School) -> None:
    marking.collect(a_sat_session(2, school=home), by=sites.an_org_officer(), at=AFTER)


SCENES = {
    one.__name__: one
    for one in (
        exam,
        person,
        kept,
        an_open_plan,
        filed,
        closed_now,
        city_of,
        levels_of_the_screenshot,
        entered,
        school,
        site_and_sitting,
        another_hat,
        world,
    )
}

if __name__ == "__main__":
    numbered_on()
    print(json.dumps([SCENES[name](**wishes) for name, wishes in json.loads(sys.argv[1])]))

"""Abuse across tenants (trust.md A.6 02, 03): another province, another evaluation organisation, the own application.

Two evaluation organisations with data of their own: every address of the cycle's apps is tried by every hat of the one
with the rows of the other. An address that is added later is tried without anybody thinking of it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
import python_calamine
from django.apps import apps
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pypdf import PdfReader

from onex.accounts.models import EvaluationOrg, Organisation
from onex.accounts.rules import HATS, OrganisationKind
from onex.accounts.tests.factories import a_school, an_actor, an_evaluation_org, another_province, signed_in_as
from onex.bank.models import Item, Paper
from onex.catalog.models import WorkTask
from onex.catalog.tests.factories import the_guide
from onex.certificates import services as certificates
from onex.common.actors import Actor, Role
from onex.common.models import Trace
from onex.common.text import Refused
from onex.marking.tests.factories import AFTER
from onex.pilots import services as pilots
from onex.pilots.models import PilotApplication
from onex.pilots.rules import ApplicationState
from onex.pilots.tests.factories import (
    NOON,
    a_certificate,
    a_filed_application,
    a_level,
    a_plan,
    a_province_officer,
    an_approved_application,
)
from onex.portal.tests import printed
from onex.registration import services as registration
from onex.registration.models import ExamPlan
from onex.registration.tests.factories import a_draft_plan, a_scheme, plan_input, some_students
from onex.results.tests.factories import a_released
from onex.venues import services as venues
from onex.venues.models import ExamSite
from onex.venues.rules import STAMPED_FORM
from onex.venues.tests.factories import ROOMS, WORDS, a_filed_site_application, a_pdf, an_org_officer, approved

pytestmark = pytest.mark.django_db(databases=["default", "room"])
CYCLE = ("pilots", "venues", "bank", "registration", "sittings", "marking", "results", "certificates")
TENANT_HATS = HATS[OrganisationKind.EVALUATION_ORG]


def the_first() -> EvaluationOrg:
    """A tenant whose first sitting has gone all the way to certificates, with more of everything on the way."""
    release = a_released(1)
    officer = an_org_officer(release.plan_level.plan.organisation)
    certificates.issue_due(release, by=officer, at=AFTER)
    a_filed_site_application()
    a_draft_plan(release.plan_level.level, title="甲方草稿统考")
    ExamPlan.objects.filter(pk=release.plan_level.plan_id).update(title="甲方首次统考")
    tenant = release.plan_level.plan.organisation
    for name, rows in (("甲方院校", tenant.sites), ("甲方待批院校", tenant.site_applications)):
        for row in rows.all():
            type(row).objects.filter(pk=row.pk).update(name=f"{name}考点")
            type(row.school).objects.filter(pk=row.school_id).update(name=name)
    return EvaluationOrg.objects.get(pk=tenant.pk)


def the_second() -> EvaluationOrg:
    """Another tenant with a certificate of its own, up to accepted entries and a paper."""
    the_guide()
    tenant = an_evaluation_org("999999998")
    Organisation.objects.filter(pk=tenant.pk).update(name="乙方评价组织")
    certificate = a_certificate("900", "乙方职业技能等级证书")
    type(certificate).objects.filter(pk=certificate.pk).update(issuer=tenant)
    certificate.refresh_from_db()
    level = a_level(1, certificate)
    school = a_school("乙方院校")
    officer, org = an_actor(Role.SCHOOL, school), an_org_officer(tenant)
    plan = school.province.pilot_plans.filter(state="published").first() or a_plan()
    an_approved_application(50, plan=plan, officer=officer, level=level)
    application = venues.create_application(
        school, tenant, venues.ApplicationInput(**WORDS | {"name": "乙方院校考点"}), [level], ROOMS, by=officer, at=NOON
    )
    venues.attach_file(application, STAMPED_FORM, a_pdf(), by=officer, at=NOON)
    approved(venues.move_application(application, "submit", by=officer, at=NOON), org)
    site = ExamSite.objects.get(application=application)
    a_scheme(level)
    sitting = registration.open_plan(tenant, plan_input(level, title="乙方统考"), by=org, at=NOON)
    plan_level = registration.move_plan_level(sitting.levels.get(), "announce", by=org, at=NOON)
    students = some_students(school, 2, name="乙方考生")
    registration.register(school, plan_level, students, site, by=officer, at=NOON)
    registration.open_plan(tenant, plan_input(level, title="乙方草稿统考"), by=org, at=NOON)
    paper = Paper.objects.create(organisation=tenant, level=level, part="theory", number=1, title="乙方 1 号卷")
    task = WorkTask.objects.first()
    Item.objects.create(
        organisation=tenant, level=level, task=task, code="YF-1", kind="single", title="乙方试题", points=1,
        difficulty=1, content={"code": "YF-1"},
    )  # fmt: skip
    assert paper.pk
    return tenant


def belongs(row: Any, tenant: EvaluationOrg) -> bool:
    """Whether this row of the cycle is this tenant's, asked of the row itself, not of a permit."""
    for path in (
        "organisation_id",
        "plan.organisation_id",
        "plan_level.plan.organisation_id",
        "session.plan_level.plan.organisation_id",
        "script.session.plan_level.plan.organisation_id",
        "release.plan_level.plan.organisation_id",
        "result.release.plan_level.plan.organisation_id",
        "site.organisation_id",
        "application.organisation_id",
        "level.certificate.issuer_id",
        "paper.organisation_id",
        "section.paper.organisation_id",
    ):
        found = row
        for name in path.split("."):
            found = getattr(found, name, None)
        if found is not None:
            return bool(found == tenant.pk)
    return False


def rows_of(app: str, tenant: EvaluationOrg) -> list[Model]:
    """One row of each kind in this app that is the tenant's."""
    found = []
    for model in apps.get_app_config(app).get_models():
        row = next((row for row in model._base_manager.all()[:20] if belongs(row, tenant)), None)
        if row is not None:
            found.append(row)
    return found


def addresses(app: str) -> Iterator[tuple[str, list[str]]]:
    """The app's addresses: name and arguments."""
    resolver = next(one for one in get_resolver().url_patterns if getattr(one, "namespace", "") == app)
    for pattern in _all(resolver):
        yield f"{app}:{pattern.name}", list(pattern.pattern.converters)


def _all(resolver: URLResolver) -> Iterator[URLPattern]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from _all(one)
        else:
            yield one


def tried(client: Client, name: str, args: list[str], row: Model) -> Iterator[tuple[str, int]]:
    given = {arg: str(row.pk) if arg in ("pk", "plan", "file") else "approve" for arg in args}
    url = reverse(name, kwargs=given)
    yield f"GET {url}", client.get(url).status_code
    yield f"POST {url}", client.post(url, {"note": "理由", "move": "approve"}).status_code


def done() -> int:
    """How much was done to anything; who was turned away stands in the log as well."""
    return Trace.objects.exclude(subject_type="").exclude(verb__in=("denied", "alarm")).count()


@pytest.mark.walk
@pytest.mark.walk
def test_abuse_03_no_hat_of_one_organisation_opens_or_moves_anything_of_the_other() -> None:
    first, second = the_first(), the_second()
    wrong, count = [], 0
    before = done()
    for mine, theirs in ((first, second), (second, first)):
        for role in TENANT_HATS:
            client = signed_in_as(Client(), an_actor(role, mine))
            for app in CYCLE:
                rows = rows_of(app, theirs)
                for name, args in addresses(app):
                    # A published plan is for everybody to see; a QR code is the public's.
                    if not args or name.startswith(("pilots:plan", "certificates:verify")):
                        continue
                    for row in rows:
                        for what, status in tried(client, name, args, row):
                            count += 1
                            if status not in (403, 404, 405):
                                wrong.append(f"{role} {what}: {status}")
    assert wrong == []
    assert count > 1000
    assert done() == before


@pytest.mark.walk
@pytest.mark.walk
def test_abuse_03_no_list_and_no_export_names_anything_of_the_other() -> None:
    first, second = the_first(), the_second()
    named = set()
    for mine, own, other in ((first, "甲方", "乙方"), (second, "乙方", "甲方")):
        for role in TENANT_HATS:
            client = signed_in_as(Client(), an_actor(role, mine))
            for app in CYCLE:
                for name, args in addresses(app):
                    if args or name == "certificates:verify":
                        continue
                    shown = words_of(client.get(reverse(name)))
                    assert other not in shown, f"{role} {name}"
                    named |= {(name, own)} if own in shown else set()
                    if role == Role.ORG:
                        found = words_of(client.get(reverse(name), {"q": other})).replace(f"?q={other}", "")
                        assert other not in found, f"{role} {name}?q={other}"
            assert other not in words_of(client.get(reverse("portal:desk")))
    # The same words do stand in the lists of those they belong to.
    lists = ("registration:plan-list", "registration:entry-list", "registration:fee-export", "venues:site-list")
    for own in ("甲方", "乙方"):
        assert {(name, own) for name in lists} <= named


def words_of(answer: Any) -> str:
    """What a page, a printed list or a workbook says; nothing for one that is refused."""
    if answer.status_code != 200:
        return ""
    if answer["Content-Type"].startswith("text/html"):
        return printed.text_of(answer.content.decode())
    body = answer.getvalue()
    if answer["Content-Type"] == "application/pdf":
        return "".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    return "".join(cells_of(body))


def cells_of(book: bytes) -> list[str]:
    """Every cell of a workbook."""
    sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0)
    return [str(cell) for line in sheet.to_python() for cell in line]


def test_abuse_03_the_walk_would_notice_an_open_door() -> None:
    first, second = the_first(), the_second()
    own = signed_in_as(Client(), an_actor(Role.ORG, second))
    found = [status for name, args in addresses("venues") if args == ["pk"] and "detail" in name
             for row in rows_of("venues", second) for _, status in tried(own, name, args, row)]  # fmt: skip
    assert 200 in found
    for app in CYCLE[1:4]:
        assert rows_of(app, first), app
        assert rows_of(app, second), app
    assert {type(row).__name__ for app in CYCLE for row in rows_of(app, first)} >= {
        "ExamSite", "Paper", "Item", "ExamPlan", "Entry",
        "ExamSession", "Seat", "Script", "ResultRelease", "Certificate",
    }  # fmt: skip


def test_abuse_03_an_organisation_sees_of_pilots_only_what_was_approved_for_its_own_certificates() -> None:
    tenant = the_second()
    plan = PilotApplication.objects.get(level__certificate__issuer=tenant).plan
    waiting = a_filed_application(plan, an_actor(Role.SCHOOL, a_school("丙方院校")))
    client = signed_in_as(Client(), an_actor(Role.ORG, tenant))
    page = printed.text_of(client.get(reverse("pilots:application-list")).content.decode())
    assert "乙方职业技能等级证书" in page
    assert "丙方院校" not in page
    assert client.get(reverse("pilots:application-detail", args=[waiting.pk])).status_code == 404


def test_abuse_03_nothing_of_another_organisations_certificate_can_be_made() -> None:
    from onex.bank import services as bank
    from onex.sittings.tests.factories import the_level

    theirs, tenant = the_level(), an_evaluation_org("999999998")
    org, author, assembler = (an_actor(role, tenant) for role in (Role.ORG, Role.AUTHOR, Role.ASSEMBLER))
    with pytest.raises(Refused):
        registration.open_plan(tenant, plan_input(theirs), by=org, at=NOON)
    with pytest.raises(Refused, match="不是该证书的培训评价组织"):
        bank.import_items(theirs, [{"code": "X"}], by=author, at=NOON)
    with pytest.raises(Refused, match="不是该证书的培训评价组织"):
        bank.assemble_theory(theirs, seed=1, by=assembler, at=NOON)


# --- provinces and schools -----------------------------------------------------------------------------------------


def test_abuse_02_a_province_does_nothing_to_another_provinces_applications_and_plans() -> None:
    plan = a_plan()
    row = a_filed_application(plan)
    stranger = an_actor(Role.PROVINCE, another_province())
    client = signed_in_as(Client(), stranger)
    for name, args in addresses("pilots"):
        if args:
            for target in (row, plan):
                for what, status in tried(client, name, args, target):
                    assert status in (403, 404, 405), f"{what}: {status}"
    for move in ("approve", "return", "reject"):
        with pytest.raises(Refused, match="无权办理"):
            pilots.move_application(row, move, by=stranger, at=NOON, note="理由", approved_count=1)
    row.refresh_from_db()
    assert row.state == ApplicationState.PROVINCE_REVIEW


@pytest.mark.parametrize("role", HATS[OrganisationKind.SCHOOL])
def test_abuse_02_no_hat_of_a_school_approves_the_schools_own_application(role: Role) -> None:
    row = a_filed_application(a_plan())
    own = an_actor(role, row.school)
    client = signed_in_as(Client(), own)
    for move in ("approve", "pass", "return"):
        answer = client.post(
            reverse("pilots:application-move", args=[row.pk, move]), {"note": "理由", "approved_count": "80"}
        )
        assert answer.status_code in (403, 404, 409)
        with pytest.raises(Refused):
            pilots.move_application(row, move, by=own, at=NOON, note="理由", approved_count=80)
    row.refresh_from_db()
    assert (row.state, row.approved_count) == (ApplicationState.PROVINCE_REVIEW, None)
    site = a_filed_site_application()
    with pytest.raises(Refused):
        venues.move_application(site, "approve", by=Actor(own.user_id, own.name, role, site.school_id), at=NOON)


def test_abuse_02_who_wears_both_hats_still_acts_in_one() -> None:
    """A provincial officer who also administers a school approves as the province, never as the school."""
    row = a_filed_application(a_plan())
    officer = a_province_officer(row.plan)
    school_hat = Actor(officer.user_id, officer.name, Role.SCHOOL, row.school_id)
    with pytest.raises(Refused, match="无权办理"):
        pilots.move_application(row, "approve", by=school_hat, at=NOON, approved_count=10)

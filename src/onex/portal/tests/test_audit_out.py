"""What leaves the platform, and who is told: every export is traced, every print has its chip, every alarm is shown."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from onex.accounts import middleware
from onex.accounts.tests.factories import (
    NOON,
    a_registration,
    a_school,
    an_actor,
    an_operator,
    an_organisation_for,
    signed_in_as,
)
from onex.common import reveal
from onex.common.actors import Actor, Role
from onex.common.models import Trace
from onex.common.permits import PERMITS
from onex.notices.tests import factories as telling
from onex.pilots import decision_sheet
from onex.pilots import services as pilots
from onex.pilots.tests import factories as applying
from onex.pilots.tests.test_batches import a_sheet as told_in_sheet
from onex.pilots.tests.test_batches import told as telling_line
from onex.portal.queries import audit as queries
from onex.portal.rules import verb_word
from onex.portal.tests.test_audit import LOG, a_trace, as_auditor, as_security, only, sheet_of, text_of, traced_verbs
from onex.registration import services as registration
from onex.registration.tests.factories import a_photo, a_row, a_student, a_workbook
from onex.results.tests.factories import a_released

pytestmark = pytest.mark.django_db(databases=["default", "room"])


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "now", lambda: NOON)


def addresses(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLPattern):
            yield f"{namespace}{one.name}", one
        else:
            yield from addresses(one, f"{one.namespace}:" if one.namespace else namespace)


def is_export(name: str, pattern: URLPattern) -> bool:
    """Named so, or a view that hands its rows to common.exports."""
    view = inspect.unwrap(pattern.callback)
    return name.endswith("export") or (inspect.isfunction(view) and "exports.respond(" in inspect.getsource(view))


EXPORTS = {name: one for name, one in addresses() if name and is_export(name, one)}
PERSONS = {"portal:my-data-export", "portal:student-export"}  # one person's own copy: a verb of its own


ASKED = {"pilots:oversight-export": {"by": "year"}}  # which table


def a_row_of(name: str) -> tuple[Actor, Model | None]:
    """Who may export there, and the row that the address is about."""
    if name == "results:release-export":
        release = a_released(1)
        return an_actor(Role.ORG, release.plan_level.plan.organisation), release
    if name in ("registration:import-errors", "registration:import-changes"):
        school = a_school()
        actor = an_actor(Role.SCHOOL, school)
        return actor, registration.preview_students(school, a_workbook([a_row(1, name="")]), by=actor, at=NOON)
    if name == "notices:sending-export":
        school = a_school()
        an_actor(Role.SCHOOL, school)
        by = an_actor(Role.PROVINCE, school.province)
        return by, telling.a_sending(school, by=by)
    if name == "pilots:batch-errors":
        officer, row = applying.a_province_officer(), applying.a_filed_application()
        sheet = told_in_sheet([telling_line(row, "通过", 999)])
        return officer, pilots.preview_sheet(sheet, decision_sheet.READ, by=officer, at=NOON)
    if name == "pilots:mapping-export":
        level = applying.a_level()
        return an_actor(Role.ORG, level.certificate.issuer), level
    if name == "pilots:places-lines":
        row = applying.an_approved_application()
        return applying.a_province_officer(), row
    role = next(role for role in PERMITS[EXPORTS[name].callback.permit].reaches if role != Role.SYSTEM)
    organisation = an_organisation_for(role)
    return an_actor(role, organisation), organisation if name == "accounts:person-export" else None


def test_every_address_that_exports_is_known_by_the_way_it_exports() -> None:
    for name in ("registration:student-export", "accounts:change-export", "registration:import-errors"):
        assert name in EXPORTS
    assert set(EXPORTS) >= PERSONS


@pytest.mark.parametrize("name", sorted(set(EXPORTS) - PERSONS))
def test_every_export_is_one_trace_and_says_in_the_file_who_took_it(name: str) -> None:
    actor, row = a_row_of(name)
    url = reverse(name, args=[row.pk] if row else [])
    asked = {"q": "张"} | ASKED.get(name, {})
    answer = signed_in_as(Client(), actor).get(url, asked | {"page": "2"})
    assert answer.status_code == 200
    trace = only("export")
    assert (trace.actor_id, trace.data["filters"], trace.data["path"]) == (actor.user_id, asked, url)
    data, about = sheet_of(answer)
    assert trace.data["count"] == len(data) - 1 or name == "registration:fee-export"
    assert ["导出人", actor.label] in about
    assert ["记录编号", str(trace.pk)] in about


@pytest.mark.parametrize("name", sorted(PERSONS))
def test_a_copy_of_a_persons_data_is_one_trace_about_them(name: str) -> None:
    school = a_school()
    actor = an_actor(Role.SCHOOL, school)
    student = a_student(school) if EXPORTS[name].pattern.converters else None
    answer = signed_in_as(Client(), actor).post(reverse(name, args=[student.pk] if student else []))
    assert answer.status_code == 200
    trace = only("export_person")
    assert (trace.actor_id, trace.subject_id) == (actor.user_id, student.pk if student else actor.user_id)


# --- prints and looks at personal data


def test_the_chip_of_what_leaves_holds_every_verb_of_the_program_that_exports_or_prints() -> None:
    leaves = {verb for _, verb in traced_verbs() if verb.startswith(("export", "print", "issue_slip"))}
    assert {"export", "export_person", "print", "print_tickets", "print_room_list", "issue_slips"} <= leaves
    for verb in (*leaves, "view", "issue"):
        a_trace(verb=verb)
    found = queries.traces_found(Trace.objects.all(), queries.Asked(kind="out"))
    assert set(found.values_list("verb", flat=True)) == leaves


def test_a_look_at_a_students_photo_is_traced_and_stands_in_no_timeline() -> None:
    school = a_school()
    student, actor = a_student(school), an_actor(Role.SCHOOL, school)
    registration.set_photo(student, a_photo(), by=actor, at=NOON)
    client = signed_in_as(Client(), actor)
    assert client.get(reverse("registration:student-photo", args=[student.pk])).status_code == 200
    trace = only("view_photo")
    assert (trace.subject_id, trace.actor_id) == (student.pk, actor.user_id)
    word = str(verb_word("view_photo"))
    assert word not in text_of(client.get(reverse("registration:student-detail", args=[student.pk])))
    assert word in text_of(as_auditor().get(LOG))


def test_the_application_form_that_strangers_may_print_by_its_secret_is_traced() -> None:
    row, token = a_registration()
    client = Client(REMOTE_ADDR="10.2.3.4")
    assert client.get(reverse("accounts:registration-print", args=[token])).status_code == 200
    trace = only("print")
    assert (trace.subject_id, trace.address, trace.actor_id) == (row.pk, "10.2.3.4", None)
    assert str(verb_word("print", trace.subject_type)) == "打印申请表"


# --- alarms


def test_who_reveals_too_many_numbers_raises_an_alarm_that_auditor_and_security_see() -> None:
    student = a_student(a_school())
    client = signed_in_as(Client(), an_actor(Role.SCHOOL, student.school))
    address = reverse("registration:student-reveal", args=[student.pk, "phone"])
    for _ in range(reveal.DOOR.limits[0].most + 1):
        client.post(address, {"note": "电话联系本人"})
    alarm = only("alarm")
    for watcher in (as_auditor(), as_security()):
        page = text_of(watcher.get(LOG, {"kind": "alarm"}))
        assert f"/audit/{alarm.pk}/" in page
        assert "频繁查看完整个人信息" in page
        assert "条告警" in text_of(watcher.get(LOG))


def test_an_alarm_of_an_earlier_version_is_still_read_as_one() -> None:
    old = a_trace(verb="reveal_alarm", outcome="denied", data={"field": "phone"})
    for watcher in (as_auditor(), as_security()):
        page = text_of(watcher.get(LOG, {"kind": "alarm"}))
        assert f"/audit/{old.pk}/" in page
        assert "频繁查看完整个人信息" in page
    auditor = an_actor(Role.AUDITOR, an_operator())
    assert queries.alarm_count(auditor, NOON) == 1

"""What the log keeps of everyday work, who may read it, and how much leaves by exports: abuse cases 01, 34 and 36."""

from __future__ import annotations

import ast
import io
import re
import zipfile
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from onex.accounts import middleware
from onex.accounts.tests.factories import (
    NOON,
    PASSWORD,
    a_hat,
    a_school,
    a_user,
    an_actor,
    an_evaluation_org,
    an_operator,
    an_organisation_for,
    signed_in_as,
)
from onex.bank.models import Item, Paper
from onex.certificates import services as certificates
from onex.certificates.models import Certificate
from onex.common import audit_chain, audit_guard, exports
from onex.common.actors import Actor, Role
from onex.common.ids import uuid7
from onex.common.models import Trace
from onex.common.moves import leave_trace
from onex.common.tests.tampering import as_owner_of_the_database, cut_out, some_traces
from onex.common.workflow import FLOWS
from onex.config.env import ROOT
from onex.examroom import services as room
from onex.examroom.models import Attempt, Candidate, RoomSession
from onex.examroom.queries import staff_member
from onex.examroom.rules import Part
from onex.marking import queries as marks
from onex.marking import services as marking
from onex.marking.models import MarkingJob
from onex.marking.tests.factories import AFTER, a_sat_session
from onex.portal.queries import audit as queries
from onex.portal.rules import verb_word
from onex.registration.models import Student
from onex.registration.tests.factories import a_student, some_students
from onex.results.tests.factories import a_released
from onex.sittings import services as sittings
from onex.sittings.tests.factories import LATER, a_published_session, an_author, frozen_papers, the_level
from onex.venues.tests.factories import an_org_officer

pytestmark = pytest.mark.django_db(databases=["default", "room"])
LOG = "/audit/"


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "now", lambda: NOON)


def as_auditor() -> Client:
    return signed_in_as(Client(), an_actor(Role.AUDITOR, an_operator()))


def as_security() -> Client:
    return signed_in_as(Client(), an_actor(Role.SECURITY_ADMIN, an_operator()))


def as_school(school: Any) -> Client:
    return signed_in_as(Client(), an_actor(Role.SCHOOL, school))


def text_of(answer: Any) -> str:
    raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(raw.decode())


def a_trace(n: int = 0, **told: Any) -> Trace:
    who = told.pop("by", None) or Actor(
        uuid7(), f"周敏{n}", Role.SCHOOL, uuid7(), "南京第一职业技术学院", address="10.1.2.3"
    )
    return leave_trace(None, told.pop("verb", "export"), by=who, at=told.pop("at", NOON) - timedelta(minutes=n), **told)


def only(verb: str, **lookup: Any) -> Trace:
    (trace,) = Trace.objects.filter(verb=verb, **lookup)
    return trace


# --- in whose words


VERB_AT = {"leave_trace": 1, "move": 2}  # which argument of a call is the verb


def traced_verbs() -> set[tuple[str, str]]:
    """Every verb that is written in a call of leave_trace or move, however it is called, or that a workflow has; with
    the app that says it."""
    found = {(code.split(".")[0], move.name) for code, flow in FLOWS.items() for move in flow.moves}
    for file in (ROOT / "src" / "onex").rglob("*.py"):
        if "tests" in file.parts:
            continue
        path = file.relative_to(ROOT / "src").with_suffix("").parts
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            place = VERB_AT.get(_called(node), 99) if isinstance(node, ast.Call) else 99
            if isinstance(node, ast.Call) and len(node.args) > place:
                found |= {(path[1], word) for word in _words(node.args[place], ".".join(path))}
    return found


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _words(verb: ast.expr, module: str) -> set[str]:
    """The verbs that an argument can be: words as they stand, and names of constants of its module."""
    asked = {node for one in ast.walk(verb) if isinstance(one, ast.IfExp) for node in ast.walk(one.test)}
    found = set()
    for one in ast.walk(verb):
        if isinstance(one, ast.Constant) and one not in asked:
            found.add(one.value)
        elif isinstance(one, ast.Name) and one.id.isupper():
            found.add(getattr(import_module(module), one.id))
    return {one for one in found if isinstance(one, str)}


def test_the_log_has_a_word_for_everything_that_is_traced() -> None:
    verbs = traced_verbs()
    # bare, of a module, by a constant's name, in a choice, a literal move, and a move of a table
    for known in (
        ("accounts", "unlock"),
        ("bank", "assemble"),
        ("common", "export"),
        ("venues", "suspend"),
        ("marking", "mark"),
        ("portal", "withdraw"),
    ):
        assert known in verbs
    assert [f"{app}: {verb}" for app, verb in sorted(verbs) if verb_word(verb, f"{app}.row") == verb] == []


# --- who reads it


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.AUDITOR, Role.SECURITY_ADMIN, Role.SYSTEM)])
def test_nobody_else_reads_the_log(role: Role) -> None:
    client = signed_in_as(Client(), an_actor(role, an_organisation_for(role)))
    trace = a_trace()
    for address in (LOG, "/audit/export/", f"/audit/{trace.pk}/"):
        assert client.get(address).status_code == 403
    assert Client().get(LOG).status_code == 302


def test_the_security_administrator_sees_the_door_and_nothing_of_the_work() -> None:
    door = a_trace(verb="sign_in", outcome="failed")
    work = a_trace(verb="export")
    client = as_security()
    page = text_of(client.get(LOG))
    assert str(door.pk) in page
    assert str(work.pk) not in page
    assert client.get(f"/audit/{door.pk}/").status_code == 200
    assert str(work.pk) not in str(sheet_of(client.get("/audit/export/"))[0])
    assert client.get(f"/audit/{work.pk}/").status_code == 404


def test_an_auditor_changes_nothing() -> None:
    client = as_auditor()
    trace = a_trace()
    for method in ("post", "put", "delete", "patch"):
        getattr(client, method)(f"/audit/{trace.pk}/", {"note": "x"})
    assert Trace.objects.get(pk=trace.pk).note == ""


def sheet_of(answer: Any) -> tuple[list[list[Any]], list[list[Any]]]:
    """The data and the last sheet of a downloaded workbook."""
    raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
    book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
    last = len(book.sheet_names) - 1
    return book.get_sheet_by_index(0).to_python(), book.get_sheet_by_index(last).to_python()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"a", "b", "c"}),
        ("q=下载", {"a"}),
        ("q=10.9.9.9", {"b"}),
        ("who=李四", {"b"}),
        ("verb=view", {"c"}),
        ("outcome=denied", {"b"}),
        ("subject=accounts.user", {"c"}),
        ("address=10.9.9.9", {"b"}),
        ("since=2026-11-24", {"a", "b"}),
        ("until=2026-11-23", {"c"}),
        ("kind=trouble", {"b"}),
        ("kind=secret", {"c"}),
        ("who=nobody", set()),
        ("since=nonsense&until=9999-99-99&row=&kind=x", {"a", "b", "c"}),
        ("row=nonsense", set()),
        ("q=%00&page=99999999999999999999&sort=data__x", {"a", "b", "c"}),
    ],
)
def test_every_filter_finds_what_it_says(query: str, found: set[str]) -> None:
    client = as_auditor()
    other = Actor(uuid7(), "李四", Role.ORG, uuid7(), "奥派", address="10.9.9.9")
    user = a_user()
    rows = {
        "a": a_trace(note="下载名单"),
        "b": a_trace(verb="denied", by=other, outcome="denied"),
        "c": leave_trace(user, "view", by=a_trace_actor(), at=NOON - timedelta(days=1)),
    }
    page = text_of(client.get(f"{LOG}?{query}"))
    assert {name for name, row in rows.items() if f"/audit/{row.pk}/" in page} == found
    data, _ = sheet_of(client.get(f"/audit/export/?{query}"))
    assert {name for name, row in rows.items() if str(row.pk) in str(data)} == found


def a_trace_actor() -> Actor:
    return Actor(uuid7(), "王五", Role.AUTHOR, uuid7(), "奥派", address="10.1.2.3")


def test_one_object_and_one_person_have_their_own_lists() -> None:
    client = as_auditor()
    user, other = a_user(), a_user()
    mine = leave_trace(user, "create", by=a_trace_actor(), at=NOON)
    foreign = leave_trace(other, "create", by=a_trace_actor(), at=NOON)
    for query in (f"row={user.pk}", f"actor={mine.actor_id}", f"q={user.pk}", f"q={mine.pk}"):
        page = text_of(client.get(f"{LOG}?{query}"))
        assert f"/audit/{mine.pk}/" in page
        assert f"/audit/{foreign.pk}/" not in page


def test_thirty_and_ten_thousand_rows_cost_the_same_number_of_queries() -> None:
    client = as_auditor()
    for n in range(30):
        a_trace(n)
    counts = []
    for more in (0, 9_970):
        rows = [
            Trace(verb="export", actor_label=f"周敏{n}", hat="school", at=NOON - timedelta(seconds=n), data={"n": n})
            for n in range(more)
        ]
        Trace.objects.bulk_create(rows, batch_size=1_000)
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get(f"{LOG}?q=周敏&sort=-at").status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1]


def test_the_record_tells_everything_and_whether_it_is_as_it_was_written() -> None:
    client = as_auditor()
    trace = a_trace(
        note="核对<b>名单</b> 13812345678", data={"file": "学生名单.xlsx", "filters": {"q": "张"}}, from_state="draft"
    )
    page = text_of(client.get(f"/audit/{trace.pk}/"))
    for words in ("周敏0（南京第一职业技术学院）", "10.1.2.3", "导出", "学生名单.xlsx", "等待封存", "&lt;b&gt;"):
        assert words in page
    assert "13812345678" not in page
    audit_chain.seal()
    audit_chain.make_root(at=NOON)
    page = text_of(client.get(f"/audit/{trace.pk}/"))
    assert "公开存证" in page
    assert "与写入时不符" not in page
    edited(trace, "note = 'x'")
    assert "与写入时不符" in text_of(client.get(f"/audit/{trace.pk}/"))


def edited(trace: Trace, change: str) -> None:
    """What a database administrator does, past the triggers."""
    with transaction.atomic(), audit_guard.opened(), connection.cursor() as cursor:
        key = str(trace.pk) if connection.vendor == "postgresql" else trace.pk.hex
        cursor.execute(f"update common_trace set {change} where id = %s", [key])  # noqa: S608


def test_the_roots_stand_in_public_to_be_copied() -> None:
    assert "还没有存证" in text_of(Client().get("/audit/roots/"))
    a_trace()
    audit_chain.sweep(at=NOON)
    (root,) = audit_chain.roots()
    page = text_of(Client().get("/audit/roots/"))
    assert root.digest in page
    assert f'data-copy="{root.digest}"' in page
    told = Client().get("/audit/roots.json").json()
    assert told["roots"][0]["digest"] == root.digest
    assert 'href="/audit/roots/"' in text_of(Client().get("/accounts/sign-in/"))


def test_the_log_and_the_roots_are_read_in_english_too() -> None:
    audit_chain.sweep(at=NOON)
    trace = a_trace(data={"file": "x", "count": 1})
    client = as_auditor()
    for address in (LOG, f"/audit/{trace.pk}/", "/audit/roots/"):
        page = client.get(address, headers={"Accept-Language": "en"}).content.decode()
        words = re.sub(r"(?s)<script.*?</script>|<[^>]+>", " ", page)
        for name in ("中文", "周敏0（南京第一职业技术学院）", "周敏", "OneX 平台运营"):
            words = words.replace(name, "")
        assert re.findall(r"[\u4e00-\u9fff]+", words) == []


# --- what leaves a trace


def test_everyone_who_comes_in_goes_out_or_does_not_come_in_is_in_the_log() -> None:
    user = a_user()
    a_hat(Role.SCHOOL, a_school(), user)
    second = a_hat(Role.ORG, an_evaluation_org(), user)
    client = Client(HTTP_USER_AGENT="Mozilla\r\n2026-01-01 ERROR forged\x1b[2J", REMOTE_ADDR="10.2.3.4")
    client.post("/accounts/sign-in/", {"username": user.username, "password": "wrong-secret"})
    client.post("/accounts/sign-in/", {"username": "13812345678", "password": "wrong-secret"})
    client.post("/accounts/sign-in/", {"username": user.username, "password": PASSWORD})
    client.post("/accounts/hats/switch/", {"hat": str(second.pk)})
    client.post("/accounts/sign-out/")
    told = [(t.verb, t.outcome, t.actor_id, t.address) for t in Trace.objects.order_by("created_at", "id")]
    assert sorted(told, key=str) == sorted(
        [
            ("sign_in", "failed", None, "10.2.3.4"),
            ("sign_in", "failed", None, "10.2.3.4"),
            ("sign_in", "done", user.pk, "10.2.3.4"),
            ("hat", "done", user.pk, "10.2.3.4"),
            ("sign_out", "done", user.pk, "10.2.3.4"),
        ],
        key=str,
    )
    assert {t.subject_id for t in Trace.objects.filter(outcome="failed")} == {user.pk, None}
    assert only("hat").hat == "org"
    everything = str(list(Trace.objects.values()))
    for secret in ("wrong-secret", PASSWORD, "13812345678", "\r", "\x1b"):
        assert secret not in everything


def test_abuse_01_reaching_for_another_schools_rows_is_404_and_an_audit_row() -> None:
    school, stranger = a_school(), a_school()
    student = a_student(school)
    client = as_school(stranger)
    for method, name in (("get", "student-detail"), ("post", "student-remove")):
        answer = getattr(client, method)(reverse(f"registration:{name}", args=[student.pk]), {"school": school.pk})
        assert answer.status_code == 404
        assert school.name not in text_of(answer)
    traces = Trace.objects.filter(verb="denied")
    assert {(t.subject_type, t.subject_id, t.outcome, t.hat) for t in traces} == {
        ("registration.student", student.pk, "denied", "school")
    }
    assert traces.count() == 2
    assert {t.data["path"] for t in traces} == {
        f"/registration/students/{student.pk}/",
        f"/registration/students/{student.pk}/remove/",
    }
    assert Student.objects.filter(pk=student.pk).exists()
    missing = client.get(reverse("registration:student-detail", args=[uuid7()]))
    foreign = client.get(reverse("registration:student-detail", args=[student.pk]))
    token = re.compile(r'"X-CSRFToken": "\w+"|value="\w{64}"|[0-9a-f-]{36}')
    assert token.sub("", text_of(missing)) == token.sub("", text_of(foreign))
    assert Trace.objects.filter(verb="denied").count() == 3  # an address of nothing is no attempt at anybody
    own = text_of(as_school(school).get(reverse("registration:student-detail", args=[student.pk])))
    assert "denied" not in own
    assert str(stranger.name) not in own


def test_who_walks_foreign_addresses_raises_an_alarm() -> None:
    student = a_student(a_school())
    client = as_school(a_school())
    for _ in range(19):
        client.get(reverse("registration:student-detail", args=[student.pk]))
    assert not Trace.objects.filter(verb="alarm").exists()
    client.get(reverse("bank:item-list"))
    assert only("alarm").data == {"kind": "probing", "count": 20}
    client.get(reverse("bank:item-list"))
    assert only("alarm")


def test_an_address_of_another_hat_is_403_and_an_audit_row() -> None:
    client = as_school(a_school())
    assert client.get(reverse("bank:item-list")).status_code == 403
    trace = only("denied")
    assert (trace.outcome, trace.data["permit"], trace.data["path"]) == ("denied", "bank.see", "/bank/items/")


def test_every_look_at_an_item_or_a_paper_and_every_seal_is_one_trace() -> None:
    theory, _ = frozen_papers(the_level())
    client = signed_in_as(Client(), an_author())
    item = Item.objects.first()
    assert item is not None
    assert client.get(reverse("bank:paper-detail", args=[theory.pk])).status_code == 200
    assert client.get(reverse("bank:item-detail", args=[item.pk])).status_code == 200
    assert {(t.subject_type, t.subject_id) for t in Trace.objects.filter(verb="view")} == {
        ("bank.paper", theory.pk),
        ("bank.item", item.pk),
    }
    assert Trace.objects.filter(verb="view").count() == 2
    seal = only("freeze", subject_id=theory.pk)
    assert len(seal.data["digest"]) == 64
    assert "查看试题或试卷" not in text_of(client.get(reverse("bank:paper-detail", args=[theory.pk])))
    assert Paper.objects.get(pk=theory.pk).state == "frozen"


def test_the_release_of_a_session_and_its_papers_into_the_room_is_traced_with_their_hash() -> None:
    session = a_published_session()
    published = only("publish", subject_id=session.pk)
    loaded = only("load", subject_id=session.pk)
    assert published.data["package"] == loaded.data["package"] == session.package_hash
    assert published.data["theory"] == str(session.theory_paper_id)
    sittings.load_into_room(session, at=LATER)
    assert only("load", subject_id=session.pk) == loaded


def test_scores_are_traced_with_what_was_given() -> None:
    session = a_sat_session(1)
    officer = an_org_officer(session.plan_level.plan.organisation)
    marking.collect(session, by=officer, at=AFTER)
    assessor = an_actor(Role.ASSESSOR, session.plan_level.plan.organisation)
    job = MarkingJob.objects.filter(state="waiting").first()
    assert job is not None
    points = {one.id: one.points for one in marks.scores_of(job.script)[job.item].needs_examiner}
    marking.mark(job, points, by=assessor, at=AFTER)
    trace = only("mark", subject_id=job.pk)
    assert trace.data["item"] == job.item
    assert trace.data["points"] == {name: str(value) for name, value in points.items()}
    assert trace.actor_id == assessor.user_id


def test_results_and_certificates_are_traced_from_computation_to_print() -> None:
    release = a_released(2)
    computed = only("compute", subject_id=release.pk)
    assert computed.data["count"] == 2
    assert len(computed.data["digest"]) == 64
    assert only("publicise", subject_id=release.pk)
    assert only("release", subject_id=release.pk)
    officer = an_org_officer(release.plan_level.plan.organisation)
    certificates.issue_due(release, by=officer, at=AFTER)
    certificate = Certificate.objects.first()
    assert certificate is not None
    client = signed_in_as(Client(), officer)
    assert client.get(reverse("certificates:certificate-paper", args=[certificate.pk])).status_code == 200
    certificates.revoke(certificate, by=officer, at=AFTER, note="报名信息不实")
    for verb in ("issue", "print", "revoke"):
        assert only(verb, subject_id=certificate.pk).actor_id == officer.user_id


@pytest.mark.parametrize("name", ["session-room-list", "session-room-sheets"])
def test_printing_the_codes_of_a_room_is_traced_with_how_many(name: str) -> None:
    session = a_published_session(3)
    officer = an_org_officer(session.plan_level.plan.organisation)
    client = signed_in_as(Client(), officer)
    assert client.get(reverse(f"sittings:{name}", args=[session.pk])).status_code == 200
    trace = only("print_room_list", subject_id=session.pk)
    assert (trace.data, trace.actor_id) == ({"count": 3}, officer.user_id)


def test_printing_tickets_is_traced_with_how_many() -> None:
    session = a_published_session(3)
    officer = an_org_officer(session.plan_level.plan.organisation)
    client = signed_in_as(Client(), officer)
    assert client.get(reverse("sittings:session-tickets", args=[session.pk])).status_code == 200
    assert only("print_tickets", subject_id=session.pk).data == {"count": 3}


def test_printing_one_ticket_is_traced_on_its_seat() -> None:
    session = a_published_session(2)
    seat = session.seats.first()
    officer = an_org_officer(session.plan_level.plan.organisation)
    client = signed_in_as(Client(), officer)
    assert client.get(reverse("sittings:ticket", args=[seat.pk])).status_code == 200
    trace = only("print_tickets")
    assert (trace.subject_type, trace.subject_id, trace.data) == ("sittings.seat", seat.pk, {"count": 1})


def test_no_view_sends_a_sheet_past_the_traced_way(settings: Any) -> None:
    """Empty templates are nobody's data; everything else goes out by common.exports or a traced print."""
    found = {
        f"{file.relative_to(settings.SOURCE)}: {line.strip()}"
        for file in Path(settings.SOURCE).rglob("*.py")
        if "tests" not in file.parts and file.name not in ("sheets.py", "exports.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        if "sheets.respond(" in line or "sheets.write" in line
    }
    allowed = (", ())", "sittings/printing.py: return sheets.write_many(")  # an empty template; the traced room list
    assert {line for line in found if not any(word in line for word in allowed)} == set()


# --- abuse


def test_abuse_34_a_row_edited_by_the_database_administrator_raises_the_alarm() -> None:
    release = a_released(1)
    audit_chain.sweep(at=AFTER)
    edited(Trace.objects.get(verb="compute", subject_id=release.pk), 'data = \'{"count": 1, "passed": 1}\'')
    out = io.StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("audit", "verify", stdout=out)
    assert refused.value.returncode == 1
    assert "content" in out.getvalue()
    assert "compute" in out.getvalue()


def test_abuse_34_minutes_for_one_friend_are_shown_to_others_with_who_gave_them() -> None:
    session = a_sat_session(2)
    held = RoomSession.objects.get(pk=session.pk)
    friend = Candidate.objects.filter(session=held).order_by("ticket_no").first()
    assert friend is not None
    Attempt.objects.filter(candidate=friend).update(handed_in_at=None)
    opens = datetime.fromtimestamp(held.starts_at / 1000, tz=NOON.tzinfo)
    who = staff_member(held.staff.get(role="chief").pk)
    assert who is not None
    room.grant_minutes([friend], Part.PRACTICAL, 30, reason="朋友", by=who, at=opens + timedelta(minutes=5))
    marking.collect(session, by=an_org_officer(session.plan_level.plan.organisation), at=AFTER)
    trace = only("granted")
    assert trace.data["minutes"] == 30
    assert trace.data["grants"][0]["by"] == who.label
    assert trace.data["grants"][0]["reason"] == "朋友"
    page = text_of(as_auditor().get(f"{LOG}?kind=score"))
    assert f"/audit/{trace.pk}/" in page
    assert "考场加时" in page


def test_abuse_36_a_mass_export_asks_for_a_reason_raises_the_alarm_and_is_marked(settings: Any) -> None:
    settings.EXPORT_REASON_ROWS = 10
    school = a_school()
    some_students(school, 12)
    client = as_school(school)
    address = reverse("registration:student-export")
    page = client.get(f"{address}?year=2024&q=")
    assert page.status_code == 200
    many = client.get(address)
    assert "text/html" in many["Content-Type"]
    assert "导出用途" in text_of(many)
    short = client.post(address, {"reason": "看"})
    assert short.status_code == 422
    assert "至少 5 个字" in text_of(short)
    assert not Trace.objects.filter(verb="alarm").exists()
    answer = client.post(address, {"reason": "报省厅核对报名名单"})
    assert answer["Content-Type"].endswith("sheet")
    data, about = sheet_of(answer)
    assert len(data) == 13
    assert ["导出理由", "报省厅核对报名名单"] in about
    alarm = only("alarm")
    assert (alarm.note, alarm.data["count"], alarm.actor_label) == (
        "报省厅核对报名名单",
        12,
        only("export", data__count=12).actor_label,
    )
    for watcher in (as_auditor(), as_security()):
        shown = text_of(watcher.get(LOG))
        assert "条告警" in shown
        assert f"/audit/{alarm.pk}/" in shown
        assert "告警" in text_of(watcher.get(reverse("portal:desk")))
    assert queries.alarm_count(Actor(uuid7(), "审", Role.AUDITOR, uuid7()), NOON) == 1


@pytest.mark.parametrize(
    ("language", "word"),
    [("zh-hans", "审计链末端与本机所记不符"), ("en", "End of the audit chain is not what was kept")],
)
def test_an_end_of_the_log_that_is_gone_is_an_alarm_that_auditors_read(language: str, word: str) -> None:
    rows = some_traces()
    with as_owner_of_the_database():
        cut_out(*rows[3:])
    audit_chain.sweep(at=NOON)
    alarm = only("alarm")
    client = as_auditor()
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = language
    for address in (f"{LOG}?kind=alarm", f"/audit/{alarm.pk}/"):
        page = text_of(client.get(address))
        assert word in page
        assert "链只到第 3 号，而 audit-head.json 已记到第 5 号：末端被删去" in page
    assert word in str(sheet_of(client.get("/audit/export/?kind=alarm"))[0])


def test_abuse_36_slicing_a_list_into_small_exports_does_not_get_past(settings: Any) -> None:
    settings.EXPORT_REASON_ROWS = 10
    school = a_school()
    some_students(school, 6)
    client = as_school(school)
    address = reverse("registration:student-export")
    assert client.get(address)["Content-Type"].endswith("sheet")
    again = client.get(address)
    assert "导出用途" in text_of(again)
    assert "最近一小时您已导出 6 行" in text_of(again)


def test_abuse_36_the_printed_pages_bear_who_and_when(settings: Any) -> None:
    school = a_school()
    some_students(school, 2)
    actor = an_actor(Role.SCHOOL, school)
    answer = signed_in_as(Client(), actor).get(reverse("registration:student-export"))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        page = book.read("xl/worksheets/sheet1.xml").decode()
    assert f"OneX · {actor.label} · 2026-11-24 12:00:00 导出" in page


def test_a_long_export_goes_by_disk_and_is_the_same(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "IN_MEMORY", 2)
    school = a_school()
    some_students(school, 5)
    answer = as_school(school).get(reverse("registration:student-export"))
    assert answer.streaming
    assert len(sheet_of(answer)[0]) == 6


def test_more_than_a_file_holds_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MOST", 3)
    school = a_school()
    some_students(school, 5)
    answer = as_school(school).get(reverse("registration:student-export"))
    assert answer.status_code == 409
    assert "请先用筛选条件缩小范围" in text_of(answer)
    assert not Trace.objects.filter(verb="export").exists()

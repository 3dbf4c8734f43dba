"""The log is append-only; whoever gets round that is named by the verification, row by row."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from onex.common import audit, audit_chain, audit_check, audit_guard, audit_head
from onex.common.actors import SYSTEM
from onex.common.ids import uuid7
from onex.common.models import AuditLink, AuditRoot, Trace
from onex.common.moves import leave_trace
from onex.common.tests.at_once import at_once, told_apart
from onex.common.tests.tampering import (
    NOON,
    SCHOOL,
    as_owner_of_the_database,
    found,
    key,
    kinds,
    rewritten_from,
    some_traces,
)
from onex.common.text import Refused
from onex.config.env import Keys, derived_audit_keys, fresh_env_file

pytestmark = pytest.mark.django_db(databases=["default", "room"])


def test_an_untouched_log_is_whole() -> None:
    some_traces()
    walk = audit_check.Walk()
    assert list(audit_check.verify(walk)) == []
    assert (walk.traces, walk.links) == (5, 5)


def test_a_trace_is_signed_at_its_write_and_read_back_as_it_was_signed() -> None:
    odd = {
        "float": 1.0,
        "large": 1e22,
        "small": 1e-7,
        "中文": ["\u2028", None, True],
        "deep": {"b": 1, "a": 2.5},
        "id": uuid4(),
    }
    made = leave_trace(None, "export", by=SCHOOL, at=NOON, note=" a\x00b\ud800 ", data=odd)
    read = Trace.objects.get(pk=made.pk)
    assert audit.content(read) == audit.content(made)
    assert audit.is_signed(audit.content(read), read.mac)
    assert read.note == "ab?"


@pytest.mark.parametrize("verb", ["update", "delete"])
@pytest.mark.parametrize("table", audit_guard.TABLES)
def test_the_database_itself_refuses_to_change_the_log(table: str, verb: str) -> None:
    some_traces(1)
    audit_chain.make_root(at=NOON)
    column = {"common_trace": "note", "common_auditlink": "digest", "common_auditroot": "digest"}[table]
    statement = f"update {table} set {column} = 'x'" if verb == "update" else f"delete from {table}"  # noqa: S608
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert found() == []


def test_nothing_of_ours_can_open_the_log_outside_a_transaction() -> None:
    if connection.in_atomic_block:  # the test's own
        with audit_guard.opened():
            pass
    assert audit_guard.missing() == []


def test_triggers_that_were_taken_away_are_reported() -> None:
    some_traces(1)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("alter table common_trace disable trigger common_trace_keep")
        else:
            cursor.execute("drop trigger common_trace_no_update")
    assert [(f.kind, f.args["table"]) for f in found()] == [("guard", "common_trace")]
    audit_guard.install()
    if connection.vendor == "sqlite":
        assert found() == []


TAMPER = {
    "note": "note = 'x'",
    "actor": "actor_label = 'x'",
    "hat": "hat = 'org'",
    "time": "at = '2026-01-01 00:00:00'",
    "data": "data = '{\"count\": 9}'",
    "outcome": "outcome = 'denied'",
    "address": "address = '10.9.9.9'",
    "signature": "mac = ''",
}


@pytest.mark.parametrize("what", TAMPER)
def test_an_edited_row_is_named_and_no_other(what: str) -> None:
    rows = some_traces()
    with as_owner_of_the_database() as sql:
        sql.execute(f"update common_trace set {TAMPER[what]} where id = %s", [key(rows[2].pk)])  # noqa: S608
    assert kinds() == [("content", rows[2].pk)]


def test_a_deleted_row_is_named_with_the_time_it_was_made() -> None:
    rows = some_traces()
    with as_owner_of_the_database() as sql:
        sql.execute("delete from common_trace where id = %s", [key(rows[3].pk)])
    (finding,) = found()
    assert (finding.kind, finding.trace_id, finding.seq) == ("missing", rows[3].pk, 4)
    assert finding.at is not None
    assert abs(finding.at - rows[3].created_at) < timedelta(seconds=5)


def test_a_row_deleted_together_with_its_link_leaves_a_gap() -> None:
    rows = some_traces()
    with as_owner_of_the_database() as sql:
        sql.execute("delete from common_trace where id = %s", [key(rows[1].pk)])
        sql.execute("delete from common_auditlink where seq = 2")
    assert [(f.kind, f.args.get("first")) for f in found()] == [("gap", 2)]


def test_an_inserted_row_without_a_valid_signature_is_named() -> None:
    some_traces()
    forged = Trace(
        verb="export", actor_label="周敏", hat="school", at=NOON, mac=f"{settings.AUDIT_KEYS.current[0]}:{'0' * 64}"
    )
    forged.save()
    assert kinds() == [("unsigned", forged.pk)]
    assert kinds() == [("unsigned", forged.pk)]  # sealed by now, and still named


def test_a_row_inserted_into_the_past_is_named_too() -> None:
    some_traces()
    old = UUID(int=(uuid7().int >> 80) - 86_400_000 << 80)
    Trace(id=old, verb="export", actor_label="周敏", hat="school", at=NOON - timedelta(days=1)).save()
    assert kinds() == [("unsigned", old)]


def test_a_row_edited_before_it_was_sealed_is_named_by_its_signature() -> None:
    trace = leave_trace(None, "export", by=SCHOOL, at=NOON)
    with as_owner_of_the_database() as sql:
        sql.execute("update common_trace set note = 'x' where id = %s", [key(trace.pk)])
    assert kinds() == [("unsigned", trace.pk)]


def test_two_rows_whose_places_were_swapped_are_named() -> None:
    rows = some_traces()
    with as_owner_of_the_database() as sql:
        other = uuid7()
        for seq, trace in ((2, other), (4, rows[1].pk), (2, rows[3].pk)):
            sql.execute("update common_auditlink set trace_id = %s where seq = %s", [key(trace), seq])
    assert kinds() == [("order", rows[3].pk), ("order", rows[1].pk)]


def test_contents_that_were_swapped_are_named() -> None:
    rows = some_traces()
    with as_owner_of_the_database() as sql:
        for one, other in ((1, 3), (3, 1)):
            sql.execute(
                "update common_trace set note = %s, mac = %s where id = %s",
                [rows[other].note, rows[other].mac, key(rows[one].pk)],
            )
    assert kinds() == [("content", rows[1].pk), ("content", rows[3].pk)]


def test_a_chain_rewritten_with_a_stolen_key_differs_from_the_public_root(tmp_path: Any) -> None:
    rows = some_traces()
    root = audit_chain.make_root(at=NOON)
    assert root is not None
    saved = tmp_path / "roots.json"
    saved.write_text(json.dumps({"roots": [{"day": str(root.day), "seq": root.seq, "digest": root.digest}]}))
    with as_owner_of_the_database():
        row = rows[2]
        row.note = "从未导出"
        row.mac = audit.sign(audit.content(row))
        Trace.objects.filter(pk=row.pk).update(note=row.note, mac=row.mac)
        rewritten_from(3)
    assert [(f.kind, f.seq) for f in found()] == [("head", None), ("root", 5)]
    with as_owner_of_the_database():  # root and head as well, signed with the stolen key: only the copy outside tells
        root.digest = AuditLink.objects.get(seq=5).digest
        AuditRoot.objects.filter(pk=root.pk).update(digest=root.digest, mac=audit.sign(audit.root_words(root, None)))
    audit_head.write(audit_head.stands())
    assert found() == []
    with pytest.raises(CommandError, match="1 findings"):
        call_command("audit", "verify", "--roots", str(saved), stdout=io.StringIO())


def test_an_end_that_was_cut_off_differs_from_the_root() -> None:
    some_traces()
    audit_chain.make_root(at=NOON)
    with as_owner_of_the_database():
        AuditLink.objects.filter(seq__gt=3).delete()
        Trace.objects.exclude(pk__in=AuditLink.objects.values("trace_id")).delete()
    assert [(f.kind, f.seq) for f in found()] == [("head", None), ("root", 5)]


def test_a_root_that_was_edited_is_named() -> None:
    some_traces()
    audit_chain.make_root(at=NOON)
    with as_owner_of_the_database():
        AuditRoot.objects.update(digest="f" * 64)
    assert {f.kind for f in found()} == {"root"}


def test_sealing_twice_adds_nothing_and_the_chain_counts_from_one() -> None:
    some_traces(3)
    assert audit_chain.seal() == 0
    leave_trace(None, "export", by=SCHOOL, at=NOON)
    assert audit_chain.seal() == 1
    assert list(AuditLink.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4]


def test_a_forged_key_from_the_future_does_not_keep_the_sealer_from_what_is_new() -> None:
    some_traces(1)
    Trace(id=UUID(int=(1 << 128) - 1), verb="export", actor_label="x", hat="school", at=NOON).save()
    audit_chain.seal()
    leave_trace(None, "export", by=SCHOOL, at=NOON)
    assert audit_chain.seal() == 1


def test_more_than_a_batch_is_sealed_and_verified_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_chain, "BATCH", 4)
    monkeypatch.setattr(audit_check, "PAGE", 3)
    rows = some_traces(11)
    assert AuditLink.objects.count() == 11
    assert found() == []
    with as_owner_of_the_database() as sql:
        sql.execute("update common_trace set note = 'x' where id = %s", [key(rows[9].pk)])
    assert kinds() == [("content", rows[9].pk)]


@pytest.mark.django_db(transaction=True, databases=["default", "room"])
def test_two_sealers_at_once_make_one_chain() -> None:
    for n in range(40):
        leave_trace(None, "export", by=SCHOOL, at=NOON + timedelta(seconds=n))
    done, _ = told_apart(at_once(*[audit_chain.seal] * 4))
    assert sum(done) == 40
    assert AuditLink.objects.count() == 40
    assert found() == []


def test_the_sweep_makes_one_root_a_day_of_the_day_that_is_over() -> None:
    some_traces(2)
    audit_chain.sweep(at=NOON)
    audit_chain.sweep(at=NOON + timedelta(hours=2))
    (root,) = AuditRoot.objects.all()
    assert (root.day.isoformat(), root.seq) == ("2026-11-23", 2)
    audit_chain.sweep(at=NOON + timedelta(hours=12, minutes=1))  # past midnight in Beijing
    assert [r.day.isoformat() for r in audit_chain.roots()] == ["2026-11-24", "2026-11-23"]
    assert found() == []


# --- retention


def an_old_log() -> list[Trace]:
    """Three traces of four years ago and two of now, keys and all."""
    rows = []
    for n, age in enumerate((1500, 1499, 1498, 10, 0)):
        at = NOON - timedelta(days=age)
        trace = Trace(
            id=UUID(int=(int(at.timestamp() * 1000) << 80) + n),
            verb="export", actor_label="周敏", hat="school", at=at, actor_id=SCHOOL.user_id,
        )  # fmt: skip
        trace.mac = audit.sign(audit.content(trace))
        trace.save()
        rows.append(trace)
    audit_chain.seal(whole=True)
    return rows


def test_retention_drops_what_is_old_enough_and_the_chain_still_verifies() -> None:
    rows = an_old_log()
    audit_chain.make_root(at=NOON)
    assert audit_chain.retain(at=NOON, dry=True) == 3
    assert audit_chain.retain(at=NOON) == 3
    assert not Trace.objects.filter(pk__in=[row.pk for row in rows[:3]]).exists()
    assert AuditLink.objects.count() >= 5
    walk = audit_check.Walk()
    assert list(audit_check.verify(walk)) == []
    assert walk.dropped == 3
    note = Trace.objects.get(verb=audit_chain.RETENTION)
    assert (note.data["from"], note.data["to"], note.data["count"]) == (1, 3, 3)
    assert audit_chain.retain(at=NOON) == 0


def test_the_next_retention_goes_on_after_the_last_and_keeps_its_note() -> None:
    an_old_log()
    audit_chain.retain(at=NOON)
    later = NOON + timedelta(days=3 * 366)
    assert audit_chain.retain(at=later) == 2
    assert found() == []
    assert Trace.objects.filter(verb=audit_chain.RETENTION).count() == 2


def test_a_row_deleted_under_the_name_of_retention_is_named() -> None:
    rows = an_old_log()
    audit_chain.retain(at=NOON)
    with as_owner_of_the_database():
        Trace.objects.filter(pk=rows[3].pk).delete()
        Trace.objects.filter(verb=audit_chain.RETENTION).update(data={"from": 1, "to": 4, "count": 4, "digest": "x"})
    assert "missing" in {finding.kind for finding in found()}


@pytest.mark.parametrize("years", [2, 1, 0, -5])
def test_less_than_three_years_is_refused_whoever_asks(years: int) -> None:
    an_old_log()
    with pytest.raises(Refused, match="至少保存 3 年"):
        audit_chain.retain(at=NOON, years=years)
    with pytest.raises(CommandError, match="至少保存 3 年"):
        call_command("audit", "retain", "--years", str(years), stdout=io.StringIO())
    assert Trace.objects.count() == 5


def test_half_a_year_is_kept_even_when_the_years_would_allow_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_chain, "oldest_kept", lambda at, years: at - timedelta(days=5))
    an_old_log()
    with pytest.raises(Refused, match="未满 184 天"):
        audit_chain.retain(at=NOON)
    assert Trace.objects.count() == 5


# --- the command


def test_the_command_names_the_row_and_answers_one() -> None:
    rows = some_traces()
    with as_owner_of_the_database() as sql:
        sql.execute("update common_trace set note = %s where id = %s", ["x\x1b[2Jy", key(rows[2].pk)])
    out = io.StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("audit", "verify", stdout=out)
    assert refused.value.returncode == 1
    assert out.getvalue().startswith(f"content: #3 {rows[2].pk} 2026-11-24 04:00:02+0000 周敏")
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("audit", "verify", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["is_whole"], told["findings"][0]["kind"], told["findings"][0]["seq"]) == (False, "content", 3)


def test_the_command_says_when_all_is_well_and_refuses_a_file_that_is_no_list_of_roots(tmp_path: Any) -> None:
    some_traces()
    out = io.StringIO()
    call_command("audit", "seal", stdout=out)
    call_command("audit", "verify", stdout=out)
    assert "the audit log is whole" in out.getvalue()
    (tmp_path / "x.json").write_text("[]")
    with pytest.raises(CommandError, match="no list of roots"):
        call_command("audit", "verify", "--roots", str(tmp_path / "x.json"), stdout=out)


# --- keys


def test_an_installation_without_audit_keys_starts_with_keys_of_its_data_keys_and_may_get_its_own(
    settings: Any,
) -> None:
    data_keys = Keys({"k2": b"2" * 32, "k1": b"1" * 32})
    settings.AUDIT_KEYS = derived_audit_keys(data_keys)
    assert list(settings.AUDIT_KEYS.by_id) == ["derived-k2", "derived-k1"]
    some_traces(2)
    out = io.StringIO()
    call_command("audit", "keys", stdout=out)
    settings.AUDIT_KEYS = Keys.parse(out.getvalue().strip().removeprefix("ONEX_AUDIT_KEYS="))
    assert settings.AUDIT_KEYS.current[0] == "a1"
    some_traces(1)
    assert found() == []
    assert "ONEX_AUDIT_KEYS=" in fresh_env_file()


def test_a_key_that_is_not_there_is_told_apart_from_a_changed_row(settings: Any) -> None:
    rows = some_traces(1)
    settings.AUDIT_KEYS = Keys({"other": b"3" * 32})
    assert kinds() == [("head", None), ("key", rows[0].pk)]


def test_personal_numbers_do_not_enter_the_log() -> None:
    trace = leave_trace(
        None,
        "export",
        by=replace(SYSTEM, name="系统"),
        at=NOON,
        note="身份证 320101200502290013，请联系 13812345678",
        data={"q": "320101200502290013", "more": ["电话13812345678"], "n": 320101200502290013},
    )
    assert "20050229" not in trace.note
    assert "13812345678" not in trace.note
    assert trace.data["q"] == "320***********0013"
    assert trace.data["more"] == ["电话138****5678"]
    assert trace.data["n"] == "320***********0013"

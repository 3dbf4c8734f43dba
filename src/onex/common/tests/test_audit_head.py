"""What the chain cannot tell by itself, because its digests need no key: an end that is gone, a chain made again."""

from __future__ import annotations

import io
import json
import logging
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from onex.common import audit, audit_chain, audit_head
from onex.common.models import AuditLink, AuditRoot, Trace
from onex.common.moves import leave_trace
from onex.common.tests.at_once import at_once
from onex.common.tests.tampering import NOON, SCHOOL, as_owner_of_the_database, cut_out, found, some_traces
from onex.common.text import Refused

pytestmark = pytest.mark.django_db(databases=["default", "room"])
DAY = timedelta(days=1)


def head_file() -> Path:
    return Path(settings.AUDIT_HEAD)


def lost() -> list[str]:
    """What `verify` says; here nothing but the head may be wrong."""
    findings = found()
    assert {finding.kind for finding in findings} <= {"head"}
    return [str(finding.args["problem"]) for finding in findings]


def alarms() -> list[Trace]:
    return list(Trace.objects.filter(verb="alarm"))


# --- five tamperings of somebody who writes the database and has no key


def test_a_trace_deleted_after_the_last_root_with_the_later_links_made_again_is_found() -> None:
    some_traces()
    audit_chain.make_root(at=NOON)
    later = some_traces(at=NOON + DAY)
    with as_owner_of_the_database():
        cut_out(later[1])
    assert lost() == ["链只到第 9 号，而 audit-head.json 已记到第 10 号：末端被删去"]


def test_an_end_cut_off_after_the_last_root_is_found() -> None:
    some_traces()
    audit_chain.make_root(at=NOON)
    later = some_traces(at=NOON + DAY)
    with as_owner_of_the_database():
        cut_out(*later[2:])
    assert lost() == ["链只到第 7 号，而 audit-head.json 已记到第 10 号：末端被删去"]


def test_the_last_days_cut_off_together_with_their_roots_are_found() -> None:
    some_traces()
    audit_chain.make_root(at=NOON)
    later = some_traces(at=NOON + DAY)
    audit_chain.make_root(at=NOON + DAY)
    with as_owner_of_the_database():
        cut_out(*later)
        AuditRoot.objects.filter(seq__gt=5).delete()
    assert lost() == [
        "链只到第 5 号，而 audit-head.json 已记到第 10 号：末端被删去",
        "audit-head.json 记有 2 份存证，最后一份是 2026-11-24 的；截至该日库中有 1 份：存证被删去",
    ]


def test_a_chain_made_again_without_some_traces_and_without_any_root_is_found() -> None:
    rows = some_traces()
    audit_chain.make_root(at=NOON)
    with as_owner_of_the_database():
        cut_out(rows[1], rows[2])
        AuditRoot.objects.all().delete()
    assert lost() == [
        "链只到第 3 号，而 audit-head.json 已记到第 5 号：末端被删去",
        "audit-head.json 记有 1 份存证，最后一份是 2026-11-23 的；截至该日库中有 0 份：存证被删去",
    ]


def test_three_emptied_tables_are_found() -> None:
    some_traces()
    audit_chain.make_root(at=NOON)
    with as_owner_of_the_database():
        for table in (Trace, AuditLink, AuditRoot):
            table.objects.all().delete()
    assert lost() == [
        "链是空的，而 audit-head.json 已记到第 5 号",
        "audit-head.json 记有 1 份存证，最后一份是 2026-11-23 的；截至该日库中有 0 份：存证被删去",
    ]


# --- and nothing that the platform does afterwards covers it up


def test_a_loss_is_still_found_when_the_chain_has_grown_past_the_head_and_new_roots_were_made() -> None:
    rows = some_traces()
    audit_chain.sweep(at=NOON)
    told = head_file().read_bytes()
    with as_owner_of_the_database():
        cut_out(*rows[3:])
        AuditRoot.objects.all().delete()
    some_traces(at=NOON + DAY)
    for day in (1, 2, 3):
        audit_chain.sweep(at=NOON + day * DAY)
    assert lost() == [
        "链上第 5 号的摘要与 audit-head.json 所记不同：链被重做过",
        "audit-head.json 记有 1 份存证，最后一份是 2026-11-23 的；截至该日库中有 0 份：存证被删去",
    ]
    assert head_file().read_bytes() == told


def test_a_loss_leaves_one_alarm_and_one_error_however_often_the_sweep_passes(caplog: Any) -> None:
    rows = some_traces()
    with as_owner_of_the_database():
        cut_out(rows[4])
    for n in range(3):
        audit_chain.sweep(at=NOON + timedelta(minutes=n))
    (alarm,) = alarms()
    assert (alarm.data, alarm.hat) == ({"kind": "head", "number": 5}, "system")
    assert "链只到第 4 号" in alarm.note
    assert [one.levelno for one in caplog.records if "audit-head.json" in one.message] == [logging.ERROR]
    assert AuditLink.objects.filter(trace_id=alarm.pk).exists()


def test_a_forged_alarm_does_not_keep_the_true_one_from_being_left() -> None:
    rows = some_traces()
    with as_owner_of_the_database():
        cut_out(rows[4])
    Trace(verb="alarm", actor_label="系统", hat="system", at=NOON, data={"kind": "head", "number": 5}).save()
    audit_chain.seal()
    assert len(alarms()) == 2


# --- the file


def test_a_new_installation_makes_the_file_for_its_owner_alone() -> None:
    assert lost() == []
    some_traces(3)
    told = json.loads(head_file().read_text())
    assert (told["seq"], told["digest"]) == (3, AuditLink.objects.get(seq=3).digest)
    assert head_file().stat().st_mode & 0o777 == 0o600
    audit_chain.make_root(at=NOON)
    assert audit_head.kept() == audit_head.stands()
    assert audit_head.stands().roots == 1


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"seq": 3, "digest": "x", "roots": 0, "day": null, "mac": "k1:x"}'])
def test_a_file_that_somebody_else_wrote_is_not_believed(text: str) -> None:
    some_traces()
    head_file().write_text(text)
    assert lost() == ["audit-head.json 读不出，或签名无效"]
    assert head_file().read_text() == text


def test_a_number_edited_in_the_file_is_not_believed() -> None:
    some_traces()
    told = json.loads(head_file().read_text())
    head_file().write_text(json.dumps({**told, "seq": 4, "digest": AuditLink.objects.get(seq=4).digest}))
    assert lost() == ["audit-head.json 读不出，或签名无效"]


def test_a_file_that_is_gone_is_told_and_not_made_again_by_itself() -> None:
    some_traces()
    head_file().unlink()
    assert lost() == ["audit-head.json 不在，链的末端无从核对"]
    some_traces()
    assert not head_file().exists()
    assert len(alarms()) == 1


# --- crash windows


def test_a_process_that_stopped_between_its_commit_and_the_file_leaves_a_log_that_verifies() -> None:
    some_traces(2)
    before = head_file().read_bytes()
    some_traces(3)
    audit_chain.make_root(at=NOON)
    head_file().write_bytes(before)
    assert found() == []
    assert audit_head.kept() == audit_head.stands()
    assert alarms() == []


def test_the_very_first_seal_stopped_before_the_file_is_no_loss() -> None:
    audit_head.follow()
    before = head_file().read_bytes()  # there before the first link is
    some_traces(2)
    head_file().write_bytes(before)
    assert found() == []
    assert audit_head.kept() == audit_head.stands()


def test_a_process_that_stopped_while_it_wrote_the_file_leaves_the_one_before() -> None:
    some_traces(2)
    head_file().with_name("audit-head.json.new").write_text('{"seq": 9')
    assert found() == []
    some_traces(1)
    assert audit_head.kept() == audit_head.stands()


def test_a_disk_that_takes_no_file_keeps_nobody_from_sealing(settings: Any, tmp_path: Path) -> None:
    settings.AUDIT_HEAD = tmp_path / "gone" / "audit-head.json"
    leave_trace(None, "export", by=SCHOOL, at=NOON)
    assert audit_chain.seal() == 1


@pytest.mark.django_db(transaction=True, databases=["default", "room"])
def test_several_sealers_at_once_never_put_the_file_back_nor_ahead() -> None:
    wrong: list[str] = []

    def told() -> int:
        head = audit_head.kept()
        return head.seq if head is not None else 0

    def run() -> None:
        for n in range(8):
            leave_trace(None, "export", by=SCHOOL, at=NOON + timedelta(seconds=n))
            before = told()
            audit_chain.seal()
            after = told()
            if after < before or after > audit_head.stands().seq:
                wrong.append(f"{before} → {after}")

    assert at_once(*[run] * 4) == [None] * 4
    assert wrong == []
    assert audit_head.kept() == audit_head.stands()
    assert audit_head.stands().seq == 32
    assert found() == []


def another_may_seal() -> bool:
    """Whether a second connection gets the sealer's lock at this moment; asked without waiting."""
    answer: list[bool] = []

    def ask() -> None:
        try:
            with connection.cursor() as sql:
                if connection.vendor == "postgresql":
                    sql.execute("select pg_try_advisory_lock(%s)", [audit_head._LOCK])
                    answer.append(sql.fetchone()[0])
                else:
                    sql.execute("pragma busy_timeout = 0")
                    sql.execute("begin immediate")
                    sql.execute("rollback")
                    answer.append(True)
        except OperationalError:
            answer.append(False)
        finally:
            connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return answer[0]


@pytest.mark.django_db(transaction=True, databases=["default", "room"])
def test_nobody_seals_between_the_look_at_the_chain_and_the_writing_of_the_file(monkeypatch: Any) -> None:
    write, free = audit_head.write, []

    def watched(head: audit_head.Head) -> None:
        free.append(another_may_seal())
        write(head)

    monkeypatch.setattr(audit_head, "write", watched)
    some_traces(2)
    head_file().unlink()
    audit_chain.accept_head(reason="新服务器", at=NOON)
    assert another_may_seal()
    assert len(free) == 4  # before the first link, after it, accepted, and after the acceptance was sealed
    assert not any(free)


# --- what an operator accepts


def test_an_operator_accepts_the_chain_as_it_stands_and_the_log_says_so() -> None:
    rows = some_traces()
    with as_owner_of_the_database():
        cut_out(*rows[3:])
    assert lost()
    out = io.StringIO()
    call_command("audit", "accept-head", "--reason", "恢复了 11 月 23 日的备份", stdout=out)
    assert found() == []
    accepted = Trace.objects.get(verb="audit_head_accept")
    assert (accepted.note, accepted.hat) == ("恢复了 11 月 23 日的备份", "system")
    # The alarm was sealed onto the stump, as its fourth.
    assert "链只到第 4 号，而 audit-head.json 已记到第 5 号" in accepted.data["why"]
    assert AuditLink.objects.filter(trace_id=accepted.pk).exists()
    assert audit_head.kept() == audit_head.stands()


def test_the_same_loss_after_it_was_accepted_is_a_new_alarm() -> None:
    some_traces()
    for times in (1, 2):
        head_file().unlink()
        audit_chain.seal()
        assert len(alarms()) == times
        audit_chain.accept_head(reason="新服务器", at=NOON)


def test_an_emptied_log_can_be_accepted_too() -> None:
    some_traces()
    with as_owner_of_the_database():
        for table in (Trace, AuditLink):
            table.objects.all().delete()
    audit_chain.accept_head(reason="演练后清空", at=NOON)
    assert found() == []
    assert Trace.objects.filter(verb="audit_head_accept").count() == 1


def test_nothing_is_accepted_without_a_reason_or_without_a_need() -> None:
    some_traces()
    with pytest.raises(CommandError, match="没有需要接受的"):
        call_command("audit", "accept-head", "--reason", "以防万一")
    head_file().unlink()
    with pytest.raises(Refused, match="请写明理由"):
        audit_chain.accept_head(reason=" ", at=NOON)
    assert not head_file().exists()
    assert not Trace.objects.filter(verb="audit_head_accept").exists()


# --- the roots are a chain as well


def days_with_roots(count: int) -> list[AuditRoot]:
    for day in range(count):
        some_traces(1, at=NOON + day * DAY)
        audit_chain.make_root(at=NOON + day * DAY)
    return list(AuditRoot.objects.order_by("day"))


def test_a_root_taken_out_between_two_others_is_found_by_the_next() -> None:
    roots = days_with_roots(4)
    with as_owner_of_the_database():
        AuditRoot.objects.filter(pk=roots[1].pk).delete()
    findings = found()
    assert [(f.kind, f.seq) for f in findings] == [("head", None), ("root", roots[2].seq)]
    assert "它前一份存证被改动、删去" in str(findings[1].sentence)


def test_roots_of_an_older_version_stay_true_and_the_first_new_one_holds_the_last_of_them() -> None:
    roots = days_with_roots(4)
    with as_owner_of_the_database():
        for root in roots[:2]:  # as version 1 signed them
            at = root.made_at.isoformat(timespec="microseconds")
            mac = audit.sign(f"root {root.day.isoformat()} {root.seq} {root.digest} {at}".encode())
            AuditRoot.objects.filter(pk=root.pk).update(mac=mac)
    assert found() == []
    with as_owner_of_the_database():
        AuditRoot.objects.filter(pk=roots[1].pk).delete()
    assert [(f.kind, f.seq) for f in found()] == [("head", None), ("root", roots[2].seq)]

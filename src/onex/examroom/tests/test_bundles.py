"""What leaves the room: bundles with what was kept, and the sentences when something was touched."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from onex.common.clock import now, to_ms
from onex.common.text import Refused
from onex.examroom import queries, services
from onex.examroom.canonical import digest_of
from onex.examroom.gate.lines import FIRST, line_hash
from onex.examroom.ledger import damage_in
from onex.examroom.models import Answer, Attempt, Batch
from onex.examroom.rules import MINUTE, IncidentKind
from onex.examroom.tests.factories import a_session, candidate_of, the_chief
from onex.examroom.tests.page import Page

pytestmark = [pytest.mark.server, pytest.mark.django_db(databases=["default", "room"], transaction=True)]

LATER = timedelta(hours=12)


def bundle_of(session, page):
    (found,) = [
        row for row in queries.bundles_of(session, at=now() + LATER) if row["ticket_no"] == page.candidate.ticket_no
    ]
    return found


def theory(bundle):
    return next(part for part in bundle["parts"] if part["part"] == "theory")


def test_a_bundle_is_given_only_for_a_closed_session(server, seated):
    session = a_session(candidates=2)
    seated(server, session)
    with pytest.raises(Refused, match="尚未结束"):
        queries.bundles_of(session, at=now())
    assert len(list(queries.bundles_of(session, at=now() + LATER))) == 2


def test_a_bundle_holds_the_last_value_of_each_item_and_who_was_absent(server, seated):
    session = a_session(candidates=2)
    (page,) = seated(server, session)
    for item, value in (("s1", "A"), ("s2", "B"), ("s1", "C"), ("s3", "D"), ("s3", None)):
        assert page.keep(item, value).status_code == 200
    handed_in_at = page.hand_in().json()["handed_in_at"]
    services.record_incident(page.candidate, IncidentKind.MACHINE, "键盘失灵", by=the_chief(session), at=now())

    bundle = bundle_of(session, page)
    part = theory(bundle)
    assert part["answers"] == {"s1": "C", "s2": "B"}
    assert (part["lines"], part["late"], part["chain"]) == (5, 0, "ok")
    assert part["handed_in_at"] == handed_in_at
    assert part["form"] == "form-t"
    assert bundle["entry"] == page.candidate.entry
    assert bundle["package_hash"] == session.package_hash
    assert [event["kind"] for event in bundle["events"]] == ["signed_in", "admitted", "started", "incident"]
    assert bundle["hash"] == digest_of({name: value for name, value in bundle.items() if name != "hash"})
    assert bundle == bundle_of(session, page)  # the same bundle however often
    json.dumps(bundle, allow_nan=False)

    absent = next(row for row in queries.bundles_of(session, at=now() + LATER) if row["entry"] != bundle["entry"])
    assert [part["opened_at"] for part in absent["parts"]] == [None, None]
    assert absent["admitted_at"] is None


def test_the_later_machine_has_the_last_word(server, seated):
    session = a_session(candidates=1)
    (old,) = seated(server, session)
    for item in ("s1", "s2", "s3"):
        old.keep(item, "A")
    services.release_seat(old.candidate, by=the_chief(session), at=now())
    with Page(server.address, old.candidate, 0) as new:
        new.sign_in()
        new.keep("s1", "D")  # (2, 1) comes after (1, 3)
    assert theory(bundle_of(session, old))["answers"] == {"s1": "D", "s2": "A", "s3": "A"}
    assert theory(bundle_of(session, old))["chain"] == "ok"


def test_late_lines_are_counted_and_not_scored(server, seated):
    session = a_session(candidates=1)
    (page,) = seated(server, session)
    page.keep("s1", "A")
    Attempt.objects.filter(pk=page.attempts["theory"]).update(closes_at=to_ms(now()) - MINUTE)
    page.keep("s1", "D")
    part = theory(bundle_of(session, page))
    assert (part["answers"], part["late"]) == ({"s1": "A"}, 1)


def test_a_missing_line_is_reported_as_a_gap(server, seated):
    session = a_session(candidates=1)
    (page,) = seated(server, session)
    page.keep("s1", "A")
    page.line("s2", "B")  # written on the page, never arrived
    page.keep("s3", "C")
    part = theory(bundle_of(session, page))
    assert part["chain"] == "gap"
    assert part["answers"] == {"s1": "A", "s3": "C"}


def test_two_histories_are_reported_as_a_fork(server, seated):
    session = a_session(candidates=1)
    (page,) = seated(server, session)
    page.keep("s1", "A")
    page._ends[page.attempts["theory"]] = (0, FIRST)
    page.keep("s1", "B")
    assert theory(bundle_of(session, page))["chain"] == "fork"


def test_untouched_answers_verify(a_server, seated):
    session = a_session(candidates=3)
    for page in seated(a_server(), session, count=3):
        for n in range(1, 8):
            page.keep(f"s{n}", "A")
    assert damage_in(session) == []


def test_an_altered_answer_is_named(server, seated):
    session = a_session(candidates=1)
    (page,) = seated(server, session)
    for n in range(1, 5):
        page.keep(f"s{n}", "A")
    Answer.objects.filter(attempt_id=page.attempts["theory"], seq=3).update(body='"D"')
    assert any("第 3 行" in str(sentence) and "s3" in str(sentence) for sentence in damage_in(session))
    assert theory(bundle_of(session, page))["chain"] == "broken"


def test_an_answer_altered_together_with_its_hash_is_named_too(server, seated):
    session = a_session(candidates=1)
    (page,) = seated(server, session)
    for n in range(1, 5):
        page.keep(f"s{n}", "A")
    row = Answer.objects.get(attempt_id=page.attempts["theory"], seq=2)
    forged = line_hash(bytes(row.prev).hex(), page.attempts["theory"], 1, 2, "s2", '"D"')
    Answer.objects.filter(attempt_id=row.attempt_id, seq=2).update(body='"D"', hash=bytes.fromhex(forged))
    said = [str(sentence) for sentence in damage_in(session)]
    assert any("第 2 行" in sentence for sentence in said)
    assert any("摘要不符" in sentence for sentence in said)


def test_removed_answers_and_batches_are_noticed(server, seated):
    session = a_session(candidates=1)
    (page,) = seated(server, session)
    for n in range(1, 6):
        page.keep(f"s{n}", "A")
    gone = Answer.objects.get(attempt_id=page.attempts["theory"], seq=5)
    Answer.objects.filter(attempt_id=gone.attempt_id, seq=5).delete()
    assert any("应有 1 行，现有 0 行" in str(sentence) for sentence in damage_in(session))
    cut = Answer.objects.get(attempt_id=page.attempts["theory"], seq=3)
    Batch.objects.filter(lane=cut.lane, n=cut.batch).delete()
    said = " ".join(str(sentence) for sentence in damage_in(session))
    assert "断开" in said
    assert "缺少第" in said


def test_collecting_costs_the_same_number_of_queries_for_few_and_many(django_assert_num_queries):
    for count in (2, 20):
        session = a_session(candidates=count)
        with django_assert_num_queries(10, using="room"):
            list(queries.bundles_of(session, at=now() + LATER))


def test_an_unknown_candidate_number_finds_nothing():
    session = a_session()
    assert queries.session_of(candidate_of(session, 0).pk) is None

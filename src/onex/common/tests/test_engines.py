"""What the workflow, permit and move engines promise, shown on institution registrations."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest

from onex.accounts.models import InstitutionRegistration, Province
from onex.accounts.rules import REGISTRATION, RegistrationState
from onex.accounts.tests.factories import sound
from onex.common import moves, permits, tx
from onex.common.actors import SYSTEM, Actor, Role
from onex.common.ids import uuid7
from onex.common.queries import timeline_of
from onex.common.tests.at_once import at_once, told_apart
from onex.common.text import Refused, say

pytestmark = pytest.mark.django_db(databases=["default", "room"])
NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
move = partial(moves.move, REGISTRATION, facts=sound)  # nothing is wrong with these registrations


def a_province(code: str = "320000", name: str = "江苏省教育厅") -> Province:
    return Province.objects.create(kind="province", name=name, code=code, region_name=name[:2])


def an_officer(province: Province) -> Actor:
    return Actor(uuid7(), "王处", Role.PROVINCE, province.pk, province.name)


def a_registration(province: Province, name: str = "南京某职业学院") -> InstitutionRegistration:
    return InstitutionRegistration.objects.create(
        province=province, name=name, token=str(uuid7()), school_type="college"
    )


def test_a_move_changes_the_state_and_leaves_its_trace() -> None:
    province = a_province()
    row = move(a_registration(province), "submit", by=SYSTEM, at=NOON)
    row = move(row, "reject", by=an_officer(province), at=NOON, note="请上传盖章申请表")
    assert row.state == RegistrationState.REJECTED
    trace = list(timeline_of(row))[-1]
    assert (trace.verb, trace.from_state, trace.to_state) == ("reject", "pending", "rejected")
    assert trace.note == "请上传盖章申请表"
    assert trace.actor_label == "王处（江苏省教育厅）"


def test_a_move_the_table_does_not_have_is_refused_in_words() -> None:
    province = a_province()
    with pytest.raises(Refused, match="当前状态为“草稿”，不能“通过”"):
        move(a_registration(province), "approve", by=an_officer(province), at=NOON)


def test_a_move_that_needs_a_reason_is_refused_without_one() -> None:
    province = a_province()
    row = move(a_registration(province), "submit", by=SYSTEM, at=NOON)
    with pytest.raises(Refused, match="请写明理由"):
        move(row, "reject", by=an_officer(province), at=NOON, note="   ")


def test_another_province_may_not_decide() -> None:
    here, there = a_province(), a_province("330000", "浙江省教育厅")
    row = move(a_registration(here), "submit", by=SYSTEM, at=NOON)
    with pytest.raises(Refused, match="无权办理"):
        move(row, "approve", by=an_officer(there), at=NOON)
    assert not timeline_of(row).filter(verb="approve").exists()


def test_every_move_from_every_state_is_either_in_the_table_or_refused() -> None:
    province = a_province()
    officer = an_officer(province)
    for state in RegistrationState:
        for step in REGISTRATION.moves:
            row = a_registration(province, f"{state} {step.name}")  # no two of one name wait at once
            InstitutionRegistration.objects.filter(pk=row.pk).update(state=state)
            row.refresh_from_db()
            actor = SYSTEM if step.permit == "accounts.registration_submit" else officer
            if state in step.sources:
                assert move(row, step.name, by=actor, at=NOON, note="理由").state == step.target
            else:
                with pytest.raises(Refused):
                    move(row, step.name, by=actor, at=NOON, note="理由")


def test_the_list_filter_and_the_single_check_agree() -> None:
    here, there = a_province(), a_province("330000", "浙江省教育厅")
    mine, theirs = a_registration(here), a_registration(there, "杭州某学校")
    seen = permits.seen("accounts.registration_review", an_officer(here), InstitutionRegistration.objects.all())
    assert list(seen) == [mine]
    assert permits.allows("accounts.registration_review", an_officer(here), mine)
    assert not permits.allows("accounts.registration_review", an_officer(here), theirs)


def test_a_role_without_the_permit_sees_nothing() -> None:
    province = a_province()
    row = a_registration(province)
    school = Actor(uuid7(), "某人", Role.SCHOOL, province.pk)
    assert not permits.seen("accounts.registration_review", school, InstitutionRegistration.objects.all()).exists()
    assert not permits.allows("accounts.registration_review", school, row)


def test_offers_hide_forbidden_moves() -> None:
    province = a_province()
    row = move(a_registration(province), "submit", by=SYSTEM, at=NOON)
    assert [offer.name for offer in moves.offers(REGISTRATION, row, an_officer(province), NOON, sound)] == [
        "approve",
        "reject",
        "refuse",
    ]
    assert moves.offers(REGISTRATION, row, SYSTEM, NOON, sound) == []


def test_centre_and_room_are_never_written_in_one_transaction() -> None:
    with tx.write("default"), pytest.raises(tx.TwoRooms), tx.write("room"):
        pass


def test_an_argument_is_text_and_never_a_path_into_the_program() -> None:
    assert str(say("学校：{name}", name="{settings.SECRET_KEY}")) == "学校：{settings.SECRET_KEY}"


@pytest.mark.django_db(transaction=True, databases=["default", "room"])
def test_two_officers_deciding_at_once_leave_one_decision() -> None:
    province = a_province()
    row = move(a_registration(province), "submit", by=SYSTEM, at=NOON)
    decide = partial(move, row, by=an_officer(province), at=NOON, note="理由")
    done, refused = told_apart(at_once(partial(decide, "approve"), partial(decide, "reject")))
    assert (len(done), len(refused)) == (1, 1)
    assert timeline_of(row).exclude(verb="submit").count() == 1

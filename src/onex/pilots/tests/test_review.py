"""The reviewers' workbench: its order and signals, who has what in hand, who must not judge, and what is kept."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from onex.accounts.models import Membership, Organisation
from onex.accounts.tests.factories import a_city, a_province, an_actor, another_province
from onex.common.actors import Actor, Role
from onex.common.models import Attachment
from onex.common.queries import timeline_of
from onex.common.tests.at_once import at_once, told_apart
from onex.common.text import Refused
from onex.pilots import queries, services
from onex.pilots.models import PilotApplication, PilotPlan, PlanMaterial, RosterCount, SignalWeight
from onex.pilots.rules import Signal
from onex.pilots.tests.factories import (
    DAY,
    NOON,
    a_filed_application,
    a_level,
    a_plan,
    a_province_officer,
    a_school_officer,
    an_approved_application,
)

pytestmark = pytest.mark.django_db


def signals_of(row: PilotApplication) -> set[Signal]:
    found = next(one for one in queries.queue_of(a_province_officer(row.plan)) if one.pk == row.pk)
    return set(found.signals)


def with_students(row: PilotApplication, **counts: int) -> PilotApplication:
    """So many students of these majors (`m530701=60`) in the roster of the school."""
    for code, n in counts.items():
        RosterCount.objects.create(school=row.school, major_code=code.removeprefix("m"), count=n)
    return row


_number = count(1)


def a_lone(plan: PilotPlan | None = None, **values: Any) -> PilotApplication:
    """A filed application in words of its own."""
    own = {"facilities": f"第 {next(_number)} 号楼机房 3 间，学生机 150 台，监控覆盖全部机房。"}
    return a_filed_application(plan, **(own | values))


def quiet(plan: PilotPlan | None = None, **values: Any) -> PilotApplication:
    """A filed application without any signal."""
    return with_students(a_lone(plan, **values), m530701=500)


def a_colleague(actor: Actor) -> Actor:
    return an_actor(actor.role, Organisation.objects.get(pk=actor.organisation_id))


def of_the_school(actor: Actor, row: PilotApplication, role: Role = Role.TEACHER) -> Membership:
    return Membership.objects.create(user_id=actor.user_id, role=role, organisation=row.school.organisation)


# --- signals


def test_an_ordinary_application_has_no_signal() -> None:
    assert signals_of(quiet()) == set()


def test_more_asked_than_students_of_the_declared_majors_is_a_signal() -> None:
    row = a_filed_application(requested_count=80, major_codes=["530701"])
    with_students(row, m530701=79, m530605=400)
    assert Signal.MORE_THAN_ROSTER in signals_of(row)
    RosterCount.objects.filter(major_code="530701").update(count=80)
    assert signals_of(row) == set()


def test_without_declared_majors_every_mapped_major_counts_and_no_other() -> None:
    row = with_students(a_filed_application(requested_count=80), m530701=40, m530605=40, m570102=500)
    assert signals_of(row) == set()
    RosterCount.objects.filter(major_code="530605").delete()
    assert Signal.MORE_THAN_ROSTER in signals_of(row)


def test_a_school_without_a_roster_has_fewer_students_than_it_asks_for() -> None:
    assert Signal.MORE_THAN_ROSTER in signals_of(a_filed_application())


@pytest.mark.parametrize(("used", "is_little"), [(39, True), (40, False)])
def test_less_than_half_of_last_years_places_used_is_a_signal(used: int, is_little: bool) -> None:
    officer = a_school_officer()
    last = a_plan(year=2025)
    before = an_approved_application(80, plan=last, officer=officer)
    PilotApplication.objects.filter(pk=before.pk).update(used_count=used, state="expired")
    row = quiet(officer=officer)
    assert (Signal.LITTLE_USED in signals_of(row)) is is_little


def test_last_year_is_of_the_same_school_and_level_over_all_its_batches() -> None:
    officer = a_school_officer()
    for batch, used in ((1, 10), (2, 80)):
        before = an_approved_application(80, plan=a_plan(year=2025, batch=batch), officer=officer)
        PilotApplication.objects.filter(pk=before.pk).update(used_count=used)
    an_approved_application(80, plan=a_plan(year=2025, batch=3))  # another school, nothing used
    an_approved_application(80, plan=a_plan(year=2025, batch=4), officer=officer, level=a_level(2))
    an_approved_application(80, plan=a_plan(year=2024), officer=officer)
    assert Signal.LITTLE_USED not in signals_of(quiet(officer=officer))


LONG = "机房 3 间，共有学生机 150 台，监控设备覆盖全部机房。"


def test_the_text_of_another_school_is_recognised_through_blanks_and_punctuation() -> None:
    plan = a_plan()
    a_filed_application(plan, facilities=LONG)
    row = quiet(plan, facilities=LONG.replace("，", " , ").replace("。", ""))
    assert Signal.SAME_TEXT in signals_of(row)


def test_the_own_text_of_another_year_or_level_is_no_copy() -> None:
    officer = a_school_officer()
    a_filed_application(a_plan(year=2025), officer, facilities=LONG)
    a_filed_application(a_plan(batch=2), officer, facilities=LONG, level=a_level(2))
    assert signals_of(quiet(officer=officer, facilities=LONG)) == set()


def test_a_draft_that_nobody_handed_in_gives_nothing_away() -> None:
    services.create_application(
        a_plan(batch=3), services.ApplicationInput(level=a_level(), facilities=LONG), by=a_school_officer(), at=NOON
    )
    assert signals_of(quiet(facilities=LONG)) == set()


@pytest.mark.parametrize(("machines", "is_few"), [(19, True), (20, False), (None, False)])
def test_fewer_machines_than_a_quarter_is_a_signal_when_they_are_known(machines: int | None, is_few: bool) -> None:
    row = quiet(requested_count=80, machine_count=machines)
    assert (Signal.FEW_MACHINES in signals_of(row)) is is_few


def test_a_required_material_without_a_file_is_a_signal() -> None:
    plan = a_plan()
    row = quiet(plan=plan)
    asked = PlanMaterial.objects.create(plan=plan, name="承诺书", position=1)
    PlanMaterial.objects.create(plan=plan, name="照片", position=2, is_required=False)
    assert signals_of(row) == {Signal.MATERIAL_MISSING}
    Attachment.objects.create(
        subject_type="pilots.pilotapplication", subject_id=row.pk, slot=asked.slot, original_name="承诺书.pdf",
        stored_name="x", content_type="application/pdf", size=1, sha256="0",
    )  # fmt: skip
    assert signals_of(row) == set()


# --- order and weights


def test_the_riskiest_come_first_and_of_equal_risk_the_longest_waiting() -> None:
    plan = a_plan()
    young, old = quiet(plan=plan), quiet(plan=plan)
    PilotApplication.objects.filter(pk=old.pk).update(submitted_at=NOON - DAY)
    risky = quiet(plan=plan, machine_count=1)
    riskier = a_lone(plan, machine_count=1)
    found = queries.queue_of(a_province_officer())
    assert [one.pk for one in found] == [riskier.pk, risky.pk, old.pk, young.pk]
    assert [one.risk for one in found] == [45, 15, 0, 0]


def test_a_province_weighs_signals_its_own_way_and_goes_back_to_the_defaults() -> None:
    plan = a_plan()
    few, none = quiet(plan, machine_count=1), a_lone(plan)
    officer, elsewhere = a_province_officer(), an_actor(Role.PROVINCE, another_province())
    assert [one.pk for one in queries.queue_of(officer)] == [none.pk, few.pk]
    weights = dict.fromkeys(Signal, 0) | {Signal.FEW_MACHINES: 100}
    services.set_weights(a_province(), weights, by=officer, at=NOON)
    assert [one.pk for one in queries.queue_of(officer)] == [few.pk, none.pk]
    assert queries.weights_of(another_province().pk) == queries.default_weights()
    trace = timeline_of(a_province()).get(verb="weights")
    assert (trace.data["before"]["few_machines"], trace.data["after"]["few_machines"]) == (15, 100)
    for wrong in (-1, 101):
        with pytest.raises(Refused, match="应为 0 到 100 的整数"):
            services.set_weights(a_province(), weights | {Signal.SAME_TEXT: wrong}, by=officer, at=NOON)
    with pytest.raises(Refused, match="无权办理"):
        services.set_weights(a_province(), weights, by=elsewhere, at=NOON)
    with pytest.raises(Refused, match="无权办理"):
        services.reset_weights(a_province(), by=elsewhere, at=NOON)
    services.reset_weights(a_province(), by=officer, at=NOON)
    assert queries.weights_of(a_province().pk) == queries.default_weights()
    assert SignalWeight.objects.filter(province__isnull=True).count() == len(Signal)


def test_a_city_counts_signals_as_its_province_does() -> None:
    row = a_lone(a_plan(requires_city_approval=True), machine_count=1)
    services.set_weights(a_province(), dict.fromkeys(Signal, 7), by=a_province_officer(), at=NOON)
    (found,) = queries.queue_of(an_actor(Role.CITY, a_city()))
    assert (found.pk, found.risk) == (row.pk, 14)


@pytest.mark.parametrize("length", [3, 30])
def test_the_queue_costs_eight_queries_however_long(length: int, django_assert_num_queries) -> None:
    plan = a_plan()
    for _ in range(length):
        a_filed_application(plan, major_codes=["530701"])
    PlanMaterial.objects.create(plan=plan, name="承诺书", position=1)
    province = a_province_officer()
    with django_assert_num_queries(8):
        assert len(queries.queue_of(province)) == length


def test_abuse_02_a_reviewer_has_only_the_own_provinces_and_citys_queue() -> None:
    row = a_filed_application(a_plan(requires_city_approval=True))
    other_city = an_actor(Role.CITY, a_city(code="320200", region="无锡市"))
    assert queries.queue_of(other_city) == []
    assert queries.queue_of(an_actor(Role.PROVINCE, another_province())) == []
    assert queries.queue_of(a_province_officer()) == []  # the city looks first
    assert [one.pk for one in queries.queue_of(an_actor(Role.CITY, row.school.city))] == [row.pk]


# --- who has it in hand


def test_an_application_is_given_to_a_colleague_taken_and_handed_back() -> None:
    row, officer = a_filed_application(), a_province_officer()
    colleague = a_colleague(officer)
    user = queries.colleague_by_key(officer, str(colleague.user_id))
    assert services.assign_applications([row], user, by=officer, at=NOON) == 1
    row.refresh_from_db()
    assert (row.assignee, row.assigned_at) == (user, NOON)
    with pytest.raises(Refused, match="经办，不能重复领取"):
        services.take_application(row, by=officer, at=NOON)
    services.assign_applications([row], None, by=colleague, at=NOON)
    row.refresh_from_db()
    assert (row.assignee, row.assigned_at) == (None, None)
    assert services.take_application(row, by=officer, at=NOON).assignee_id == officer.user_id
    assert [one.verb for one in timeline_of(row)][-3:] == ["assign", "hand_back", "take"]


def test_abuse_02_only_a_colleague_in_the_same_hat_gets_it_and_only_the_own_office_gives_it() -> None:
    row, officer = a_filed_application(), a_province_officer()
    stranger = an_actor(Role.PROVINCE, another_province())
    foreign = queries.colleague_by_key(stranger, str(stranger.user_id))
    assert queries.colleague_by_key(officer, str(stranger.user_id)) is None
    with pytest.raises(Refused, match="只能分派给本机构同一身份的同事"):
        services.assign_applications([row], foreign, by=officer, at=NOON)
    with pytest.raises(Refused, match="无权办理"):
        services.assign_applications([row], foreign, by=stranger, at=NOON)


def test_what_waits_no_more_is_not_given_to_anybody() -> None:
    row, officer = an_approved_application(), a_province_officer()
    me = queries.colleague_by_key(officer, str(officer.user_id))
    with pytest.raises(Refused, match="已不在待审核之列"):
        services.assign_applications([row], me, by=officer, at=NOON)


def test_one_wrong_row_keeps_all_from_changing_hands() -> None:
    plan = a_plan()
    good, done, officer = a_filed_application(plan), an_approved_application(plan=plan), a_province_officer()
    me = queries.colleague_by_key(officer, str(officer.user_id))
    with pytest.raises(Refused):
        services.assign_applications([good, done], me, by=officer, at=NOON)
    good.refresh_from_db()
    assert good.assignee is None


def test_it_stays_with_its_reviewer_through_a_return_and_leaves_them_with_the_office() -> None:
    school = a_school_officer()
    row = a_filed_application(a_plan(requires_city_approval=True), school)
    city, province = an_actor(Role.CITY, a_city()), a_province_officer()
    services.take_application(row, by=city, at=NOON)
    services.move_application(row, "return", by=city, at=NOON, note="请补充")
    row = services.move_application(row, "submit", by=school, at=NOON)
    assert row.assignee_id == city.user_id
    row = services.move_application(row, "pass", by=city, at=NOON)
    assert row.assignee is None
    services.take_application(row, by=province, at=NOON)
    services.move_application(row, "return", by=province, at=NOON, note="请补充")
    row = services.move_application(row, "submit", by=school, at=NOON)
    assert row.assignee is None


# --- nobody judges the own school


@pytest.mark.parametrize("move", ["approve", "return", "reject"])
def test_whoever_belongs_to_the_school_decides_nothing_of_it(move: str) -> None:
    row, officer = a_filed_application(), a_province_officer()
    hat = of_the_school(officer, row)
    with pytest.raises(Refused, match="您在该校任职，须回避"):
        services.move_application(row, move, by=officer, at=NOON, note="x", approved_count=80)
    hat.is_active = False
    hat.save()
    assert services.move_application(row, move, by=officer, at=NOON, note="x", approved_count=80).state != row.state


def test_a_city_officer_of_the_school_and_one_of_its_exam_site_are_kept_out_too() -> None:
    row = a_filed_application(a_plan(requires_city_approval=True))
    city = an_actor(Role.CITY, a_city())
    site = Organisation.objects.create(kind="site", name="考核站点", parent=row.school.organisation)
    Membership.objects.create(user_id=city.user_id, role=Role.SITE_MANAGER, organisation=site)
    with pytest.raises(Refused, match="须回避"):
        services.move_application(row, "pass", by=city, at=NOON)
    assert [one.is_conflict for one in queries.queue_of(city)] == [True]


def test_whoever_belongs_to_the_school_does_not_take_back_its_refusal_and_is_given_nothing_of_it() -> None:
    row, officer = a_filed_application(), a_province_officer()
    colleague = a_colleague(officer)
    of_the_school(colleague, row)
    user = queries.colleague_by_key(officer, str(colleague.user_id))
    with pytest.raises(Refused, match="须回避，不能分派"):
        services.assign_applications([row], user, by=officer, at=NOON)
    row = services.move_application(row, "reject", by=officer, at=NOON, note="条件不足")
    with pytest.raises(Refused, match="须回避"):
        services.move_application(row, "correct", by=colleague, at=NOON, note="误操作")


# --- remarks on single fields


def test_a_return_keeps_what_was_said_of_each_field_with_its_submission() -> None:
    school, officer = a_school_officer(), a_province_officer()
    row = a_filed_application(officer=school)
    remarks = {"teaching_staff": "请写明双师型人数", "facilities": "请写明监控"}
    row = services.move_application(row, "return", by=officer, at=NOON, remarks=remarks)
    assert {one.field: one.text for one in queries.remarks_of(row)} == remarks
    trace = timeline_of(row).last()
    assert trace.note == "师资情况：请写明双师型人数；场地情况：请写明监控"
    assert trace.data == {"remarks": remarks}
    row = services.move_application(row, "submit", by=school, at=NOON)
    assert queries.remarks_of(row) == []
    services.move_application(row, "return", by=officer, at=NOON, note="再看一遍", remarks={"facilities": "仍缺"})
    assert row.remarks.count() == 3


def test_a_return_without_a_word_is_refused() -> None:
    row = a_filed_application()
    with pytest.raises(Refused, match="请写明理由：可填总体理由，也可只在有问题的项目下写意见"):
        services.move_application(row, "return", by=a_province_officer(), at=NOON, note="  ", remarks={})
    row.refresh_from_db()
    assert row.state == "province_review"


# --- stale screens, two at once


def test_what_was_decided_on_an_older_screen_is_refused() -> None:
    school, officer = a_school_officer(), a_province_officer()
    row = a_filed_application(officer=school)
    seen = row.revision
    services.move_application(row, "return", by=officer, at=NOON, note="请补充")
    services.move_application(row, "submit", by=school, at=NOON)
    with pytest.raises(services.Stale, match="刚刚有变动，请刷新后再看"):
        services.move_application(row, "approve", by=officer, at=NOON, approved_count=80, revision=seen)


def test_a_withdrawn_application_is_not_decided_on_an_old_screen() -> None:
    school, officer = a_school_officer(), a_province_officer()
    row = a_filed_application(officer=school)
    services.move_application(row, "withdraw", by=school, at=NOON)
    with pytest.raises(services.Stale):
        services.move_application(row, "reject", by=officer, at=NOON, note="x", revision=row.revision)


@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_at_once_exactly_one_decides() -> None:
    row, officer = a_filed_application(), a_province_officer()
    colleague = a_colleague(officer)
    stale = row.revision

    def decide(by: Actor, move: str):
        return lambda: services.move_application(
            row, move, by=by, at=NOON, note="理由", approved_count=80, revision=stale
        )

    done, refused = told_apart(at_once(decide(officer, "approve"), decide(colleague, "reject")))
    assert (len(done), len(refused)) == (1, 1)
    assert isinstance(refused[0], services.Stale)
    row.refresh_from_db()
    assert row.state == done[0].state
    assert timeline_of(row).filter(verb__in=("approve", "reject")).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_it_at_once_exactly_one_has_it() -> None:
    row, officer = a_filed_application(), a_province_officer()
    colleague = a_colleague(officer)
    takers = [lambda by=by: services.take_application(row, by=by, at=NOON) for by in (officer, colleague)]
    done, refused = told_apart(at_once(*takers))
    assert (len(done), len(refused)) == (1, 1)
    assert "不能重复领取" in str(refused[0])


# --- taking a decision back


def test_a_decision_is_taken_back_with_its_reason_and_its_places() -> None:
    row, officer = an_approved_application(60), a_province_officer()
    row = services.move_application(row, "correct", by=officer, at=NOON + timedelta(hours=1), note="人数录错")
    assert (row.state, row.approved_count, row.decided_at) == ("province_review", None, None)
    trace = timeline_of(row).last()
    assert (trace.verb, trace.note) == ("correct", "人数录错")
    assert trace.data == {"approved_count": 60, "decision": "approved"}
    assert [one.count for one in row.places_moves.order_by("at")] == [60, -60]


def test_a_decision_whose_places_are_used_is_not_taken_back_and_says_by_what() -> None:
    row, officer = an_approved_application(60), a_province_officer()
    services.take_places(row, 2, subject=row.school, by=a_school_officer(row.school), at=NOON)
    with pytest.raises(Refused, match=f"已有 2 个名额被使用，不能更正结论：{row.school.name} 2 个") as refused:
        services.move_application(row, "correct", by=officer, at=NOON, note="录错")
    assert "请先由院校取消这些报名" in str(refused.value)


def test_a_correction_needs_its_reason() -> None:
    with pytest.raises(Refused, match="请写明理由"):
        services.move_application(an_approved_application(), "correct", by=a_province_officer(), at=NOON)

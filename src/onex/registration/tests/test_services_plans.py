"""Opening a sitting, announcing it, closing registration with or without forty candidates."""

from __future__ import annotations

from datetime import timedelta

import pytest

from onex.accounts.tests.factories import a_hat, an_actor, an_evaluation_org
from onex.common.actors import SYSTEM, Role
from onex.common.queries import timeline_of
from onex.common.text import Refused, Say
from onex.notices.models import Sending
from onex.pilots.tests.factories import DAY, NOON, a_certificate, a_level
from onex.registration import services
from onex.registration.models import ExamPlan, ExamPlanLevel
from onex.registration.rules.plans import LEVEL_FLOW, PlanLevelState, Window
from onex.registration.tests.factories import (
    AFTERNOON,
    MORNING,
    OPEN,
    a_draft_plan,
    a_plan_level,
    a_scheme,
    an_entered,
    plan_input,
)
from onex.venues.tests.factories import a_pilot_school, an_org_officer

pytestmark = pytest.mark.django_db


def test_a_sitting_is_opened_with_its_slots_levels_and_frozen_schemes() -> None:
    plan = a_draft_plan(a_level(1), a_level(2), number=3)
    assert [slot.window for slot in plan.slots.all()] == [AFTERNOON, MORNING]
    assert [row.state for row in plan.levels.all()] == ["draft", "draft"]
    assert {row.scheme.notice_days for row in plan.levels.all()} == {30}
    assert [trace.verb for trace in timeline_of(plan)] == ["create"]


def test_a_number_is_used_once_a_year() -> None:
    a_draft_plan(number=3)
    with pytest.raises(Refused, match="同一年度已有这个次序的统考"):
        a_draft_plan(number=3)
    a_draft_plan(number=3, year=2027)
    assert ExamPlan.objects.count() == 2


def test_everything_wrong_with_a_sitting_is_told_at_once() -> None:
    organisation = an_evaluation_org()
    with pytest.raises(Refused) as refused:
        services.open_plan(
            organisation,
            services.PlanInput(2026, 1, " ", (), (), Window(NOON, NOON)),
            by=an_org_officer(organisation),
            at=NOON,
        )
    assert [str(reason) for reason in refused.value.reasons] == [
        "请至少填写一个考试时段",
        "报名截止时间应晚于报名开始时间",
        "请填写统考名称",
        "请至少选择一个证书等级",
    ]


def test_only_own_certificates_are_examined_and_only_schemes_that_exist() -> None:
    foreign = a_certificate("900", "别家职业技能等级证书")
    type(foreign).objects.filter(pk=foreign.pk).update(issuer=an_evaluation_org("999999998"))
    with pytest.raises(Refused, match="不是本组织颁发的证书"):
        a_draft_plan(a_level(1, foreign))
    values = plan_input(a_level())
    with pytest.raises(Refused, match="没有“演示”考核方案"):
        services.open_plan(
            an_evaluation_org(),
            services.PlanInput(2026, 50, "演示", values.slots, values.levels, OPEN, "演示"),
            by=an_org_officer(),
            at=NOON,
        )


def test_the_demonstration_scheme_allows_short_slots() -> None:
    a_scheme(a_level(), "演示", theory_minutes=6, practical_minutes=10, notice_days=0)
    soon = Window(NOON + timedelta(hours=2), NOON + timedelta(hours=2, minutes=20))
    level = a_plan_level(scheme_label="演示", slots=(soon,), registration=Window(NOON, NOON + timedelta(hours=1)))
    assert (level.state, level.scheme.label) == ("announced", "演示")


def test_an_announced_sitting_stays_as_schools_have_read_it() -> None:
    level = a_plan_level()
    with pytest.raises(Refused, match="请先撤回报名通知"):
        services.update_plan(level.plan, plan_input(), by=an_org_officer(), at=NOON)
    services.move_plan_level(level, "retract", by=an_org_officer(), at=NOON)
    changed = services.update_plan(level.plan, plan_input(number=9, title="改期"), by=an_org_officer(), at=NOON)
    assert (changed.number, changed.title) == (9, "改期")


def test_a_late_notice_leaves_its_warning_in_the_trace() -> None:
    soon = Window(NOON + 12 * DAY, NOON + 12 * DAY + timedelta(hours=4))
    level = a_plan_level(slots=(soon,))
    (kept,) = timeline_of(level).get(verb="announce").data["warnings"]
    assert str(Say.from_json(kept)) == "距首个考试时段只有 12 天；报名通知一般在考前 30 天左右发布。"


def test_closing_below_forty_needs_the_reason_and_keeps_it() -> None:
    entry = an_entered(2)[0]
    level, officer = entry.plan_level, an_org_officer()
    services.accept_entries(level.entries.all(), by=officer, at=NOON)
    after = level.registration_closes_at
    with pytest.raises(Refused, match="报名 2 人，低于每个考点原则上不少于 40 人的要求"):
        services.move_plan_level(level, "close", by=officer, at=after)
    closed = services.move_plan_level(level, "close", by=officer, at=after, note="本校仅一个试点班")
    trace = timeline_of(level).get(verb="close")
    assert closed.state == PlanLevelState.CLOSED
    assert trace.note == "本校仅一个试点班"
    assert trace.data["sites"] == [{"site": entry.site.name, "accepted": 2}]
    assert "低于每个考点" in str(Say.from_json(trace.data["warnings"][0]))


def test_entries_that_nobody_decided_keep_registration_open() -> None:
    entry = an_entered(1)[0]
    with pytest.raises(Refused, match="还有 1 名考生的报名未受理"):
        services.move_plan_level(entry.plan_level, "close", by=an_org_officer(), at=NOON, note="赶时间")
    assert ExamPlanLevel.objects.get(pk=entry.plan_level_id).state == "announced"


def test_the_candidates_of_a_site_count_over_all_levels_of_the_sitting() -> None:
    from onex.registration.queries import site_counts

    school = a_pilot_school(a_level(1))
    a_pilot_school(a_level(2), school=school)
    plan = a_draft_plan(a_level(1), a_level(2))
    officer = an_org_officer()
    junior, middle = (services.move_plan_level(row, "announce", by=officer, at=NOON) for row in plan.levels.all())
    first = an_entered(3, school, plan_level=junior)
    first[0].site.levels.add(a_level(2))
    an_entered(2, school, plan_level=middle)
    services.accept_entries([*junior.entries.all(), *middle.entries.all()], by=officer, at=NOON)
    assert [one.count for one in site_counts(junior)] == [5]


def test_a_notice_with_live_entries_is_not_retracted() -> None:
    entry = an_entered(1)[0]
    with pytest.raises(Refused, match="已有 1 条报名"):
        services.move_plan_level(entry.plan_level, "retract", by=an_org_officer(), at=NOON)


def test_later_apps_move_the_level_on_and_the_sweep_may() -> None:
    level = a_plan_level()
    level = services.move_plan_level(level, "close", by=an_org_officer(), at=NOON, note="无人报名")
    for move in ("release", "start", "score", "publicise", "finish"):
        level = services.move_plan_level(level, move, by=SYSTEM, at=NOON)
    assert level.state == PlanLevelState.FINISHED


def test_nobody_but_the_organisation_moves_a_sitting() -> None:
    plan = a_draft_plan()
    level = plan.levels.get()
    for actor in (
        SYSTEM,
        an_actor(Role.SCHOOL, a_pilot_school()),
        an_org_officer(an_evaluation_org("999999998")),
    ):
        with pytest.raises(Refused, match="无权办理"):
            services.move_plan_level(level, "announce", by=actor, at=NOON)
        with pytest.raises(Refused, match="无权办理"):
            services.update_plan(plan, plan_input(), by=actor, at=NOON)
        with pytest.raises(Refused, match="无权办理"):
            services.open_plan(an_evaluation_org(), plan_input(), by=actor, at=NOON)


def test_every_move_from_every_state_is_in_the_table_or_refused() -> None:
    officer = an_org_officer()
    level = a_draft_plan().levels.get()
    for state in PlanLevelState:
        for step in LEVEL_FLOW.moves:
            ExamPlanLevel.objects.filter(pk=level.pk).update(state=state)
            level.refresh_from_db()
            if state in step.sources:
                moved = services.move_plan_level(level, step.name, by=officer, at=NOON, note="理由")
                assert moved.state == step.target
            else:
                with pytest.raises(Refused, match="当前状态为"):
                    services.move_plan_level(level, step.name, by=officer, at=NOON, note="理由")


def test_schools_with_places_for_the_level_hear_of_its_notice_and_others_do_not() -> None:
    level = a_level(1)
    told, other = a_hat(Role.REGISTRAR, a_pilot_school(level)), a_hat(Role.REGISTRAR, a_pilot_school(a_level(2)))
    row = a_plan_level(level)
    sending = Sending.objects.get(code="registration.announced_school")
    assert set(sending.notices.values_list("organisation", flat=True)) == {told.organisation_id}
    assert sending.notices.filter(user=told.user).count() == 1
    assert not sending.notices.filter(user=other.user).exists()
    assert "2026-12-24 12:00–16:00" in sending.text
    assert sending.link.endswith(f"/plans/{row.plan_id}/")
    services.move_plan_level(row, "retract", by=an_org_officer(), at=NOON)
    back = Sending.objects.get(code="registration.retracted_school")
    assert back.notices.filter(user=told.user).count() == 1
    assert str(row.plan_id) not in back.link

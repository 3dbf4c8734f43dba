"""Putting an announced sitting off: what must be right, what stays, who is told, and how each edition is kept."""

from __future__ import annotations

import importlib
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from onex.accounts.tests.factories import a_hat, an_actor, an_evaluation_org
from onex.common.actors import Role
from onex.common.queries import timeline_of
from onex.common.text import Refused
from onex.notices.models import Notice, Sending
from onex.pilots.tests.factories import DAY, NOON, a_level
from onex.registration import queries, services
from onex.registration.models import Entry, ExamPlan, ExamPlanLevel, PlanNotice
from onex.registration.rules.plans import PlanLevelState, Window
from onex.registration.rules.rescheduling import NewTimes, RescheduleFacts, problems_on_reschedule
from onex.registration.tests.factories import (
    AFTERNOON,
    MORNING,
    OPEN,
    a_draft_plan,
    a_plan_level,
    a_student,
    an_activated,
    an_entered,
)
from onex.venues.tests.factories import a_pilot_school, an_org_officer

WEEK = 7 * DAY
LATER_SLOTS = tuple(Window(slot.starts_at + WEEK, slot.ends_at + WEEK) for slot in (AFTERNOON, MORNING))
ASKED = NewTimes(LATER_SLOTS, OPEN.ends_at + WEEK, "考点停电检修")
FACTS = RescheduleFacts(
    before=(AFTERNOON, MORNING), states=("announced", "closed"), minutes_needed=210, registration=OPEN, asked=ASKED
)


def problems(at: Any = NOON, states: tuple[str, ...] = FACTS.states, **asked: Any) -> list[str]:
    facts = replace(FACTS, states=states, asked=replace(ASKED, **asked))
    return [str(one) for one in problems_on_reschedule(facts, at)]


def test_an_announced_sitting_may_be_put_off_a_week() -> None:
    assert problems() == []
    assert problems(states=("ready", "draft")) == []


def test_a_draft_is_edited_and_an_exam_that_has_begun_is_a_fact() -> None:
    assert problems(states=("draft",)) == ["这次统考还没有发布报名通知，请直接修改考试计划。"]
    for state in (PlanLevelState.IN_PROGRESS, PlanLevelState.SCORING, PlanLevelState.FINISHED):
        assert problems(states=("announced", state)) == ["这次统考已经开考，不能改期。"]
    assert problems(at=AFTERNOON.starts_at) == ["这次统考已经开考，不能改期。"]


def test_every_reason_is_told_at_once() -> None:
    short = Window(NOON - DAY, NOON - DAY + timedelta(hours=3))
    assert problems(slots=(short,), reason=" ") == [
        "考试时段 2026-11-23 12:00–15:00 只有 180 分钟，容不下理论与实训共 210 分钟",
        "改期不增减考试时段：原有 2 个，现在是 1 个",
        "改期后的首个考试时段应晚于现在",
        "报名截止时间应不晚于首个考试时段的开始时间",
        "请写明改期原因；原因会随通知发给院校和考点。",
    ]


def test_something_has_to_change_and_a_new_deadline_lies_ahead() -> None:
    same = {"slots": (MORNING, AFTERNOON), "registration_closes_at": OPEN.ends_at}
    assert problems(**same) == ["考试时段和报名截止时间都没有变化"]
    assert problems(**{**same, "registration_closes_at": OPEN.ends_at + DAY}) == []
    assert problems(states=("closed",), **{**same, "registration_closes_at": OPEN.ends_at + DAY}) != []
    assert problems(registration_closes_at=NOON) == ["新的报名截止时间应晚于现在"]


def put_off(plan: ExamPlan, asked: NewTimes = ASKED, at: Any = NOON) -> ExamPlan:
    return services.reschedule_plan(plan, asked, by=an_org_officer(plan.organisation), at=at)


@pytest.mark.django_db
def test_slots_move_in_place_and_entries_stay_in_theirs() -> None:
    (entry,) = an_entered(1)
    plan = entry.plan_level.plan
    first = plan.slots.order_by("starts_at")[0]
    Entry.objects.filter(pk=entry.pk).update(slot=first)
    put_off(plan)
    entry.refresh_from_db()
    assert (entry.slot_id, entry.state) == (first.pk, "submitted")
    assert [slot.window for slot in plan.slots.order_by("starts_at")] == list(LATER_SLOTS)
    assert ExamPlanLevel.objects.get().registration_closes_at == OPEN.ends_at + WEEK


@pytest.mark.django_db
def test_each_edition_is_kept_and_stands_in_the_timeline() -> None:
    level = a_plan_level()
    put_off(level.plan)
    put_off(level.plan, replace(ASKED, slots=(AFTERNOON, MORNING), reason="提前修好"), at=NOON + DAY)
    told = [(one.version, one.windows, one.reason) for one in queries.editions_of(level)]
    assert told == [
        (1, (AFTERNOON, MORNING), ""),
        (2, LATER_SLOTS, "考点停电检修"),
        (3, (AFTERNOON, MORNING), "提前修好"),
    ]
    traces = timeline_of(level).filter(verb="reschedule").order_by("at")
    assert [(trace.data["version"], trace.note) for trace in traces] == [(2, "考点停电检修"), (3, "提前修好")]
    assert {(trace.from_state, trace.to_state) for trace in traces} == {("announced", "announced")}


@pytest.mark.django_db
def test_a_draft_level_of_the_sitting_is_told_to_nobody() -> None:
    plan = a_draft_plan(a_level(1), a_level(2))
    junior, middle = plan.levels.order_by("level__level")
    services.move_plan_level(junior, "announce", by=an_org_officer(), at=NOON)
    put_off(plan)
    assert set(PlanNotice.objects.values_list("level", "version")) == {(junior.level_id, 1), (junior.level_id, 2)}
    assert not timeline_of(middle).filter(verb="reschedule").exists()


@pytest.mark.django_db
def test_tickets_that_are_out_send_the_level_back_to_arrangement() -> None:
    level = a_plan_level()
    services.move_plan_level(level, "close", by=an_org_officer(), at=NOON, note="无人报名")
    services.move_plan_level(level, "release", by=an_org_officer(), at=NOON)
    put_off(level.plan)
    level.refresh_from_db()
    assert (level.state, level.registration_closes_at) == (PlanLevelState.CLOSED, OPEN.ends_at)
    assert timeline_of(level).get(verb="reschedule").from_state == "ready"


@pytest.mark.django_db
def test_schools_and_sites_are_told_both_times_and_why() -> None:
    entries = an_entered(2)
    school, site = entries[0].student.school, entries[0].site
    pupil_side, host = a_hat(Role.REGISTRAR, school), a_hat(Role.SITE_MANAGER, site.unit)
    put_off(entries[0].plan_level.plan)
    told = Sending.objects.get(code="registration.rescheduled_school")
    assert told.subject == "2026 年第八次统考改期"
    assert told.text == (
        "2026 年第八次统考改期：原定 2026-12-24 12:00–16:00、2026-12-25 06:00–10:00，"
        "现改为 2026-12-31 12:00–16:00、2027-01-01 06:00–10:00。原因：考点停电检修\n"
        "贵校 2 名考生的报名继续有效，请通知考生。"
    )
    assert Notice.objects.filter(sending=told, user=pupil_side.user).count() == 1
    asked = Sending.objects.get(code="registration.rescheduled_site")
    assert f"{site.name}有 2 名考生" in asked.text
    assert Notice.objects.filter(sending=asked, user=host.user).count() == 1


@pytest.mark.django_db
def test_candidates_with_an_account_are_told_and_nobody_elses_student() -> None:
    entry = an_entered(1)[0]
    own = an_activated(entry.student)
    an_activated(a_student(entry.student.school))
    put_off(entry.plan_level.plan)
    told = Notice.objects.filter(sending__code="registration.rescheduled_candidate")
    assert [one.user_id for one in told] == [own.user_id]


@pytest.mark.django_db
def test_a_refused_change_changes_and_tells_nothing() -> None:
    entry = an_entered(1)[0]
    with pytest.raises(Refused, match="请写明改期原因"):
        put_off(entry.plan_level.plan, replace(ASKED, reason=""))
    assert [slot.window for slot in entry.plan_level.plan.slots.all()] == [AFTERNOON, MORNING]
    assert not Sending.objects.filter(code__startswith="registration.rescheduled").exists()
    assert PlanNotice.objects.count() == 1


@pytest.mark.django_db
def test_only_the_organisation_puts_its_sitting_off() -> None:
    plan = a_plan_level().plan
    for actor in (an_actor(Role.SCHOOL, a_pilot_school()), an_org_officer(an_evaluation_org("999999998"))):
        with pytest.raises(Refused, match="无权办理"):
            services.reschedule_plan(plan, ASKED, by=actor, at=NOON)


@pytest.mark.django_db
def test_the_effect_counts_entries_schools_sites_and_people_who_would_be_in_two_places() -> None:
    level = a_level()
    entries = an_entered(3, level=level)
    school, plan = entries[0].student.school, entries[0].plan_level.plan
    other = a_plan_level(a_level(2), slots=LATER_SLOTS)
    a_pilot_school(a_level(2), school=school)
    entries[0].site.levels.add(a_level(2))
    both = [entries[0].student, a_student(school)]
    an_entered(2, school, a_level(2), plan_level=other, students=both)
    effect = queries.reschedule_effect(plan, LATER_SLOTS)
    assert (effect.entry_count, effect.school_count, effect.clashing_count) == (3, 1, 1)
    assert [(one.site, one.count) for one in effect.sites] == [(entries[0].site.name, 3)]
    assert queries.reschedule_effect(plan, (AFTERNOON, MORNING)).clashing_count == 0


@pytest.mark.django_db
def test_what_was_announced_before_editions_were_kept_becomes_the_first() -> None:
    level, draft = a_plan_level(), a_draft_plan(a_level(2))
    PlanNotice.objects.all().delete()
    migration = importlib.import_module("onex.registration.migrations.0007_notices_of_sittings")
    migration.first_editions(apps, SimpleNamespace(connection=connection))
    (kept,) = PlanNotice.objects.all()
    assert (kept.plan, kept.level, kept.version, kept.told_at) == (level.plan, level.level, 1, NOON)
    assert (kept.windows, kept.ends_at, kept.registration) == ((AFTERNOON, MORNING), MORNING.ends_at, OPEN)
    assert draft.pk != kept.plan_id

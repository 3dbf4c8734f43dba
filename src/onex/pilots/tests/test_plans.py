"""A plan through its life: its window to the minute, its totals, and changes of it that schools can live with."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onex.accounts.tests.factories import a_province, a_school, an_actor, another_province
from onex.common.actors import Role
from onex.common.queries import timeline_of
from onex.common.tests.at_once import at_once, told_apart
from onex.common.text import Refused
from onex.notices.models import Sending
from onex.pilots import queries, services
from onex.pilots.models import PilotApplication, PilotPlan
from onex.pilots.rules import NextOpening, PlanPhase, moved_by_years, next_of, phase_of, problems_with_window
from onex.pilots.services.plans import CHANGED, PlanInput, input_of
from onex.pilots.tests.factories import (
    DAY,
    NOON,
    a_certificate,
    a_draft,
    a_filed_application,
    a_level,
    a_plan,
    a_province_officer,
    an_approved_application,
)

BEIJING = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)


# --- the clock


def test_a_window_until_23_59_is_open_at_23_58_59_and_closed_at_23_59_00() -> None:
    opens = datetime(2026, 7, 12, 0, 0, tzinfo=BEIJING)
    closes = datetime(2026, 12, 27, 23, 59, tzinfo=BEIJING)
    before = closes - timedelta(seconds=1)
    assert [phase_of("published", opens, closes, at) for at in (opens, before, closes)] == [
        PlanPhase.OPEN,
        PlanPhase.OPEN,
        PlanPhase.CLOSED,
    ]
    assert problems_with_window("published", opens, closes, before) == []
    assert "2026年12月27日 23:59" in str(problems_with_window("published", opens, closes, closes)[0])


def test_whoever_comes_late_is_told_when_the_next_batch_opens() -> None:
    opening = NextOpening(batch=3, opens_at=NOON + 5 * DAY)
    window = ("published", NOON - 2 * DAY, NOON - DAY, NOON)
    (told,) = problems_with_window(*window, next_opening=opening)
    assert "下一批次（第三次）将于 2026年11月29日 12:00 开放" in str(told)
    (told,) = problems_with_window(*window)
    assert "请等待下一批次的计划" in str(told)
    open_now = NextOpening(batch=2, opens_at=NOON - DAY, closes_at=NOON + DAY)
    over = NextOpening(batch=1, opens_at=NOON - 3 * DAY, closes_at=NOON)
    assert next_of([over, opening, open_now], NOON) == open_now
    assert next_of([over, opening], NOON) == opening
    assert next_of([over], NOON) is None
    (told,) = problems_with_window(*window, next_opening=open_now)
    assert "第二次正在开放，可以在该批次申报" in str(told)


@pytest.mark.django_db
def test_a_draft_that_missed_its_window_is_told_where_to_file_now() -> None:
    plan = a_plan()
    draft = a_draft(plan)
    a_plan(batch=3, opens_at=plan.closes_at + 5 * DAY, closes_at=plan.closes_at + 30 * DAY)
    officer = an_actor(Role.SCHOOL, draft.school)
    with pytest.raises(Refused, match="下一批次（第三次）将于 2026年12月8日 12:00 开放"):
        services.move_application(draft, "submit", by=officer, at=plan.closes_at)
    a_plan(batch=2, opens_at=NOON, closes_at=plan.closes_at + 20 * DAY)
    with pytest.raises(Refused, match="第二次正在开放"):
        services.move_application(draft, "submit", by=officer, at=plan.closes_at)
    draft.refresh_from_db()
    assert draft.state == "draft"


@pytest.mark.django_db
def test_a_window_is_kept_to_the_minute() -> None:
    at_noon = NOON.replace(second=59, microsecond=9)
    made = services.create_plan(
        PlanInput(year=2026, batch=1, opens_at=at_noon, closes_at=at_noon + MINUTE), by=a_province_officer(), at=NOON
    )
    assert (made.opens_at, made.closes_at) == (NOON, NOON + MINUTE)


@pytest.mark.django_db
def test_a_window_after_the_year_of_the_plan_is_refused_because_its_places_would_have_lapsed() -> None:
    next_year = NOON + 40 * DAY
    late = PlanInput(year=2026, batch=1, opens_at=next_year, closes_at=next_year + DAY)
    with pytest.raises(Refused, match="申报开始时间在 2026 年度之后"):
        services.create_plan(late, by=a_province_officer(), at=NOON)
    assert services.create_plan(replace(late, year=2027), by=a_province_officer(), at=NOON).year == 2027


@given(minutes=st.integers(0, 60 * 24 * 365 * 60), years=st.integers(0, 8))
def test_a_copied_date_keeps_its_local_minute_and_falls_on_a_day_there_is(minutes: int, years: int) -> None:
    local = datetime(2020, 1, 1, tzinfo=BEIJING) + minutes * MINUTE
    moved = moved_by_years(local, years)
    assert (moved.year, moved.month, moved.hour, moved.minute) == (
        local.year + years,
        local.month,
        local.hour,
        local.minute,
    )
    assert moved.day == local.day or (local.month, local.day, moved.day) == (2, 29, 28)


# --- totals


@pytest.mark.django_db
def test_a_total_keeps_approvals_below_it_and_says_what_is_left() -> None:
    plan = a_plan()
    officer = a_province_officer(plan)
    services.update_plan(plan, replace(input_of(plan), totals={None: 150}), by=officer, at=NOON, reason="年度总量")
    an_approved_application(80, plan=plan)
    second = a_filed_application(plan, an_actor(Role.SCHOOL, a_school("第二职业学院")))
    with pytest.raises(Refused, match="名额总量 150：已批准 80，还可批准 70"):
        services.move_application(second, "approve", by=officer, at=NOON, approved_count=80)
    services.move_application(second, "approve", by=officer, at=NOON, approved_count=70, note="总量所限")
    a_filed_application(plan, an_actor(Role.SCHOOL, a_school("第三职业学院")))
    whole, certificate = queries.totals_shown(plan)
    assert (whole["total"], whole["granted"], whole["left"], whole["waiting"]) == (150, 150, 0, 80)
    assert whole["is_short"]
    assert (certificate["total"], certificate["granted"], certificate["waiting"]) == (None, 150, 80)


@pytest.mark.django_db
def test_a_total_of_one_certificate_does_not_bind_another() -> None:
    plan = a_plan()
    other = a_certificate("102", "新媒体技术职业技能等级证书")
    officer = a_province_officer(plan)
    totals = {a_certificate(): 50}
    services.update_plan(plan, replace(input_of(plan), totals=totals), by=officer, at=NOON, reason="年度总量")
    free = a_filed_application(plan, level=a_level(1, other))
    assert services.move_application(free, "approve", by=officer, at=NOON, approved_count=80).approved_count == 80
    bound = a_filed_application(plan)
    with pytest.raises(Refused, match="“直播电商职业技能等级证书”的名额总量 50：已批准 0，还可批准 50"):
        services.move_application(bound, "approve", by=officer, at=NOON, approved_count=80)


@pytest.mark.django_db
def test_a_total_is_never_set_below_what_is_granted_nor_a_part_above_the_whole() -> None:
    plan = a_plan()
    an_approved_application(80, plan=plan)
    with pytest.raises(Refused, match="已批准 80 个名额，名额总量不能少于此数"):
        change(plan, totals={None: 79})
    with pytest.raises(Refused, match="超过了全部证书的名额总量 100"):
        change(plan, totals={None: 100, a_certificate(): 101})


@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_once_never_exceed_the_total() -> None:
    plan = a_plan()
    officer = a_province_officer(plan)
    services.update_plan(plan, replace(input_of(plan), totals={None: 100}), by=officer, at=NOON, reason="年度总量")
    rows = [a_filed_application(plan, an_actor(Role.SCHOOL, a_school(f"第{n}职业学院"))) for n in range(3)]
    approve = services.move_application
    done, refused = told_apart(
        at_once(*(partial(approve, row, "approve", by=officer, at=NOON, approved_count=80) for row in rows))
    )
    assert (len(done), len(refused)) == (1, 2)
    assert (
        sum(PilotApplication.objects.filter(plan=plan, state="approved").values_list("approved_count", flat=True)) == 80
    )


# --- changing a published plan


def change(plan: PilotPlan, reason: str = "应院校要求", **changes) -> PilotPlan:
    values = replace(input_of(PilotPlan.objects.get(pk=plan.pk)), **changes)
    return services.update_plan(plan, values, by=a_province_officer(plan), at=NOON, reason=reason)


@pytest.mark.django_db
def test_a_published_plan_is_changed_with_a_reason_and_the_trace_says_what_was_before() -> None:
    plan = a_plan()
    with pytest.raises(Refused, match="请写明修改的原因"):
        change(plan, reason=" ", closes_at=plan.closes_at + 5 * DAY)
    later = plan.closes_at + 5 * DAY
    change(plan, closes_at=later, notes="延期五天。", materials=[("学校说明", True)])
    plan.refresh_from_db()
    assert (plan.closes_at, plan.notes, [one.name for one in plan.materials.all()]) == (
        later,
        "延期五天。",
        ["学校说明"],
    )
    trace = timeline_of(plan).get(verb="change")
    assert trace.note == "应院校要求"
    assert set(trace.data["changes"]) == {"closes_at", "notes", "materials"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"year": 2027}, "不能更换年度和批次"),
        ({"batch": 2}, "不能更换年度和批次"),
        ({"opens_at": NOON}, "不能再改开始时间"),
        ({"closes_at": NOON - MINUTE}, "申报结束时间（2026年11月24日 11:59）已经过去"),
        ({"requires_city_approval": True}, "已有 1 份申报提交，不能再改变是否要求地市级教育局审批"),
        ({"corrections_until": NOON + DAY}, "审核修改截止时间不应早于申报结束时间"),
        ({"reviews_until": NOON + DAY}, "审核截止时间不应早于申报结束时间"),
        ({"reviews_until": NOON - MINUTE}, "审核截止时间（2026年11月24日 11:59）已经过去"),
        ({"all_certificates": False}, "开放证书范围为空"),
        ({"materials": [("说明", True), ("说明", False)]}, "材料“说明”写了两次"),
    ],
)
def test_what_schools_rely_on_stays(changes: dict, sentence: str) -> None:
    plan = a_plan()
    a_filed_application(plan)
    with pytest.raises(Refused, match=sentence):
        change(plan, **changes)


@pytest.mark.django_db
def test_a_draft_lives_through_a_change_of_its_plan_and_its_checklist_says_what_is_new() -> None:
    plan = a_plan()
    draft = a_draft(plan)
    officer = an_actor(Role.SCHOOL, draft.school)
    change(plan, requires_majors=True, materials=[("学校说明", True)])
    draft = PilotApplication.objects.get(pk=draft.pk)
    assert draft.state == "draft"
    with pytest.raises(Refused) as refused:
        services.move_application(draft, "submit", by=officer, at=NOON)
    assert [str(one) for one in refused.value.reasons] == [
        "本计划要求按专业填报，请至少添加一个拟申报专业。",
        "请上传“学校说明”。",
    ]


@pytest.mark.django_db
def test_what_was_uploaded_for_a_material_that_stays_is_not_asked_for_again() -> None:
    plan = a_plan()
    change(plan, materials=[("学校说明", True)])
    kept = plan.materials.get()
    change(plan, materials=[("承诺书", False), ("学校说明", True)])
    assert plan.materials.get(name="学校说明").slot == kept.slot


@pytest.mark.django_db
def test_the_second_of_two_officers_at_one_form_is_told_that_the_plan_changed_meanwhile() -> None:
    plan = a_plan()
    seen_by_both = input_of(plan)
    officer = a_province_officer(plan)
    first = replace(seen_by_both, notes="第一人")
    services.update_plan(plan, first, by=officer, at=NOON, reason="说明")
    with pytest.raises(Refused, match="计划刚刚被别人修改"):
        services.update_plan(plan, replace(seen_by_both, notes="第二人"), by=officer, at=NOON, reason="说明")
    plan.refresh_from_db()
    assert plan.notes == "第一人"


@pytest.mark.django_db
def test_a_closed_plan_reopens_when_its_end_is_moved_and_a_cancelled_one_never_changes() -> None:
    plan = a_plan(opens_at=NOON - 9 * DAY, closes_at=NOON - DAY)
    with pytest.raises(Refused, match="无法再补报"):
        a_draft(plan)
    change(plan, closes_at=NOON + DAY)
    plan.refresh_from_db()
    assert a_draft(plan).state == "draft"
    with pytest.raises(Refused, match="只有草稿和已发布的计划可以修改"):
        change(a_plan("cancelled", batch=2), notes="x")


@pytest.mark.django_db
def test_schools_are_told_of_a_change_they_can_see_and_of_no_other() -> None:
    plan = a_plan()
    an_actor(Role.SCHOOL, a_school())
    change(plan, totals={None: 900}, reviews_until=plan.closes_at + 30 * DAY)
    assert not Sending.objects.exists()
    change(plan, closes_at=plan.closes_at + DAY, reason="应院校要求延期")
    told = Sending.objects.filter(code__contains="plan_changed")
    assert told
    assert all("应院校要求延期" in one.text and "2026年12月4日" in one.text for one in told)


@pytest.mark.django_db
def test_a_plan_published_meanwhile_makes_the_open_form_of_its_draft_stale() -> None:
    plan = a_plan("draft")
    seen, officer = input_of(plan), a_province_officer(plan)
    services.move_plan(plan, "publish", by=officer, at=NOON)
    with pytest.raises(Refused) as refused:
        services.update_plan(plan, replace(seen, notes="第二人"), by=officer, at=NOON)
    assert refused.value.reasons == (CHANGED,)


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_one_form_at_once_leave_one_of_their_changes() -> None:
    plan = a_plan()
    officer, seen = a_province_officer(plan), input_of(plan)

    def write(notes: str) -> PilotPlan:
        return services.update_plan(plan, replace(seen, notes=notes), by=officer, at=NOON, reason="说明")

    done, refused = told_apart(at_once(partial(write, "甲"), partial(write, "乙")))
    assert (len(done), [one.reasons for one in refused]) == (1, [(CHANGED,)])
    assert PilotPlan.objects.get().notes == done[0].notes


@pytest.mark.django_db
def test_whom_a_change_touches_is_counted_by_what_they_hold() -> None:
    plan, other = a_plan(), a_certificate("102", "新媒体技术职业技能等级证书")
    a_draft(plan, major_codes=["530701"])
    a_draft(plan, an_actor(Role.SCHOOL, a_school("第二职业学院", city=None)))
    a_filed_application(plan, an_actor(Role.SCHOOL, a_school("第三职业学院")))
    counts = queries.touched_by_change(plan, [other])
    assert counts == {
        "drafts": 2, "returned": 0, "waiting": 1, "outside": 2, "waiting_outside": 1,
        "without_majors": 1, "without_city": 1,
    }  # fmt: skip
    assert queries.touched_by_change(plan, None)["outside"] == 0


# --- copying


@pytest.mark.django_db
def test_last_year_s_plan_is_copied_into_this_year_with_its_totals_and_materials() -> None:
    earlier = a_plan(year=2025, batch=3, opens_at=NOON - 365 * DAY, closes_at=NOON - 300 * DAY, requires_majors=True)
    earlier.totals.create(total=900)
    earlier.materials.create(name="学校说明", is_required=True, position=0)
    made = services.copy_plan(earlier, by=a_province_officer(earlier), at=NOON)
    assert (made.state, made.year, made.batch, made.requires_majors) == ("draft", 2026, 1, True)
    assert made.opens_at == moved_by_years(earlier.opens_at, 1)
    assert ([one.total for one in made.totals.all()], [one.name for one in made.materials.all()]) == (
        [900],
        ["学校说明"],
    )


@pytest.mark.django_db
def test_this_year_s_plan_becomes_its_next_batch_or_next_year_s_first_and_the_copy_says_of_what() -> None:
    plan, officer = a_plan(), a_province_officer()
    made = services.copy_plan(plan, by=officer, at=NOON)
    assert (made.year, made.batch, made.opens_at) == (2026, 2, plan.opens_at)
    ahead = services.copy_plan(plan, by=officer, at=NOON, year=2027)
    assert (ahead.year, ahead.batch, ahead.opens_at) == (2027, 1, moved_by_years(plan.opens_at, 1))
    (trace,) = timeline_of(ahead)
    assert (trace.verb, trace.note) == ("copied_from", "2026 第一次")
    for year in (2025, 2028):
        with pytest.raises(Refused, match="只能复制到本年度或下一年度"):
            services.copy_plan(plan, by=officer, at=NOON, year=year)


@pytest.mark.django_db
def test_another_province_copies_nothing_and_a_year_without_free_batch_is_said() -> None:
    plan = a_plan()
    with pytest.raises(Refused, match="无权办理"):
        services.copy_plan(plan, by=an_actor(Role.PROVINCE, another_province()), at=NOON)
    for batch in range(2, 11):
        a_plan(batch=batch)
    with pytest.raises(Refused, match="2026 年度的批次已用完"):
        services.copy_plan(plan, by=a_province_officer(plan), at=NOON)


@pytest.mark.django_db
def test_a_gap_between_batches_is_used_when_the_last_one_is_taken() -> None:
    a_plan(batch=10)
    assert queries.free_batch(a_province(), 2026) == 1

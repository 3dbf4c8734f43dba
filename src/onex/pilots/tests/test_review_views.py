"""A reviewer at work: the desk, one application after the other, stale screens, and what the school reads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onex.accounts.models import Membership
from onex.accounts.tests.factories import a_city, a_province, a_school, an_actor, another_province, signed_in_as
from onex.common.actors import Role
from onex.pilots import queries, services
from onex.pilots.models import DecisionBatch, PilotApplication, PilotPlan
from onex.pilots.tests import factories
from onex.pilots.tests.factories import DAY, a_level

pytestmark = pytest.mark.django_db
QUEUE = "/pilots/review/"


def text_of(response: Any) -> str:
    return response.content.decode()


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def plan(now) -> PilotPlan:
    return factories.a_plan(year=timezone.localtime(now).year, opens_at=now - DAY, closes_at=now + 9 * DAY)


@pytest.fixture
def officer():
    return an_actor(Role.PROVINCE, a_province())


@pytest.fixture
def desk(officer) -> Client:
    return signed_in_as(Client(), officer)


def filed(plan: PilotPlan, now: Any, name: str = "", **values: Any) -> PilotApplication:
    who = an_actor(Role.SCHOOL, a_school(name))
    row = services.create_application(plan, factories.filled(**values), by=who, at=now)
    return services.move_application(row, "submit", by=who, at=now)


def moving(row: PilotApplication, move: str) -> str:
    return reverse("pilots:application-move", args=[row.pk, move])


def detail(row: PilotApplication) -> str:
    return reverse("pilots:application-detail", args=[row.pk])


# --- the desk


def test_the_desk_shows_signals_filters_and_who_has_what(desk, plan, now, officer) -> None:
    first = filed(plan, now, "南京商贸职业技术学院", machine_count=1)
    second = filed(plan, now, "南京工业职业技术学院", level=a_level(2))
    page = text_of(desk.get(QUEUE))
    assert page.index(first.school.name) < page.index(second.school.name)
    for word in ("机台不足", "超在籍", "领取", "预览办理", "未分派"):
        assert word in page
    only = desk.get(f"{QUEUE}?signal=few_machines")
    assert [line["row"].pk for line in only.context["lines"]] == [first.pk]
    assert [line["row"].pk for line in desk.get(f"{QUEUE}?level=2").context["lines"]] == [second.pk]
    assert [line["row"].pk for line in desk.get(f"{QUEUE}?q=工业").context["lines"]] == [second.pk]
    assert not desk.get(f"{QUEUE}?who=mine").context["lines"]
    desk.post(reverse("pilots:review-assign"), {"take": str(first.pk)})
    assert [line["row"].pk for line in desk.get(f"{QUEUE}?who=mine").context["lines"]] == [first.pk]
    assert [line["row"].pk for line in desk.get(f"{QUEUE}?who=free").context["lines"]] == [second.pk]


def test_ticked_applications_go_to_a_colleague_and_nothing_ticked_is_said_with_status_409(desk, plan, now) -> None:
    row = filed(plan, now)
    colleague = an_actor(Role.PROVINCE, a_province())
    assign = reverse("pilots:review-assign")
    assert desk.post(assign, {"pk": [str(row.pk)], "to": str(colleague.user_id)}).status_code == 302
    row.refresh_from_db()
    assert row.assignee_id == colleague.user_id
    again = desk.post(assign, {"pk": [str(row.pk)], "to": str(colleague.user_id)}, follow=True)
    assert "经办人没有变化。" in text_of(again)
    nothing = desk.post(assign, {"to": "me"})
    assert (nothing.status_code, "请先勾选" in text_of(nothing)) == (409, True)
    stranger = an_actor(Role.PROVINCE, another_province())
    assert desk.post(assign, {"pk": [str(row.pk)], "to": str(stranger.user_id)}).status_code == 409


def test_what_a_colleague_decided_meanwhile_is_left_out_and_said(desk, plan, now) -> None:
    rows = [filed(plan, now) for _ in range(2)]
    assign, decide = reverse("pilots:review-assign"), reverse("pilots:batch-create")
    ticked = {"pk": [str(row.pk) for row in rows], "to": "me", "decision": "approve"}
    services.move_application(rows[0], "reject", by=an_actor(Role.PROVINCE, a_province()), at=now, note="重复")
    for address in (assign, decide):
        page = text_of(desk.post(address, ticked, follow=True))
        assert "所选的申报中有 1 份已不在待审核之列" in page
    assert len(DecisionBatch.objects.get().lines) == 1
    services.move_application(rows[1], "reject", by=an_actor(Role.PROVINCE, a_province()), at=now, note="重复")
    for address in (assign, decide):
        answer = desk.post(address, ticked)
        assert (answer.status_code, "都已不在待审核之列" in text_of(answer)) == (409, True)


def test_abuse_01_foreign_rows_are_neither_taken_nor_ticked(plan, now) -> None:
    row = filed(plan, now)
    stranger = signed_in_as(Client(), an_actor(Role.PROVINCE, another_province()))
    assert stranger.post(reverse("pilots:review-assign"), {"take": str(row.pk)}).status_code == 409
    ticked = stranger.post(reverse("pilots:batch-create"), {"pk": [str(row.pk)], "decision": "approve"})
    assert ticked.status_code == 409
    assert not DecisionBatch.objects.exists()
    assert row.school.name not in text_of(stranger.get(QUEUE))
    school = signed_in_as(Client(), an_actor(Role.SCHOOL, row.school))
    assert school.get(QUEUE).status_code == 403


def test_the_navigation_counts_what_waits(desk, plan, now) -> None:
    filed(plan, now)
    filed(plan, now)
    assert '<span class="ox-count">2</span>' in text_of(desk.get("/pilots/plans/"))


def test_abuse_26_a_search_with_markup_is_shown_as_words(desk, plan, now) -> None:
    filed(plan, now)
    page = text_of(desk.get(QUEUE, {"q": "<script>alert(1)</script>", "plan": "x", "who": "//evil", "sort": "-evil"}))
    assert "<script>alert(1)" not in page


@pytest.mark.parametrize("length", [3, 30])
def test_the_desk_costs_the_same_number_of_queries_however_long(
    desk, plan, now, length: int, django_assert_num_queries
) -> None:
    for _ in range(length):
        filed(plan, now)
    # session, user, hats, the queue's eight, rows, colleagues, the navigation's count, the bell's
    with django_assert_num_queries(15):
        assert len(desk.get(QUEUE).context["lines"]) == length


def test_the_weights_are_the_provinces_own_page(desk, plan, now) -> None:
    page = reverse("pilots:signal-weights")
    form = {
        "more_than_roster": "0",
        "little_used": "0",
        "same_text": "0",
        "few_machines": "90",
        "material_missing": "5",
    }
    assert desk.post(page, form).status_code == 302
    assert queries.weights_of(a_province().pk)["few_machines"] == 90
    wrong = desk.post(page, form | {"same_text": "viel"})
    assert (wrong.status_code, "应为 0 到 100 的整数" in text_of(wrong)) == (422, True)
    assert 'value="viel"' in text_of(wrong)
    desk.post(page, {"then": "reset"})
    assert queries.weights_of(a_province().pk) == queries.default_weights()
    assert signed_in_as(Client(), an_actor(Role.CITY, a_city())).get(page).status_code == 403


# --- one after the other


def test_after_a_decision_the_next_of_the_queue_is_opened_with_its_filters(desk, plan, now) -> None:
    rows = [filed(plan, now + timedelta(minutes=n)) for n in range(3)]
    PilotApplication.objects.update(facilities_digest="")
    page = text_of(desk.get(f"{detail(rows[1])}?from=queue&q=南京"))
    assert "第 2 份，共 3 份" in page
    assert f"{detail(rows[0])}?from=queue" in page
    assert f"{detail(rows[2])}?from=queue" in page
    answer = desk.post(
        f"{moving(rows[1], 'approve')}?from=queue&q=南京",
        {"approved_count": "80", "revision": rows[1].revision, "then": "next"},
    )
    assert answer.url.startswith(f"{detail(rows[2])}?from=queue&q=")
    last = desk.post(
        f"{moving(rows[0], 'approve')}?from=queue",
        {"approved_count": "80", "revision": rows[0].revision},
    )
    assert last.url == f"{detail(rows[0])}?from=queue"


def test_a_stale_decision_is_refused_and_nothing_typed_is_lost(desk, plan, now) -> None:
    row = filed(plan, now)
    who = an_actor(Role.SCHOOL, row.school)
    services.move_application(row, "withdraw", by=who, at=now)
    typed = {"note": "请补充", "remark-facilities": "请写明监控", "revision": row.revision}
    withdrawn = desk.post(moving(row, "return"), typed)
    assert withdrawn.status_code == 409
    # Nothing is to be decided any more: what was typed has no form to stand in, and is shown to be copied.
    for word in ("已撤回", "您填写的意见没有办理", "请补充", "请写明监控"):
        assert word in text_of(withdrawn)

    row = filed(plan, now)
    services.move_application(row, "return", by=an_actor(Role.PROVINCE, a_province()), at=now, note="x")
    services.move_application(row, "submit", by=an_actor(Role.SCHOOL, row.school), at=now)
    typed = {"note": "总体看", "remark-facilities": "请写明监控", "revision": row.revision}
    answer = desk.post(moving(row, "return"), typed)
    page = text_of(answer)
    assert answer.status_code == 409
    for word in ("刚刚有变动，请刷新后再看", "总体看", "请写明监控"):
        assert word in page
    again = desk.post(moving(row, "return"), typed | {"revision": PilotApplication.objects.get(pk=row.pk).revision})
    assert again.status_code == 302


def test_a_return_shows_until_when_the_school_may_correct_before_it_is_made(desk, plan, now) -> None:
    row = filed(plan, now)
    assert "院校可在" in text_of(desk.get(detail(row)))
    PilotPlan.objects.filter(pk=plan.pk).update(closes_at=now + DAY)
    assert "时间不多" in text_of(desk.get(detail(row)))
    PilotPlan.objects.filter(pk=plan.pk).update(opens_at=now - 9 * DAY, closes_at=now - DAY)
    assert "退回后院校不能再修改提交" in text_of(desk.get(detail(row)))
    PilotPlan.objects.filter(pk=plan.pk).update(corrections_until=now + 9 * DAY)
    assert "院校可在" in text_of(desk.get(detail(row)))


def test_remarks_stand_beside_their_fields_for_the_school_and_for_the_next_look(desk, plan, now) -> None:
    row = filed(plan, now)
    sent = desk.post(moving(row, "return"), {"remark-facilities": "请写明监控设备", "revision": row.revision})
    assert sent.status_code == 302
    school = an_actor(Role.SCHOOL, row.school)
    page = text_of(signed_in_as(Client(), school).get(detail(row)))
    assert "退回意见</b> 请写明监控设备" in page
    assert "下一步：按意见修改后重新提交，由" in page
    services.move_application(row, "submit", by=school, at=now)
    assert "上次的退回意见</b> 请写明监控设备" in text_of(desk.get(detail(row)))


def test_who_belongs_to_the_school_sees_why_nothing_can_be_decided(desk, officer, plan, now) -> None:
    row = filed(plan, now)
    Membership.objects.create(user_id=officer.user_id, role=Role.TEACHER, organisation=row.school.organisation)
    page = text_of(desk.get(detail(row)))
    assert "您在该校任职，须回避" in page
    assert moving(row, "approve") not in page
    assert "您在该校任职，须回避" in text_of(desk.get(QUEUE))
    refused = desk.post(moving(row, "approve"), {"approved_count": "80", "revision": row.revision})
    assert refused.status_code == 409


def test_the_school_is_not_told_who_of_an_office_has_it_in_hand(desk, plan, now) -> None:
    row = filed(plan, now)
    desk.post(reverse("pilots:review-assign"), {"take": str(row.pk)})
    assert "领取审核" in text_of(desk.get(detail(row)))
    assert "领取审核" not in text_of(signed_in_as(Client(), an_actor(Role.SCHOOL, row.school)).get(detail(row)))


def test_the_schools_of_the_same_text_are_named_only_to_whoever_may_see_them(desk, plan, now) -> None:
    words = "机房 3 间，共有学生机 150 台，监控设备覆盖全部机房。"
    near = filed(plan, now, facilities=words)
    far_plan = factories.a_plan(province=another_province(), year=2026, opens_at=now - DAY, closes_at=now + DAY)
    who = an_actor(Role.SCHOOL, a_school("杭州某学院", province=another_province()))
    far = services.create_application(far_plan, factories.filled(facilities=words), by=who, at=now)
    services.move_application(far, "submit", by=who, at=now)
    page = text_of(desk.get(detail(filed(plan, now, facilities=words))))
    assert near.school.name in page
    assert "杭州某学院" not in page
    assert "另有 1 所不在您审核范围内的院校" in page


def test_a_school_of_another_city_of_the_province_is_not_said_to_be_of_another_province(plan, now) -> None:
    PilotPlan.objects.filter(pk=plan.pk).update(requires_city_approval=True)
    plan.refresh_from_db()
    words = "机房 3 间，共有学生机 150 台，监控设备覆盖全部机房。"
    who = an_actor(Role.SCHOOL, a_school("无锡某学院", city=a_city(code="320200", region="无锡市")))
    row = services.create_application(plan, factories.filled(facilities=words), by=who, at=now)
    services.move_application(row, "submit", by=who, at=now)
    of_city = signed_in_as(Client(), an_actor(Role.CITY, a_city()))
    page = text_of(of_city.get(detail(filed(plan, now, facilities=words))))
    assert "另有 1 所不在您审核范围内的院校" in page
    assert "无锡某学院" not in page
    assert "外省" not in page


def test_abuse_25_a_remark_with_markup_is_inert_for_the_school(desk, plan, now) -> None:
    row = filed(plan, now)
    bad = "<img src=x onerror=alert(1)>"
    desk.post(moving(row, "return"), {"note": bad, "remark-facilities": bad, "revision": row.revision})
    assert bad not in text_of(signed_in_as(Client(), an_actor(Role.SCHOOL, row.school)).get(detail(row)))


def test_abuse_13_what_the_form_does_not_ask_for_changes_nothing(desk, plan, now) -> None:
    row = filed(plan, now)
    sent = {
        "note": "请补充",
        "approved_count": "80",
        "state": "approved",
        "school": str(a_school().pk),
        "assignee": "x",
    }
    desk.post(moving(row, "return"), sent)
    after = PilotApplication.objects.get(pk=row.pk)
    assert (after.state, after.approved_count, after.school_id, after.assignee_id) == (
        "returned", None, row.school_id, None
    )  # fmt: skip


def test_a_decision_is_corrected_on_the_page_with_its_reason(desk, plan, now) -> None:
    row = filed(plan, now)
    desk.post(moving(row, "approve"), {"approved_count": "80", "revision": row.revision})
    assert "更正审核结论" in text_of(desk.get(detail(row)))
    assert desk.post(moving(row, "correct"), {"note": ""}).status_code == 409
    assert desk.post(moving(row, "correct"), {"note": "人数录错"}).status_code == 302
    assert PilotApplication.objects.get(pk=row.pk).state == "province_review"

"""What is on disk after a plan or an application, what was traced, and what was refused in which words."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from onex.accounts.tests.factories import PDF, a_city, a_province, a_school, an_actor, another_province
from onex.common.actors import Actor, Role
from onex.common.queries import timeline_of
from onex.common.tests.at_once import at_once, told_apart
from onex.common.text import Refused
from onex.pilots import queries, services
from onex.pilots.models import PilotApplication, PilotPlan
from onex.pilots.tests.factories import (
    DAY,
    NOON,
    a_certificate,
    a_draft,
    a_filed_application,
    a_level,
    a_plan,
    a_province_officer,
    a_school_officer,
    an_approved_application,
    filled,
)

pytestmark = pytest.mark.django_db


def move(row: PilotApplication, name: str, by: Actor, note: str = "", **more) -> PilotApplication:
    return services.move_application(row, name, by=by, at=more.pop("at", NOON), note=note, **more)


def officer_of(row: PilotApplication) -> Actor:
    return an_actor(Role.SCHOOL, row.school)


def decide(row: PilotApplication, name: str, note: str = "", **more) -> PilotApplication:
    return move(row, name, a_province_officer(row.plan), note, **more)


# --- plans


def values(**changes) -> services.PlanInput:
    plan = services.PlanInput(year=2026, batch=1, opens_at=NOON + DAY, closes_at=NOON + 30 * DAY)
    return replace(plan, **changes)


def test_a_plan_is_written_changed_published_and_traced() -> None:
    officer = a_province_officer()
    plan = services.create_plan(values(), by=officer, at=NOON)
    plan = services.update_plan(
        plan, values(batch=2, all_certificates=False, certificates=[a_certificate()]), by=officer, at=NOON
    )
    plan = services.move_plan(plan, "publish", by=officer, at=NOON)
    assert (plan.state, plan.batch, plan.province) == ("published", 2, a_province())
    assert list(plan.certificates.all()) == [a_certificate()]
    assert [trace.verb for trace in timeline_of(plan)] == ["create", "update", "publish"]


def test_a_province_has_one_plan_for_each_batch_until_it_is_cancelled() -> None:
    officer = a_province_officer()
    plan = services.create_plan(values(), by=officer, at=NOON)
    with pytest.raises(Refused, match="同一年度的这个批次已有申报计划"):
        services.create_plan(values(), by=officer, at=NOON)
    services.create_plan(values(), by=an_actor(Role.PROVINCE, another_province()), at=NOON)
    services.move_plan(plan, "cancel", by=officer, at=NOON, note="合并批次")
    assert services.create_plan(values(), by=officer, at=NOON).state == "draft"


def test_an_unsound_plan_is_refused_before_anything_is_written() -> None:
    with pytest.raises(Refused) as refused:
        services.create_plan(values(closes_at=NOON, all_certificates=False), by=a_province_officer(), at=NOON)
    assert len(refused.value.reasons) == 2
    assert not PilotPlan.objects.exists()


def test_a_school_makes_no_plan_and_another_province_changes_none() -> None:
    plan = a_plan("draft")
    with pytest.raises(Refused, match="无权办理"):
        services.update_plan(plan, values(), by=an_actor(Role.PROVINCE, another_province()), at=NOON)
    with pytest.raises(Refused, match="无权办理"):
        services.move_plan(plan, "publish", by=a_school_officer(), at=NOON)


# --- filing


def test_a_draft_is_kept_as_far_as_it_goes() -> None:
    officer = a_school_officer()
    row = services.create_application(a_plan(), services.ApplicationInput(level=a_level()), by=officer, at=NOON)
    assert (row.state, row.school_id, row.requested_count) == ("draft", officer.organisation_id, 0)
    with pytest.raises(Refused) as refused:
        move(row, "submit", officer)
    assert len(refused.value.reasons) == 3
    row = services.update_application(row, filled(major_codes=["530701"]), by=officer, at=NOON)
    assert [str(major) for major in row.declared_majors.all()] == ["530701 电子商务"]
    assert move(row, "submit", officer).state == "province_review"


def test_without_city_review_it_goes_straight_to_the_province() -> None:
    row = a_filed_application()
    assert (row.state, row.submitted_at) == ("province_review", NOON)


def test_with_city_review_the_city_looks_first_and_the_province_decides() -> None:
    row = a_filed_application(a_plan(requires_city_approval=True))
    assert row.state == "city_review"
    with pytest.raises(Refused, match="不能“通过”"):
        decide(row, "approve", approved_count=80)
    row = move(row, "pass", an_actor(Role.CITY, a_city()))
    assert decide(row, "approve", approved_count=80).state == "approved"


def test_another_city_does_not_pass_it() -> None:
    row = a_filed_application(a_plan(requires_city_approval=True))
    with pytest.raises(Refused, match="无权办理"):
        move(row, "pass", an_actor(Role.CITY, a_city(code="320200", region="无锡市")))


def test_nothing_is_filed_without_a_plan_of_ones_own_province() -> None:
    foreign = a_plan(province=another_province())
    with pytest.raises(Refused, match="无权办理：申报证书试点"):
        services.create_application(foreign, filled(), by=a_school_officer(), at=NOON)


def test_nothing_is_filed_before_the_window_or_after_it() -> None:
    officer = a_school_officer()
    with pytest.raises(Refused, match="申报时间尚未开始"):
        services.create_application(a_plan(opens_at=NOON + DAY), filled(), by=officer, at=NOON)
    with pytest.raises(Refused, match="无法再补报"):
        services.create_application(a_plan(batch=2), filled(), by=officer, at=NOON + 9 * DAY)
    assert not PilotApplication.objects.exists()


def test_a_draft_is_not_submitted_after_the_window() -> None:
    row = a_draft()
    with pytest.raises(Refused, match="无法再补报"):
        move(row, "submit", officer_of(row), at=NOON + 9 * DAY)


def test_only_certificates_of_the_plan_may_be_applied_for() -> None:
    plan = a_plan(all_certificates=False, certificates=[a_certificate("102", "新媒体技术职业技能等级证书")])
    with pytest.raises(Refused, match="不在本计划的开放证书范围内"):
        services.create_application(plan, filled(), by=a_school_officer(), at=NOON)
    level = a_level(certificate=a_certificate("102"))
    assert services.create_application(plan, filled(level), by=a_school_officer(), at=NOON).level == level


def test_one_application_for_each_level_of_a_batch_until_it_is_withdrawn() -> None:
    plan, officer = a_plan(), a_school_officer()
    row = a_filed_application(plan, officer)
    with pytest.raises(Refused, match="不能重复申报"):
        services.create_application(plan, filled(), by=officer, at=NOON)
    a_draft(plan, officer, level=a_level(2))
    a_draft(a_plan(batch=2), officer)
    a_draft(plan)
    move(row, "withdraw", officer)
    assert a_draft(plan, officer).state == "draft"


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_leave_one_draft() -> None:
    plan, officer, form = a_plan(), a_school_officer(), filled()
    click = partial(services.create_application, plan, form, by=officer, at=NOON)
    done, refused = told_apart(at_once(click, click))
    assert (len(done), len(refused)) == (1, 1)
    assert PilotApplication.objects.count() == 1


def test_majors_that_the_school_does_not_offer_or_the_level_does_not_map_are_refused() -> None:
    officer = an_actor(Role.SCHOOL, a_school(majors={"530701": "电子商务", "570102": "早期教育"}))
    plan = a_plan()
    with pytest.raises(Refused, match="“570102 早期教育”不是该证书这一等级的对应专业"):
        services.create_application(plan, filled(major_codes=["570102"]), by=officer, at=NOON)
    with pytest.raises(Refused, match="530605 ”不在贵校的开设专业之列"):
        services.create_application(plan, filled(major_codes=["530605"]), by=officer, at=NOON)


def test_a_plan_that_asks_for_majors_refuses_an_application_without() -> None:
    officer = a_school_officer()
    row = a_draft(a_plan(requires_majors=True), officer)
    with pytest.raises(Refused, match="要求按专业填报"):
        move(row, "submit", officer)


def test_a_school_without_a_city_cannot_go_through_a_city() -> None:
    officer = an_actor(Role.SCHOOL, a_school(city=None))
    row = a_draft(a_plan(requires_city_approval=True), officer)
    with pytest.raises(Refused, match="没有登记所在城市"):
        move(row, "submit", officer)


# --- review


def test_a_returned_application_is_corrected_and_submitted_again() -> None:
    row = decide(a_filed_application(), "return", "请补充师资情况")
    officer = officer_of(row)
    assert queries.last_return_of(row).note == "请补充师资情况"
    row = services.update_application(row, filled(requested_count=60), by=officer, at=NOON)
    row = move(row, "submit", officer)
    assert (row.state, row.requested_count) == ("province_review", 60)
    assert queries.last_return_of(row) is None
    assert queries.submission_before(row)["requested_count"] == 80
    assert [trace.verb for trace in timeline_of(row)] == ["create", "submit", "return", "update", "submit"]


def test_a_return_by_the_city_comes_back_to_the_city() -> None:
    row = a_filed_application(a_plan(requires_city_approval=True))
    row = move(row, "return", an_actor(Role.CITY, a_city()), "请补充场地情况")
    assert move(row, "submit", officer_of(row)).state == "city_review"


def test_corrections_end_with_the_plan_or_with_its_own_deadline() -> None:
    late = NOON + 10 * DAY
    row = decide(a_filed_application(a_plan()), "return", "请补充")
    with pytest.raises(Refused, match="无法再补报"):
        move(row, "submit", officer_of(row), at=late)
    plan = a_plan(batch=2, corrections_until=NOON + 14 * DAY)
    row = decide(a_filed_application(plan), "return", "请补充", at=late)
    assert services.update_application(row, filled(), by=officer_of(row), at=late).state == "returned"
    assert move(row, "submit", officer_of(row), at=late).state == "province_review"


@pytest.mark.parametrize("name", ["return", "reject"])
def test_sending_back_and_refusing_need_a_reason(name: str) -> None:
    with pytest.raises(Refused, match="请写明理由"):
        decide(a_filed_application(), name)


def test_fewer_places_than_asked_are_granted_with_a_reason() -> None:
    row = a_filed_application()
    with pytest.raises(Refused, match="少于申请的 80 人，请写明理由"):
        decide(row, "approve", approved_count=60)
    row = decide(row, "approve", "机房容量 60 台", approved_count=60)
    assert (row.state, row.approved_count, row.used_count, row.decided_at) == ("approved", 60, 0, NOON)
    trace = timeline_of(row).last()
    assert (trace.note, trace.data) == ("机房容量 60 台", {"requested_count": 80, "approved_count": 60})


@pytest.mark.parametrize("count", [None, 0, 81])
def test_no_number_none_or_more_than_asked_are_not_granted(count: int | None) -> None:
    row = a_filed_application()
    with pytest.raises(Refused):
        decide(row, "approve", "理由", approved_count=count)
    row.refresh_from_db()
    assert (row.state, row.approved_count) == ("province_review", None)


def test_another_province_does_not_decide() -> None:
    row = a_filed_application()
    with pytest.raises(Refused, match="无权办理"):
        move(row, "approve", an_actor(Role.PROVINCE, another_province()), approved_count=80)


def test_a_school_does_not_approve_itself() -> None:
    row = a_filed_application()
    with pytest.raises(Refused, match="无权办理"):
        move(row, "approve", officer_of(row), approved_count=80)


def test_nothing_changes_while_it_is_reviewed_or_decided() -> None:
    row = a_filed_application()
    for _ in range(2):
        with pytest.raises(Refused, match="正在审核或已有结论"):
            services.update_application(row, filled(requested_count=1), by=officer_of(row), at=NOON)
        with pytest.raises(Refused, match="正在审核或已有结论"):
            services.add_material(row, SimpleUploadedFile("说明.pdf", PDF), by=officer_of(row), at=NOON)
        if row.state == "province_review":
            row = decide(row, "approve", approved_count=80)


def test_an_approved_application_is_not_withdrawn() -> None:
    row = an_approved_application()
    with pytest.raises(Refused, match="当前状态为“审核通过”，不能“撤回”"):
        move(row, "withdraw", officer_of(row))


@pytest.mark.django_db(transaction=True)
def test_an_approval_and_a_withdrawal_at_once_leave_one_of_them() -> None:
    row = a_filed_application()
    school, province = officer_of(row), a_province_officer(row.plan)
    done, refused = told_apart(
        at_once(
            partial(move, row, "withdraw", school),
            partial(move, row, "approve", province, approved_count=80),
        )
    )
    assert (len(done), len(refused)) == (1, 1)
    row.refresh_from_db()
    assert (row.state == "approved") == (row.approved_count == 80)


# --- materials


def test_materials_are_kept_and_taken_away_while_it_may_be_changed() -> None:
    row = a_draft()
    officer = officer_of(row)
    kept = services.add_material(row, SimpleUploadedFile("情况说明.pdf", PDF), by=officer, at=NOON)
    assert list(queries.materials_of(row)) == [kept]
    services.remove_material(row, kept, by=officer, at=NOON)
    assert not queries.materials_of(row).exists()


def test_no_more_than_ten_materials_and_none_by_strangers() -> None:
    row = a_draft()
    for n in range(10):
        services.add_material(row, SimpleUploadedFile(f"{n}.pdf", PDF), by=officer_of(row), at=NOON)
    with pytest.raises(Refused, match="最多上传 10 个"):
        services.add_material(row, SimpleUploadedFile("11.pdf", PDF), by=officer_of(row), at=NOON)
    with pytest.raises(Refused, match="无权办理"):
        services.add_material(row, SimpleUploadedFile("x.pdf", PDF), by=a_school_officer(), at=NOON)

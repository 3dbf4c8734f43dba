"""A school's draft while it is written: kept late, told apart from a stale one, several at once, deleted."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from onex.accounts.tests.factories import PDF, a_school, an_actor
from onex.common.actors import Role
from onex.common.models import Attachment, Trace
from onex.common.queries import timeline_of
from onex.common.tests.at_once import at_once, told_apart
from onex.common.text import Refused
from onex.pilots import queries, services
from onex.pilots.models import PilotApplication, PilotPlan, PlanMaterial
from onex.pilots.services import ChangedMeanwhile, LevelInput, Locked
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
    filled,
)

pytestmark = pytest.mark.django_db
LATE = NOON + 10 * DAY


def officer_of(row: PilotApplication):
    return an_actor(Role.SCHOOL, row.school)


def written(row: PilotApplication, by=None, at=NOON, **changes) -> PilotApplication:
    about = {name: changes.pop(name) for name in ("revision", "by_itself") if name in changes}
    return services.update_application(row, filled(**changes), by=by or officer_of(row), at=at, **about)


def a_pdf(name: str = "说明.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF)


# --- a draft whose plan closes or changes under it


def test_a_draft_goes_on_being_kept_after_its_window_and_is_never_submitted() -> None:
    row = a_draft()
    kept = written(row, at=LATE, teaching_staff="专任教师 15 人")
    assert (kept.state, kept.teaching_staff, kept.saved_at) == ("draft", "专任教师 15 人", LATE)
    with pytest.raises(Refused, match="无法再补报"):
        services.move_application(kept, "submit", by=officer_of(row), at=LATE)


def test_a_new_draft_is_not_begun_after_the_window() -> None:
    with pytest.raises(Refused, match="无法再补报"):
        services.create_application(a_plan(), filled(), by=a_school_officer(), at=LATE)
    assert not PilotApplication.objects.exists()


def test_a_draft_whose_certificate_the_plan_no_longer_opens_is_kept_and_not_submitted() -> None:
    row = a_draft()
    PilotPlan.objects.filter(pk=row.plan_id).update(all_certificates=False)
    row = PilotApplication.objects.get(pk=row.pk)
    kept = written(row, teaching_staff="专任教师 15 人")
    assert kept.teaching_staff == "专任教师 15 人"
    with pytest.raises(Refused, match="不在本计划的开放证书范围内"):
        services.move_application(kept, "submit", by=officer_of(row), at=NOON)


def test_a_declared_major_that_is_no_longer_offered_stays_until_the_school_takes_it_away() -> None:
    row = a_draft(major_codes=["530701", "530605"])
    row.school.majors.filter(code="530605").delete()
    kept = written(row, major_codes=["530605", "530701"], teaching_staff="改过")
    assert [str(one) for one in kept.declared_majors.all()] == ["530605 市场营销", "530701 电子商务"]
    with pytest.raises(Refused, match="“530605 市场营销”不在贵校的开设专业之列"):
        services.move_application(kept, "submit", by=officer_of(row), at=NOON)
    kept = written(kept, major_codes=["530701"])
    assert services.move_application(kept, "submit", by=officer_of(row), at=NOON).state == "province_review"
    with pytest.raises(Refused, match="不在贵校的开设专业之列"):  # once taken away it is a new one
        written(a_draft(row.plan, officer_of(row), level=a_level(2)), level=a_level(2), major_codes=["530605"])


# --- two screens of one draft


def test_a_stale_screen_changes_nothing_and_learns_what_is_kept_now() -> None:
    row = a_draft()
    first = row.revision
    newer = written(row, teaching_staff="别处写的", revision=first)
    with pytest.raises(ChangedMeanwhile, match="在您填写期间被改动过") as changed:
        written(row, teaching_staff="这里写的", revision=first)
    assert changed.value.now.teaching_staff == "别处写的"
    assert PilotApplication.objects.get(pk=row.pk).revision == newer.revision == first + 1


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_save_at_once_keep_one_of_the_two_versions_whole() -> None:
    row = a_draft()
    officer, revision = officer_of(row), row.revision
    one, two = filled(teaching_staff="甲", facilities="甲"), filled(teaching_staff="乙", facilities="乙")
    save = partial(services.update_application, row, by=officer, at=NOON, revision=revision)
    done, refused = told_apart(at_once(partial(save, one), partial(save, two)))
    assert (len(done), len(refused)) == (1, 1)
    row.refresh_from_db()
    assert row.teaching_staff == row.facilities


def test_the_same_words_again_are_no_change() -> None:
    row = written(a_draft(), teaching_staff="专任教师 15 人")
    again = written(row, teaching_staff="专任教师 15 人", at=NOON + DAY)
    assert (again.revision, again.saved_at) == (row.revision, NOON)


def test_a_draft_that_keeps_itself_is_one_line_of_the_story_in_a_sitting() -> None:
    me = a_school_officer()
    row = a_draft(officer=me)
    for n in range(5):
        row = written(row, me, requested_count=10 + n, by_itself=True, at=NOON + timedelta(seconds=n))
    assert [trace.verb for trace in timeline_of(row)] == ["create"]
    written(row, me, requested_count=20, by_itself=True, at=NOON + timedelta(hours=1))
    written(row, me, requested_count=21, at=NOON + timedelta(hours=1))  # a button is a line of its own
    colleague = an_actor(Role.SCHOOL, row.school)
    written(row, by=colleague, requested_count=22, by_itself=True, at=NOON + timedelta(hours=1))
    assert [trace.verb for trace in timeline_of(row)] == ["create", "update", "update", "update"]


def test_what_was_handed_in_meanwhile_is_locked_and_says_where_it_stands() -> None:
    row = a_draft()
    services.move_application(row, "submit", by=officer_of(row), at=NOON)
    with pytest.raises(Locked, match="不能再修改（现在是“待省级审核”）"):
        written(row, teaching_staff="改过")


# --- deleting a draft


def test_a_draft_that_was_never_submitted_is_deleted_with_its_files_and_the_trace_keeps_its_words() -> None:
    row = a_draft()
    services.add_material(row, a_pdf(), by=officer_of(row), at=NOON)
    services.discard_draft(row, by=officer_of(row), at=NOON)
    assert not PilotApplication.objects.exists()
    assert not Attachment.objects.exists()
    trace = Trace.objects.get(subject_id=row.pk, verb="discard")
    assert trace.data["teaching_staff"] == row.teaching_staff
    with pytest.raises(Locked, match="已被删除"):
        written(row)
    with pytest.raises(Locked, match="已被删除"):
        services.discard_draft(row, by=officer_of(row), at=NOON)


def test_what_was_submitted_once_is_not_deleted() -> None:
    row = a_filed_application()
    with pytest.raises(Refused, match="不能再修改"):
        services.discard_draft(row, by=officer_of(row), at=NOON)
    row = services.move_application(row, "return", by=a_province_officer(row.plan), at=NOON, note="请补充")
    with pytest.raises(Refused, match="只有从未提交过的草稿可以删除"):
        services.discard_draft(row, by=officer_of(row), at=NOON)


def test_abuse_01_nobody_deletes_or_changes_another_school_s_draft() -> None:
    row = a_draft()
    stranger = a_school_officer()
    for act in (
        partial(services.discard_draft, row, by=stranger, at=NOON),
        partial(services.update_application, row, filled(), by=stranger, at=NOON),
        partial(services.add_material, row, a_pdf(), by=stranger, at=NOON),
    ):
        with pytest.raises(Refused, match="无权办理"):
            act()
    assert queries.start_of(a_school(), str(row.pk)) is None
    assert PilotApplication.objects.get().teaching_staff == row.teaching_staff


# --- materials that the plan asks for


def test_a_material_the_plan_asks_for_is_missed_by_name_until_it_is_uploaded_in_its_place() -> None:
    plan = a_plan()
    asked = PlanMaterial.objects.create(plan=plan, name="组织管理情况说明", position=1)
    PlanMaterial.objects.create(plan=plan, name="设备清单", is_required=False, position=2)
    row = a_draft(plan)
    services.add_material(row, a_pdf(), by=officer_of(row), at=NOON)  # among the others it does not count
    with pytest.raises(Refused, match="请上传“组织管理情况说明”") as refused:
        services.move_application(row, "submit", by=officer_of(row), at=NOON)
    assert len(refused.value.reasons) == 1
    services.add_material(row, a_pdf(), by=officer_of(row), at=NOON, slot=asked.slot)
    assert services.move_application(row, "submit", by=officer_of(row), at=NOON).state == "province_review"


def test_a_place_for_files_that_the_plan_does_not_have_is_refused() -> None:
    foreign = PlanMaterial.objects.create(plan=a_plan(batch=2), name="别的计划的材料", position=1)
    row = a_draft()
    with pytest.raises(Refused, match="本计划没有要求这项材料"):
        services.add_material(row, a_pdf(), by=officer_of(row), at=NOON, slot=foreign.slot)


# --- several levels in one sitting


def test_what_is_refused_for_one_level_is_said_of_that_one_and_the_others_are_kept() -> None:
    officer, plan = a_school_officer(), a_plan()
    a_draft(plan, officer, level=a_level(1))
    found = services.keep_levels(
        plan, [LevelInput(filled(a_level(n))) for n in (1, 2, 3)], by=officer, at=NOON, submit=True
    )
    assert [one.is_submitted for one in found] == [False, True, True]
    assert "不能重复申报" in str(found[0].reasons[0])
    states = PilotApplication.objects.order_by("level__level").values_list("state", flat=True)
    assert list(states) == ["draft", "province_review", "province_review"]


def test_every_level_of_a_sitting_gets_the_shared_files() -> None:
    officer, plan = a_school_officer(), a_plan()
    asked = PlanMaterial.objects.create(plan=plan, name="组织管理情况说明", position=1)
    uploads = {asked.slot: [a_pdf("说明.pdf")], queries.MATERIAL: [a_pdf("其他.pdf")]}
    lines = [LevelInput(filled(a_level(n))) for n in (1, 2)]
    found = services.keep_levels(plan, lines, by=officer, at=NOON, submit=True, uploads=uploads)
    assert all(one.is_submitted for one in found)
    for row in PilotApplication.objects.all():
        assert {one.original_name for one in queries.all_materials_of(row)} == {"说明.pdf", "其他.pdf"}


def test_a_level_kept_and_not_complete_stays_a_draft_with_the_reasons() -> None:
    officer, plan = a_school_officer(), a_plan()
    lines = [LevelInput(filled(a_level(1))), LevelInput(filled(a_level(2), requested_count=0))]
    first, second = services.keep_levels(plan, lines, by=officer, at=NOON, submit=True)
    assert (first.is_submitted, second.is_submitted, second.is_kept) == (True, False, True)
    assert [str(one) for one in second.reasons] == ["请填写申请培训总人数，至少 1 人。"]
    assert second.application is not None
    mended = LevelInput(filled(a_level(2)), second.application, second.application.revision)
    (again,) = services.keep_levels(plan, [mended], by=officer, at=NOON, submit=True)
    assert again.is_submitted


# --- an earlier application as a beginning


def test_the_same_level_s_latest_application_is_offered_first_and_equal_words_once() -> None:
    officer = a_school_officer()
    last = a_draft(a_plan(batch=1), officer, level=a_level(1), teaching_staff="去年的师资")
    a_draft(a_plan(batch=2), officer, level=a_level(2), teaching_staff="中级的师资")
    a_draft(a_plan(batch=3), officer, level=a_level(3), teaching_staff="中级的师资")
    services.create_application(
        a_plan(batch=4), services.ApplicationInput(level=a_level(1)), by=officer, at=NOON
    )  # nothing in it to begin with
    a_draft(a_plan(batch=5), level=a_level(1), teaching_staff="别校的师资")
    found = queries.starts_for(last.school, a_level(1))
    assert [one.teaching_staff for one in found] == ["去年的师资", "中级的师资"]
    assert found[0] == last
    assert queries.starts_for(last.school, a_level(2))[0].level == a_level(2)
    assert queries.start_of(last.school, "nonsense") is None


# --- every refusal of filing, in its words


@pytest.mark.parametrize(
    ("plan", "form", "sentence"),
    [
        ({"state": "cancelled"}, {}, "该申报计划已取消，不能申报"),
        ({"state": "draft"}, {}, "该申报计划尚未发布，不能申报"),
        ({"opens_at": NOON + DAY}, {}, "申报时间尚未开始，2026年11月25日 12:00 起可以申报"),
        ({"closes_at": NOON - timedelta(hours=1)}, {}, "申报时间已于 2026年11月24日 11:00 结束，无法再补报"),
        ({"requires_majors": True}, {}, "本计划要求按专业填报，请至少添加一个拟申报专业"),
        ({}, {"requested_count": 0}, "请填写申请培训总人数，至少 1 人"),
        ({}, {"teaching_staff": " \n"}, "请填写师资情况"),
        ({}, {"facilities": ""}, "请填写场地情况"),
    ],
)
def test_every_reason_not_to_submit_is_said_in_its_words(plan: dict, form: dict, sentence: str) -> None:
    row = a_draft(**form)
    PilotPlan.objects.filter(pk=row.plan_id).update(**plan)
    with pytest.raises(Refused, match=sentence):
        services.move_application(PilotApplication.objects.get(pk=row.pk), "submit", by=officer_of(row), at=NOON)


def test_a_certificate_outside_the_plan_is_refused_when_the_level_is_changed_to_it() -> None:
    plan = a_plan(all_certificates=False, certificates=[a_certificate()])
    row = a_draft(plan)
    foreign = a_level(certificate=a_certificate("102", "新媒体技术职业技能等级证书"))
    with pytest.raises(Refused, match="不在本计划的开放证书范围内"):
        written(row, level=foreign)
    other = a_draft(plan, officer_of(row), level=a_level(2))
    with pytest.raises(Refused, match="不能重复申报"):
        written(other, level=a_level(1))

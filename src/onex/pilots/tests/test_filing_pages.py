"""The form as a registrar meets it: drafts that keep themselves, stale tabs, remarks, what is missing."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onex.accounts.tests.factories import PDF, a_province, a_school, an_actor, another_province, signed_in_as
from onex.common.actors import Role
from onex.pilots import queries, services
from onex.pilots.models import PilotApplication, PilotPlan, PlanMaterial
from onex.pilots.tests import factories
from onex.pilots.tests.factories import DAY, a_level

pytestmark = pytest.mark.django_db
BY_ITSELF = {"X-Autosave": "1"}


def text_of(response) -> str:
    return response.content.decode()


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def plan(now) -> PilotPlan:
    return factories.a_plan(year=timezone.localtime(now).year, opens_at=now - DAY, closes_at=now + 9 * DAY)


@pytest.fixture
def school():
    return a_school("南京示范职业技术学院")


@pytest.fixture
def officer(school):
    return an_actor(Role.SCHOOL, school)


@pytest.fixture
def as_school(client, officer):
    return signed_in_as(client, officer)


def the_form(**changes) -> dict:
    return {
        "requested_count": "80",
        "level": str(a_level().pk),
        "declared_majors": ["530701"],
        "teaching_staff": "专任教师 12 人",
        "facilities": "机房 3 间，学生机 150 台",
        "machine_count": "150",
    } | changes


def apply_address(plan: PilotPlan) -> str:
    return reverse("pilots:application-create", args=[plan.pk])


def edit_address(row: PilotApplication) -> str:
    return reverse("pilots:application-edit", args=[row.pk])


def a_draft(plan, officer, now, **values) -> PilotApplication:
    return services.create_application(plan, factories.filled(**values), by=officer, at=now)


def close(plan: PilotPlan, now) -> None:
    PilotPlan.objects.filter(pk=plan.pk).update(closes_at=now)


# --- drafts that keep themselves


def test_a_draft_is_kept_by_itself_as_soon_as_a_level_is_chosen(as_school, plan) -> None:
    waits = as_school.post(apply_address(plan), the_form(level=""), headers=BY_ITSELF)
    assert (waits.status_code, waits.json()) == (202, {"problem": "选择试点证书后自动保存", "waits": True})
    assert not PilotApplication.objects.exists()
    kept = as_school.post(apply_address(plan), the_form(facilities=""), headers=BY_ITSELF).json()
    row = PilotApplication.objects.get()
    assert (kept["address"], kept["fields"]) == (edit_address(row), {"revision": str(row.revision)})
    assert re.fullmatch(r"\d\d:\d\d", kept["saved"])
    assert "请填写场地情况" in kept["replace"]["#checklist"]
    assert row.machine_count == 150


def test_a_mistake_in_one_field_does_not_keep_the_others_from_being_kept(as_school, plan, officer, now) -> None:
    row = a_draft(plan, officer, now, major_codes=["530701"])
    answer = as_school.post(
        edit_address(row),
        the_form(requested_count="八十", teaching_staff="专任教师 20 人", declared_majors=["999999"], revision="1"),
        headers=BY_ITSELF,
    )
    assert "有 2 处填写有误，没有保存" in answer.json()["note"]
    row.refresh_from_db()
    assert (row.requested_count, row.teaching_staff) == (80, "专任教师 20 人")
    assert queries.allowed_major_codes(row) == {"530701"}


def test_a_file_is_not_uploaded_by_itself(as_school, plan) -> None:
    as_school.post(apply_address(plan), the_form(materials=[SimpleUploadedFile("说明.pdf", PDF)]), headers=BY_ITSELF)
    assert not queries.all_materials_of(PilotApplication.objects.get()).exists()


def test_a_second_draft_of_the_same_level_is_not_kept_by_itself_and_the_first_is_pointed_to(as_school, plan) -> None:
    as_school.post(apply_address(plan), the_form(), headers=BY_ITSELF)
    again = as_school.post(apply_address(plan), the_form(), headers=BY_ITSELF)
    assert (again.status_code, "不能重复申报" in again.json()["problem"]) == (409, True)
    page = text_of(as_school.post(apply_address(plan), the_form(then="save", teaching_staff="另写的师资")))
    assert reverse("pilots:application-detail", args=[PilotApplication.objects.get().pk]) in page
    assert "另写的师资" in page


def test_a_window_that_closes_over_an_open_form_keeps_the_draft_and_says_so(as_school, plan, officer, now) -> None:
    row = a_draft(plan, officer, now)
    close(plan, now)
    kept = as_school.post(edit_address(row), the_form(teaching_staff="刚写完"), headers=BY_ITSELF)
    assert "申报时间已结束，草稿保留，但不能提交" in kept.json()["note"]
    refused = as_school.post(edit_address(row), the_form(teaching_staff="最后一句", then="submit"))
    assert refused.status_code == 409
    assert "无法再补报" in text_of(refused)
    row.refresh_from_db()
    assert (row.state, row.teaching_staff) == ("draft", "最后一句")
    saved = as_school.post(edit_address(row), the_form(teaching_staff="收尾", then="save"), follow=True)
    assert "草稿会保留，可作为以后申报的起点，但不能提交" in text_of(saved)
    page = text_of(as_school.get(edit_address(row)))
    assert "这份草稿现在不能提交" in page
    assert 'value="submit"' not in page


def test_what_was_typed_into_a_new_form_stays_when_the_window_closed_before_it_was_kept(as_school, plan, now) -> None:
    close(plan, now)
    answer = as_school.post(apply_address(plan), the_form(teaching_staff="写了很久的师资"))
    assert (answer.status_code, "写了很久的师资" in text_of(answer)) == (409, True)
    assert not PilotApplication.objects.exists()


# --- stale screens


def test_a_stale_tab_sees_both_versions_and_saves_the_one_it_chose(as_school, plan, officer, now) -> None:
    row = a_draft(plan, officer, now)
    page = text_of(as_school.get(edit_address(row)))
    assert f'name="revision" value="{row.revision}"' in page
    services.update_application(
        row, factories.filled(teaching_staff="另一页写的", requested_count=90), by=officer, at=now
    )
    stale = the_form(teaching_staff="本页写的", revision=str(row.revision), then="save")
    for headers in ({}, BY_ITSELF):
        answer = as_school.post(edit_address(row), stale, headers=headers)
        assert answer.status_code == 409
    page = text_of(as_school.post(edit_address(row), stale))
    for word in ("在您填写期间被改动过", "本页写的", "另一页写的", "改用现在保存的", 'data-text="90"'):
        assert word in page
    row.refresh_from_db()
    assert row.teaching_staff == "另一页写的"
    assert f'name="revision" value="{row.revision}"' in page
    assert "data-autosave=" not in page  # which version counts is chosen by a button
    as_school.post(edit_address(row), stale | {"revision": str(row.revision)})
    row.refresh_from_db()
    assert row.teaching_staff == "本页写的"


@pytest.mark.parametrize("revision", ["9" * 30, "-1", "abc", "１"])
def test_a_revision_that_is_none_is_a_stale_one(as_school, plan, officer, now, revision: str) -> None:
    row = a_draft(plan, officer, now)
    assert as_school.post(edit_address(row), the_form(revision=revision, then="save")).status_code == 409


def test_a_tab_left_open_over_a_submission_shows_what_was_typed_and_that_it_is_not_kept(
    as_school, plan, officer, now
) -> None:
    row = a_draft(plan, officer, now)
    services.move_application(row, "submit", by=officer, at=now)
    answer = as_school.post(edit_address(row), the_form(teaching_staff="晚了一步", then="save"))
    page = text_of(answer)
    assert answer.status_code == 409
    for word in ("待省级审核", "本页内容没有保存", "晚了一步"):
        assert word in page
    assert 'value="save" class="btn' not in page


# --- what is missing, what was said


def test_what_is_missing_stands_at_the_end_of_the_form_and_on_the_record(as_school, plan, officer, now) -> None:
    PlanMaterial.objects.create(plan=plan, name="组织管理情况说明", position=1)
    row = a_draft(plan, officer, now, facilities="")
    for address in (edit_address(row), reverse("pilots:application-detail", args=[row.pk])):
        page = text_of(as_school.get(address))
        for word in ("提交前检查", "还有 2 项没有完成", "请填写场地情况", "请上传“组织管理情况说明”"):
            assert word in page
    assert f'href="{edit_address(row)}#field-facilities"' in page


def test_a_missing_material_is_said_beside_its_own_place(as_school, plan) -> None:
    asked = PlanMaterial.objects.create(plan=plan, name="组织管理情况说明", position=1)
    answer = as_school.post(apply_address(plan), the_form(then="submit"))
    assert answer.status_code == 422
    assert f'id="field-{asked.slot}-error"' in text_of(answer)
    row = PilotApplication.objects.get()
    upload = {asked.slot: [SimpleUploadedFile("盖章说明.pdf", PDF)]}
    assert as_school.post(edit_address(row), the_form(then="submit") | upload).status_code == 302
    kept = queries.all_materials_of(row).get()
    assert kept.slot == asked.slot
    download = as_school.get(reverse("pilots:material-download", args=[row.pk, kept.pk]))
    assert b"".join(download.streaming_content).startswith(b"%PDF")
    # Whoever reads the application sees which file answers what was asked.
    record = text_of(as_school.get(reverse("pilots:application-detail", args=[row.pk])))
    assert re.search(r"盖章说明\.pdf.{0,300}组织管理情况说明", record, re.S)


def test_remarks_stand_beside_their_fields_with_whether_they_were_followed(as_school, plan, officer, now) -> None:
    row = services.move_application(a_draft(plan, officer, now), "submit", by=officer, at=now)
    remarks = {"teaching_staff": "请写明双师型教师人数", "facilities": "请写明监控设备"}
    province = an_actor(Role.PROVINCE, a_province())
    services.move_application(row, "return", by=province, at=now, note="请补充", remarks=remarks)
    before = text_of(as_school.get(edit_address(row)))
    assert (before.count("未修改"), before.count("已修改")) == (2, 0)
    for word in ("请写明双师型教师人数", "请写明监控设备", "已退回，请按意见修改后重新提交"):
        assert word in before
    kept = as_school.post(
        edit_address(row), the_form(teaching_staff="双师型 9 人", facilities=row.facilities), headers=BY_ITSELF
    )
    row.refresh_from_db()
    assert "已修改" in kept.json()["replace"]["#changed-teaching_staff"]
    after = text_of(as_school.get(edit_address(row)))
    assert after.index("已修改") < after.index("请写明监控设备")


def test_the_effect_of_a_choice_of_majors_is_told_in_students(as_school, plan, school) -> None:
    services.count_roster(school, {"530701": 230, "530605": 112, "999999": 5})
    address = reverse("pilots:major-choose", args=[plan.pk])
    asked = {"level": str(a_level().pk), "requested_count": "300"}
    chosen = text_of(as_school.get(address, asked | {"declared_majors": ["530701"]}))
    assert "本校这 1 个专业在籍 230 人；不添加则对应专业共 342 人。" in chosen
    assert "申请 300 人，超过在籍的 230 人" in chosen
    every = text_of(as_school.get(address, asked))
    assert "对应专业共在籍 342 人，都可以报考" in every
    assert "超过在籍" not in every
    removed = text_of(as_school.get(address, asked | {"declared_majors": ["530701", "530605"], "remove": "530701"}))
    assert not re.search(r'value="530701" checked', removed)
    assert re.search(r'value="530605" checked', removed)


# --- beginning with an earlier application


def test_an_earlier_application_fills_what_is_empty_and_says_where_it_comes_from(as_school, plan, officer, now) -> None:
    old = factories.a_plan(year=plan.year - 1, opens_at=now - DAY, closes_at=now + DAY)
    last = a_draft(old, officer, now, teaching_staff="去年的师资", facilities="去年的场地", machine_count=120)
    page = text_of(as_school.get(apply_address(plan)))
    assert f'name="start" value="{last.pk}"' in page
    begun = text_of(as_school.get(apply_address(plan), {"start": str(last.pk)}))
    assert "去年的师资" in begun
    assert f"取自“{plan.year - 1} 年度第一次" in begun
    mine = text_of(as_school.post(apply_address(plan), the_form(facilities="", start=str(last.pk))))
    assert "专任教师 12 人" in mine
    assert "去年的场地" in mine
    assert "去年的师资" not in mine
    assert PilotApplication.objects.count() == 1  # nothing is kept before a button says so


def test_abuse_01_no_school_begins_with_another_school_s_words(as_school, plan, now) -> None:
    foreign = a_draft(plan, an_actor(Role.SCHOOL, a_school()), now, teaching_staff="别校的师资")
    for answer in (
        as_school.get(apply_address(plan), {"start": str(foreign.pk)}),
        as_school.post(apply_address(plan), the_form(teaching_staff="", start=str(foreign.pk))),
        as_school.get(reverse("pilots:application-several", args=[plan.pk]), {"start": str(foreign.pk)}),
        as_school.get(reverse("pilots:major-choose", args=[plan.pk]), {"of": str(foreign.pk)}),
    ):
        assert (answer.status_code, "别校的师资" in text_of(answer)) == (200, False)
    for name in ("application-edit", "application-discard", "application-print"):
        assert as_school.post(reverse(f"pilots:{name}", args=[foreign.pk])).status_code == 404


def test_after_one_level_the_next_begins_with_its_words(as_school, plan) -> None:
    answer = as_school.post(apply_address(plan), the_form(then="another"))
    row = PilotApplication.objects.get()
    assert answer.url == f"{apply_address(plan)}?start={row.pk}"
    page = text_of(as_school.get(answer.url))
    assert "机房 3 间，学生机 150 台" in page
    assert "已保存草稿" in page


def test_a_draft_is_deleted_from_its_form(as_school, plan, officer, now) -> None:
    row = a_draft(plan, officer, now)
    discard = reverse("pilots:application-discard", args=[row.pk])
    assert discard in text_of(as_school.get(edit_address(row)))
    assert as_school.get(discard).status_code == 405
    assert "已删除草稿" in text_of(as_school.post(discard, follow=True))
    assert not PilotApplication.objects.exists()


# --- several levels


def several_form(levels: dict[int, str], **changes) -> dict:
    lines = {}
    for n, count in levels.items():
        key = a_level(n).pk.hex
        lines |= {f"{key}-pick": "on", f"{key}-requested_count": count}
    return lines | {"teaching_staff": "专任教师 12 人", "facilities": "机房 3 间", "machine_count": ""} | changes


def test_several_levels_become_one_application_each(as_school, plan) -> None:
    address = reverse("pilots:application-several", args=[plan.pk])
    for n in (1, 2, 3):
        a_level(n)
    assert text_of(as_school.get(address)).count('class="ox-level') == 6  # a level and its body
    upload = {"materials": [SimpleUploadedFile("说明.pdf", PDF)]}
    done = as_school.post(address, several_form({1: "100", 3: "40"}, then="submit") | upload, follow=True)
    assert "已提交 2 个级别，等待审核" in text_of(done)
    rows = PilotApplication.objects.order_by("level__level")
    assert [(row.level.level, row.requested_count, row.state) for row in rows] == [
        (1, 100, "province_review"),
        (3, 40, "province_review"),
    ]
    assert all(queries.materials_of(row).count() == 1 for row in rows)
    assert "待省级审核" in text_of(as_school.get(address))


def test_one_refused_level_is_said_beside_it_and_the_others_are_done(as_school, plan) -> None:
    a_level(1), a_level(2)
    address = reverse("pilots:application-several", args=[plan.pk])
    answer = as_school.post(address, several_form({1: "100", 2: ""}, then="submit"))
    page = text_of(answer)
    assert answer.status_code == 409
    assert "1 个级别没有办成" in page
    assert "请填写申请培训总人数，至少 1 人。" in page
    draft = PilotApplication.objects.get(state="draft")
    assert f'value="{draft.pk}"' in page
    again = several_form({2: "60"}, then="submit") | {
        f"{a_level(2).pk.hex}-kept": str(draft.pk),
        f"{a_level(2).pk.hex}-revision": str(draft.revision),
    }
    assert as_school.post(address, again).status_code == 302
    assert not PilotApplication.objects.filter(state="draft").exists()
    assert PilotApplication.objects.count() == 2


def test_nothing_ticked_and_wrong_numbers_keep_what_was_typed(as_school, plan) -> None:
    a_level(1)
    address = reverse("pilots:application-several", args=[plan.pk])
    nothing = as_school.post(address, several_form({}, then="save"))
    assert (nothing.status_code, "请至少勾选一个级别" in text_of(nothing)) == (422, True)
    wrong = as_school.post(address, several_form({1: "0"}, then="save"))
    assert (wrong.status_code, "申请培训总人数至少为 1" in text_of(wrong)) == (422, True)
    assert "专任教师 12 人" in text_of(wrong)
    assert "1 个级别填写有误，已在该级别下面写明" in text_of(wrong)  # the mistake may stand far down the page
    for bad in ("9" * 40, "\x00", "1e3"):
        assert as_school.post(address, several_form({1: bad}, then="save")).status_code == 422
    assert not PilotApplication.objects.exists()


def test_a_level_that_has_a_draft_leads_on_to_it_and_one_under_review_to_its_record(as_school, plan) -> None:
    address = reverse("pilots:application-several", args=[plan.pk])
    as_school.post(address, several_form({1: "100"}, then="save"))
    as_school.post(address, several_form({2: "40"}, then="submit"))
    page = text_of(as_school.get(address))
    for row in PilotApplication.objects.all():
        name = "application-edit" if row.state == "draft" else "application-detail"
        assert f'href="{reverse(f"pilots:{name}", args=[row.pk])}"' in page


def test_the_drafts_of_ticked_levels_are_kept_by_themselves_and_go_when_they_are_unticked(as_school, plan) -> None:
    address = reverse("pilots:application-several", args=[plan.pk])
    a_level(1), a_level(2)
    waits = as_school.post(address, several_form({}), headers=BY_ITSELF)
    assert (waits.status_code, waits.json()["waits"]) == (202, True)
    kept = as_school.post(address, several_form({1: "10", 2: "20"}), headers=BY_ITSELF).json()
    assert PilotApplication.objects.count() == 2
    fewer = as_school.post(address, kept["fields"] | several_form({1: "15"}), headers=BY_ITSELF)
    assert fewer.status_code == 200
    row = PilotApplication.objects.get()
    assert (row.level, row.requested_count) == (a_level(1), 15)


# --- who, and what is ignored


@pytest.mark.parametrize("name", ["application-create", "application-several", "major-choose"])
def test_abuse_02_only_schools_of_the_plan_s_province_file(client, plan, name: str) -> None:
    address = reverse(f"pilots:{name}", args=[plan.pk])
    abroad = signed_in_as(client, an_actor(Role.SCHOOL, a_school(province=another_province())))
    assert abroad.get(address).status_code == 404
    province = signed_in_as(Client(), an_actor(Role.PROVINCE, a_province()))
    assert province.get(address).status_code == 403
    assert province.post(address, the_form()).status_code == 403


def test_abuse_13_what_no_form_has_is_ignored(as_school, plan, school) -> None:
    extra = {
        "state": "approved", "approved_count": "99", "used_count": "9", "school": str(a_school().pk),
        "submission_count": "3", "saved_at": "2020-01-01", "id": "1", "staff_digest": "x", "assignee": "1",
    }  # fmt: skip
    as_school.post(apply_address(plan), the_form(**extra), headers=BY_ITSELF)
    row = PilotApplication.objects.get()
    assert (row.state, row.approved_count, row.school, row.submission_count) == ("draft", None, school, 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"requested_count": "9" * 30}, "requested_count"),
        ({"machine_count": "2147483648"}, "machine_count"),
        ({"teaching_staff": "师资\x00"}, "teaching_staff"),
        ({"facilities": "长" * 4001}, "facilities"),
        ({"level": "a\x00b"}, "level"),
    ],
)
def test_what_no_column_can_hold_is_said_beside_its_field(as_school, plan, changes: dict, field: str) -> None:
    answer = as_school.post(apply_address(plan), the_form(**changes, then="save"))
    assert answer.status_code == 422
    assert f'id="field-{field}-error"' in text_of(answer)
    by_itself = as_school.post(apply_address(plan), the_form(**changes), headers=BY_ITSELF)
    assert by_itself.status_code in (200, 422)


def test_abuse_25_what_a_school_typed_is_never_markup(as_school, plan, officer, now) -> None:
    evil = "<img src=x onerror=alert(1)>\"'>"
    row = a_draft(plan, officer, now, teaching_staff=evil, facilities=evil)
    PlanMaterial.objects.create(plan=plan, name=evil, position=1)
    stale = as_school.post(edit_address(row), the_form(teaching_staff=evil + "2", revision="99", then="save"))
    pages = [
        as_school.get(edit_address(row)),
        as_school.get(apply_address(plan), {"start": str(row.pk)}),
        as_school.get(reverse("pilots:application-several", args=[plan.pk]), {"start": str(row.pk)}),
        stale,
    ]
    for page in pages:
        assert "&lt;img" in text_of(page)
        assert "<img src=x" not in text_of(page)
    parts = as_school.post(edit_address(row), the_form(teaching_staff=evil), headers=BY_ITSELF).json()["replace"]
    assert all("<img src=x" not in part for part in parts.values())


def test_the_page_of_several_levels_costs_the_same_however_many_there_are(
    as_school, plan, django_assert_max_num_queries
) -> None:
    costs = []
    for levels in (1, 3):
        for n in range(1, levels + 1):
            a_level(n)
        with django_assert_max_num_queries(20) as asked:
            page = as_school.get(reverse("pilots:application-several", args=[plan.pk]))
        assert len(page.context["form"].lines) == levels
        costs.append(len(asked))
    assert costs[0] == costs[1]

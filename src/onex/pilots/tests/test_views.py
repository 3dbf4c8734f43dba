"""The guide's way through the pages, and what each page answers to whom."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from onex.accounts.tests.factories import (
    PDF,
    a_city,
    a_province,
    a_school,
    an_actor,
    another_province,
    signed_in_as,
)
from onex.common.actors import Role
from onex.pilots import queries, services
from onex.pilots.models import PilotApplication, PilotPlan
from onex.pilots.tests import factories
from onex.pilots.tests.factories import DAY, NOON, a_level

pytestmark = pytest.mark.django_db


def text_of(response) -> str:
    return response.content.decode()


def heads_of(page: str) -> list[str]:
    """The words of a table's head, without markup."""
    heads = re.findall(r"<th scope=\"col\"[^>]*>(.*?)</th>", page, re.S)
    return [re.sub(r"<[^>]+>", "", head).strip() for head in heads]


@pytest.fixture
def now():
    """Pages live in the present."""
    return timezone.now()


@pytest.fixture
def plan(now) -> PilotPlan:
    return factories.a_plan(year=timezone.localtime(now).year, opens_at=now - DAY, closes_at=now + 9 * DAY)


@pytest.fixture
def school():
    return a_school("南京示范职业技术学院")


@pytest.fixture
def as_school(client, school):
    return signed_in_as(client, an_actor(Role.SCHOOL, school))


@pytest.fixture
def as_province(client_factory):
    return signed_in_as(client_factory(), an_actor(Role.PROVINCE, a_province()))


@pytest.fixture
def client_factory():
    from django.test import Client

    return Client


def the_form(**changes) -> dict:
    return {
        "requested_count": "80",
        "level": str(a_level().pk),
        "declared_majors": ["530701"],
        "teaching_staff": "专任教师 12 人",
        "facilities": "机房 3 间，学生机 150 台",
    } | changes


def apply_address(plan: PilotPlan) -> str:
    return reverse("pilots:application-create", args=[plan.pk])


def a_filed(plan: PilotPlan, school, now) -> PilotApplication:
    officer = an_actor(Role.SCHOOL, school)
    row = services.create_application(plan, factories.filled(), by=officer, at=now)
    return services.move_application(row, "submit", by=officer, at=now)


# --- the guide, click by click


def test_the_guide_can_be_followed_click_by_click(as_school, plan) -> None:
    first = text_of(as_school.get("/pilots/applications/"))
    assert heads_of(first) == [
        "申报年度", "申报批次", "证书名称", "颁证机构",
        "申请培训总人数", "批准培训总人数", "已使用培训数", "申报状态", "操作",
    ]  # fmt: skip
    assert f'href="{reverse("pilots:plan-list")}"' in first
    assert "申报证书试点" in first
    second = text_of(as_school.get(reverse("pilots:plan-list")))
    assert heads_of(second) == [
        "申报年度", "申报批次", "申报时间", "是否要求按专业填报",
        "是否要求地市级教育局审批", "开放证书范围", "状态", "操作",
    ]  # fmt: skip
    assert "规则说明" in second
    assert "进行中" in second
    assert f'href="{apply_address(plan)}"' in second
    assert "立即申报" in second
    third = text_of(as_school.get(apply_address(plan)))
    for word in (
        "申报年度", "申报批次", "第一次", "申请培训总人数", "试点证书", "拟申报专业", "选择专业",
        "师资情况", "场地情况", "其他佐证材料", "保存", "保存并提交", "取消",
        "不添加拟申报专业则默认该试点证书的全部对应专业。若添加拟申报专业，则申报证书试点成功后只允许以下专业的学生报考该证书。",
    ):  # fmt: skip
        assert word in third


def test_an_application_is_saved_submitted_returned_resubmitted_and_approved_for_fewer(
    as_school, as_province, plan
) -> None:
    saved = as_school.post(apply_address(plan), the_form(then="save"))
    row = PilotApplication.objects.get()
    detail = reverse("pilots:application-detail", args=[row.pk])
    assert saved.url == detail
    assert "草稿" in text_of(as_school.get(detail))
    assert as_province.get(detail).status_code == 404

    edit = reverse("pilots:application-edit", args=[row.pk])
    material = SimpleUploadedFile("情况说明.pdf", PDF)
    assert as_school.post(edit, the_form(then="submit", materials=[material])).url == detail
    moves = reverse("pilots:application-move", args=[row.pk])
    assert as_province.post(moves, {"move": "return", "note": "请补充双师型教师人数"}).url == detail

    assert "请补充双师型教师人数" in text_of(as_school.get(edit))
    as_school.post(edit, the_form(then="submit", teaching_staff="专任教师 12 人，双师型 9 人"))
    page = text_of(as_province.get(detail))
    assert "专任教师 12 人<ins>，双师型 9 人</ins>" in page
    assert "情况说明.pdf" in page

    approve = reverse("pilots:application-move", args=[row.pk, "approve"])
    refused = as_province.post(approve, {"approved_count": "60"})
    assert refused.status_code == 409
    assert "批准人数少于申请的 80 人，请写明理由。" in text_of(refused)
    assert 'value="60"' in text_of(refused)
    assert as_province.post(approve, {"approved_count": "60", "note": "机房容量 60 台"}).url == detail
    page = text_of(as_school.get(detail))
    for word in ("审核通过", "通过，批准 60 人", "机房容量 60 台", "剩余名额"):
        assert word in page


# --- filing


def test_what_is_missing_is_said_beside_its_field_and_what_was_typed_is_kept(as_school, plan) -> None:
    response = as_school.post(apply_address(plan), the_form(facilities="", requested_count=""))
    page = text_of(response)
    assert response.status_code == 422
    for word in ("请填写场地情况", "请填写申请培训总人数", "专任教师 12 人", "已保存为草稿，尚未提交"):
        assert word in page
    row = PilotApplication.objects.get()
    assert f'action="{reverse("pilots:application-edit", args=[row.pk])}"' in page


def test_whoever_submits_an_empty_form_is_told_everything_at_once(as_school, plan) -> None:
    nothing = {"level": "", "requested_count": "", "teaching_staff": "", "facilities": " "}
    page = text_of(as_school.post(apply_address(plan), the_form(**nothing) | {"then": "submit"}))
    for word in ("有 4 处需要修改", "请选择试点证书", "请填写申请培训总人数", "请填写师资情况", "请填写场地情况"):
        assert word in page
    saved = text_of(as_school.post(apply_address(plan), the_form(**nothing) | {"then": "save"}))
    assert "有 1 处需要修改" in saved  # a draft may be incomplete


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"level": ""}, "请选择试点证书"),
        ({"level": "01900000-0000-7000-8000-000000000000"}, "该证书不在本计划的开放证书范围内"),
        ({"requested_count": "0"}, "至少为 1"),
        ({"requested_count": "eighty"}, "请填写整数"),
        ({"declared_majors": ["570102"]}, "专业代码 570102 不是该证书这一等级的对应专业"),
        ({"materials": [SimpleUploadedFile("说明.pdf", b"MZ")]}, "不是可接受的类型"),
    ],
)
def test_what_cannot_be_kept_is_said_before_anything_is_kept(as_school, plan, changes: dict, sentence: str) -> None:
    response = as_school.post(apply_address(plan), the_form(**changes))
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert not PilotApplication.objects.exists()


def test_a_second_application_for_the_same_level_is_refused(as_school, plan) -> None:
    as_school.post(apply_address(plan), the_form(then="save"))
    response = as_school.post(apply_address(plan), the_form(then="save"))
    assert response.status_code == 409
    assert "不能重复申报" in text_of(response)


def test_a_closed_plan_says_that_nothing_can_be_filed_any_more(as_school, now) -> None:
    closed = factories.a_plan(opens_at=now - 9 * DAY, closes_at=now - DAY)
    for response in (as_school.get(apply_address(closed)), as_school.post(apply_address(closed), the_form())):
        assert response.status_code == 409
        assert "无法再补报" in text_of(response)
    assert apply_address(closed) not in text_of(as_school.get("/pilots/plans/"))


def test_a_province_without_a_plan_says_so(as_school) -> None:
    assert "贵省还没有发布证书申报计划" in text_of(as_school.get("/pilots/plans/"))


def test_majors_follow_the_chosen_level(as_school, plan, school) -> None:
    address = reverse("pilots:major-choose", args=[plan.pk])
    fragment = text_of(as_school.get(address, {"level": str(a_level().pk), "declared_majors": ["530605"]}))
    assert fragment.startswith('<div id="majors">')
    assert re.search(r'value="530605" checked', fragment)
    assert not re.search(r'value="530701" checked', fragment)
    school.majors.all().delete()
    assert "暂无数据" in text_of(as_school.get(address, {"level": str(a_level().pk)}))


def test_a_quarantined_material_answers_409_and_says_what_to_do(as_school, plan) -> None:
    as_school.post(apply_address(plan), the_form(then="save", materials=[SimpleUploadedFile("说明.pdf", PDF)]))
    row = PilotApplication.objects.get()
    kept = queries.materials_of(row).get()
    queries.materials_of(row).update(scan_state="quarantined", scanned_at=NOON, scan_note="Eicar")
    answer = as_school.get(reverse("pilots:material-download", args=[row.pk, kept.pk]))
    assert answer.status_code == 409
    assert "“说明.pdf”中发现病毒，已隔离，不能下载；请上传人杀毒后重新上传。" in text_of(answer)
    page = text_of(as_school.get(reverse("pilots:application-detail", args=[row.pk])))
    assert "已隔离：查毒没有完成或发现病毒，暂不能下载" in page
    assert str(kept.pk) not in page


def test_a_material_is_taken_away_and_what_was_typed_stays(as_school, plan, school) -> None:
    as_school.post(apply_address(plan), the_form(then="save", materials=[SimpleUploadedFile("说明.pdf", PDF)]))
    row = PilotApplication.objects.get()
    kept = queries.materials_of(row).get()
    download = reverse("pilots:material-download", args=[row.pk, kept.pk])
    assert b"".join(as_school.get(download).streaming_content).startswith(b"%PDF")
    edit = reverse("pilots:application-edit", args=[row.pk])
    assert as_school.post(f"{edit}?remove={kept.pk}", the_form(teaching_staff="专任教师 15 人")).url == edit
    assert not queries.materials_of(row).exists()
    for gone in (kept.pk, "nonsense"):
        assert as_school.post(f"{edit}?remove={gone}", the_form()).status_code == 404
    assert "专任教师 12 人" in text_of(as_school.get(edit))


def test_an_application_under_review_is_not_edited(as_school, plan, school, now) -> None:
    row = a_filed(plan, school, now)
    edit = reverse("pilots:application-edit", args=[row.pk])
    assert as_school.get(edit).url == reverse("pilots:application-detail", args=[row.pk])


def test_a_school_withdraws_and_applies_again(as_school, plan, school, now) -> None:
    row = a_filed(plan, school, now)
    as_school.post(reverse("pilots:application-move", args=[row.pk, "withdraw"]))
    assert as_school.post(apply_address(plan), the_form(then="save")).status_code == 302
    assert PilotApplication.objects.count() == 2


# --- review


def test_the_city_looks_first_where_the_plan_asks_it(client_factory, as_province, school, now) -> None:
    plan = factories.a_plan(requires_city_approval=True, opens_at=now - DAY, closes_at=now + DAY)
    row = a_filed(plan, school, now)
    city = signed_in_as(client_factory(), an_actor(Role.CITY, a_city()))
    detail = reverse("pilots:application-detail", args=[row.pk])
    assert "待地市审核" in text_of(city.get("/pilots/applications/"))
    assert "同意并报省级审核" in text_of(city.get(detail))
    assert "同意并报省级审核" not in text_of(as_province.get(detail))
    city.post(reverse("pilots:application-move", args=[row.pk, "pass"]))
    assert "确认通过" in text_of(as_province.get(detail))


def test_the_record_leads_to_the_ledger_only_whoever_may_open_it(client_factory, as_province, now) -> None:
    plan = factories.a_plan(year=timezone.localtime(now).year, requires_city_approval=True)
    row = factories.a_filed_application(plan)
    city = an_actor(Role.CITY, a_city())
    services.move_application(row, "pass", by=city, at=NOON)
    services.move_application(row, "approve", by=factories.a_province_officer(plan), at=NOON, approved_count=80)
    record, ledger = (reverse(f"pilots:{name}", args=[row.pk]) for name in ("application-detail", "places-detail"))
    for visitor in (as_province, signed_in_as(client_factory(), city)):
        page = text_of(visitor.get(record))
        assert "名额使用记录" in page
        assert f'href="{reverse("pilots:plan-detail", args=[plan.pk])}"' in page  # with the list under its number
        assert (ledger in page) == (visitor.get(ledger).status_code == 200)


@pytest.mark.parametrize("count", ["", "many", "-1", "1e3", "９", "999999999"])
def test_a_number_that_is_none_grants_nothing(as_province, plan, school, now, count: str) -> None:
    row = a_filed(plan, school, now)
    response = as_province.post(
        reverse("pilots:application-move", args=[row.pk, "approve"]), {"approved_count": count, "note": "理由"}
    )
    assert response.status_code == 409
    row.refresh_from_db()
    assert row.state == "province_review"


def test_foreign_applications_and_plans_are_not_found(client_factory, plan, school, now) -> None:
    row = a_filed(plan, school, now)
    detail = reverse("pilots:application-detail", args=[row.pk])
    for role, organisation in (
        (Role.SCHOOL, a_school()),
        (Role.PROVINCE, another_province()),
        (Role.CITY, a_city()),  # the plan does not ask the city
    ):
        stranger = signed_in_as(client_factory(), an_actor(role, organisation))
        assert stranger.get(detail).status_code == 404
        assert stranger.post(detail + "move/", {"move": "withdraw"}).status_code == 404
    assert stranger.get("/pilots/plans/new/").status_code == 403
    foreign = signed_in_as(client_factory(), an_actor(Role.SCHOOL, a_school(province=another_province())))
    assert foreign.get(apply_address(plan)).status_code == 404
    assert foreign.get(reverse("pilots:plan-detail", args=[plan.pk])).status_code == 404


def test_the_review_list_names_the_schools_filters_and_exports(as_province, plan, school, now) -> None:
    row = a_filed(plan, school, now)
    page = text_of(as_province.get("/pilots/applications/"))
    assert heads_of(page)[0] == "院校"
    assert school.name in page
    assert row.level.name not in text_of(as_province.get("/pilots/applications/?state=approved"))
    assert school.name not in text_of(as_province.get("/pilots/applications/?q=无此学校"))
    assert school.name in text_of(as_province.get(f"/pilots/applications/?plan={plan.pk}&sort=-requested"))
    assert as_province.get("/pilots/applications/?q=%00&plan=x&state=x&sort=x&page=x").status_code == 200
    assert as_province.get("/pilots/applications/export/?q=示范").content[:2] == b"PK"


# --- plans


def the_plan(now, **changes) -> dict:
    return {
        "year": timezone.localtime(now).year,
        "batch": "1",
        "opens_at": timezone.localtime(now - DAY).strftime("%Y-%m-%dT%H:%M"),
        "closes_at": timezone.localtime(now + 30 * DAY).strftime("%Y-%m-%dT%H:%M"),
        "corrections_until": "",
        "requires_majors": "no",
        "requires_city_approval": "yes",
        "all_certificates": "all",
    } | changes


def test_a_province_writes_changes_and_publishes_a_plan(as_province, as_school, now) -> None:
    assert "第一次" in text_of(as_province.get("/pilots/plans/new/"))
    detail = as_province.post("/pilots/plans/new/", the_plan(now, then="save")).url
    plan = PilotPlan.objects.get()
    assert (plan.state, plan.requires_city_approval, plan.all_certificates) == ("draft", True, True)
    assert as_school.get(detail).status_code == 404
    edit = reverse("pilots:plan-edit", args=[plan.pk])
    assert 'value="yes" checked' in text_of(as_province.get(edit))
    as_province.post(edit, the_plan(now, then="save", requires_majors="yes"))
    as_province.post(reverse("pilots:plan-move", args=[plan.pk]), {"move": "publish"})
    plan.refresh_from_db()
    assert (plan.state, plan.requires_majors) == ("published", True)
    assert "进行中" in text_of(as_school.get(detail))


def test_a_plan_is_published_at_once(as_province, now) -> None:
    as_province.post("/pilots/plans/new/", the_plan(now, then="publish"))
    assert PilotPlan.objects.get().state == "published"


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"opens_at": ""}, 422, "请填写申报开始时间"),
        ({"closes_at": "tomorrow"}, 422, "请填写日期和时间"),
        ({"closes_at": "2020-01-01T00:00"}, 409, "申报结束时间应晚于开始时间"),
        ({"all_certificates": "some"}, 409, "开放证书范围为空"),
        ({"requires_majors": ""}, 422, "请选择"),
    ],
)
def test_an_unsound_plan_is_refused_with_what_was_typed(
    as_province, now, changes: dict, status: int, sentence: str
) -> None:
    response = as_province.post("/pilots/plans/new/", the_plan(now, **changes))
    assert response.status_code == status
    assert sentence in text_of(response)
    assert not PilotPlan.objects.exists()


def test_a_cancelled_plan_needs_a_reason_and_disappears_from_filing(as_province, as_school, now) -> None:
    plan = factories.a_plan(opens_at=now + DAY, closes_at=now + 9 * DAY)
    address = reverse("pilots:plan-move", args=[plan.pk, "cancel"])
    assert as_province.post(address, {"note": ""}).status_code == 409
    as_province.post(address, {"note": "与第二次合并"})
    assert "已取消" in text_of(as_school.get("/pilots/plans/"))
    assert as_school.get(apply_address(plan)).status_code == 409


@pytest.mark.parametrize("count", [3, 30])
def test_the_list_costs_the_same_number_of_queries_however_long(
    as_province, plan, now, count: int, django_assert_num_queries
) -> None:
    for _ in range(count):
        a_filed(plan, a_school(), now)
    with django_assert_num_queries(QUERIES_OF_A_LIST):
        assert len(as_province.get("/pilots/applications/").context["page"]) == count


QUERIES_OF_A_LIST = 9  # session, user, hats, kinds, counts, page count, rows, what waits, unread notices

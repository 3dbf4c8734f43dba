"""What a province and its schools see of plans: the effect before a change, the totals, when the next one opens."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from onex.accounts.tests.factories import a_province, a_school, an_actor, signed_in_as
from onex.common.actors import Role
from onex.pilots import services
from onex.pilots.forms import PlanForm, initial_of_plan
from onex.pilots.models import PilotPlan
from onex.pilots.tests import factories
from onex.pilots.tests.factories import DAY, NOON, a_certificate, a_draft, a_level, a_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def plan(now) -> PilotPlan:
    """Open today, and at the noon at which factories file."""
    year = timezone.localtime(now).year
    return a_plan(year=year, opens_at=min(now, NOON) - DAY, closes_at=(now + 9 * DAY).replace(second=0, microsecond=0))


@pytest.fixture
def as_province(client_factory):
    return signed_in_as(client_factory(), an_actor(Role.PROVINCE, a_province()))


@pytest.fixture
def as_school(client_factory):
    return signed_in_as(client_factory(), an_actor(Role.SCHOOL, a_school()))


@pytest.fixture
def client_factory():
    from django.test import Client

    return Client


def posted(plan: PilotPlan, **changes) -> dict:
    """The form of this plan as a browser would send it."""
    form = PlanForm(initial=initial_of_plan(plan), is_published=True)
    data = {}
    for bound in form:
        value = bound.value()
        if value not in (None, ""):  # the form shows times in local time already
            data[bound.html_name] = value.strftime("%Y-%m-%dT%H:%M") if hasattr(value, "hour") else value
    return data | changes


def local(at) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M")


def text_of(response) -> str:
    return response.content.decode()


def test_a_change_of_a_published_plan_is_shown_with_its_effect_before_it_is_made(as_province, plan) -> None:
    a_draft(plan)
    edit = reverse("pilots:plan-edit", args=[plan.pk])
    assert as_province.get(edit).status_code == 200
    change = posted(plan, requires_majors="yes", reason="省厅要求按专业填报")
    page = text_of(as_province.post(edit, change))
    assert "草稿 1 份、已退回 0 份、审核中 0 份" in page
    assert "其中 1 份没有填写拟申报专业" in page
    plan.refresh_from_db()
    assert not plan.requires_majors  # nothing is changed by looking
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    other = as_province.post(edit, change | {"seen": seen[1], "requires_city_approval": "yes"})
    assert other.status_code == 200  # not what was shown: it is shown again
    plan.refresh_from_db()
    assert not plan.requires_majors
    assert as_province.post(edit, change | {"seen": seen[1]}).status_code == 302
    plan.refresh_from_db()
    assert plan.requires_majors
    assert "省厅要求按专业填报" in text_of(as_province.get(reverse("pilots:plan-detail", args=[plan.pk])))


def test_a_scope_that_becomes_narrower_or_wider_is_one_line_to_whoever_reads_it(as_province, as_school, plan) -> None:
    other = a_certificate("102", "新媒体技术职业技能等级证书")
    edit, told = reverse("pilots:plan-edit", args=[plan.pk]), []
    for scope in ({"all_certificates": "some", "certificates": [str(other.pk)]}, {"all_certificates": "all"}):
        plan.refresh_from_db()
        change = posted(plan, reason="调整范围") | scope
        preview = as_province.post(edit, change)
        told += [(str(one["label"]), one["was"], one["becomes"]) for one in preview.context["changes"]]
        assert as_province.post(edit, change | {"seen": preview.context["seen"]}).status_code == 302
    assert told == [
        ("开放证书范围", "全部", "新媒体技术职业技能等级证书"),
        ("开放证书范围", "新媒体技术职业技能等级证书", "全部"),
    ]
    shown = as_school.get(reverse("pilots:plan-detail", args=[plan.pk])).context["changed"]
    assert [one["changes"][0]["becomes"] for one in shown] == ["全部", "新媒体技术职业技能等级证书"]


def test_a_change_without_a_reason_keeps_what_was_typed(as_province, plan) -> None:
    edit = reverse("pilots:plan-edit", args=[plan.pk])
    response = as_province.post(edit, posted(plan, notes="请先阅读附件。"))
    assert response.status_code == 409
    assert "请写明修改的原因" in text_of(response)
    assert "请先阅读附件。" in text_of(response)


def test_what_is_wrong_with_a_date_is_said_beside_it(as_province, plan, now) -> None:
    wrong = posted(
        plan,
        closes_at=local(plan.opens_at - DAY),
        corrections_until=local(plan.opens_at - 2 * DAY),
        reviews_until=local(plan.opens_at - 3 * DAY),
        reason="改期",
    )
    response = as_province.post(reverse("pilots:plan-edit", args=[plan.pk]), wrong)
    page = text_of(response)
    assert response.status_code == 409
    for field in ("closes_at", "corrections_until", "reviews_until"):
        assert f'id="field-{field}-error"' in page
        assert f'href="#field-{field}"' in page
    assert "申报结束时间应晚于开始时间。" in page
    assert "未能办理，原因如下" not in page  # nothing is left for the head


def test_a_batch_that_is_taken_and_an_empty_scope_are_said_beside_their_fields(as_province, plan) -> None:
    form = posted(plan, all_certificates="some")
    form.pop("revision")
    page = text_of(as_province.post(reverse("pilots:plan-create"), form))
    assert 'id="field-batch-error"' in page
    assert 'id="field-certificates-error"' in page


def test_a_stale_form_is_told_and_keeps_what_was_typed(as_province, plan) -> None:
    edit = reverse("pilots:plan-edit", args=[plan.pk])
    stale = posted(plan, notes="我写的说明", reason="说明")
    page = text_of(as_province.post(edit, stale))
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    PilotPlan.objects.filter(pk=plan.pk).update(revision=plan.revision + 1)
    response = as_province.post(edit, stale | {"seen": seen})
    assert response.status_code == 409
    page = text_of(response)
    for word in ("计划刚刚被别人修改", "我写的说明", "您填写的内容", "刷新，从现在的内容改起"):
        assert word in page
    assert "请写明修改的原因" not in page


def test_a_plan_that_was_kept_but_not_published_is_corrected_where_it_lies(as_province, plan) -> None:
    past = posted(plan, batch="2", closes_at="2020-01-02T00:00", opens_at="2020-01-01T00:00", then="publish")
    past.pop("revision")
    response = as_province.post(reverse("pilots:plan-create"), past)
    assert response.status_code == 409
    assert "已经过去" in text_of(response)
    made = PilotPlan.objects.get(state="draft")
    edit = reverse("pilots:plan-edit", args=[made.pk])
    assert f'action="{edit}"' in text_of(response)
    mended = past | {"closes_at": "2099-01-02T00:00", "revision": response.context["form"]["revision"].value()}
    assert as_province.post(edit, mended).status_code == 302
    made.refresh_from_db()
    assert made.state == "published"


def test_the_preview_names_everybody_the_change_touches(as_province, plan, now) -> None:
    other = a_certificate("102", "新媒体技术职业技能等级证书")
    plan.corrections_until = plan.closes_at + 9 * DAY
    plan.save()
    a_draft(plan)
    filed = factories.a_filed_application(plan, an_actor(Role.SCHOOL, a_school("第二职业学院")), level=a_level(2))
    officer = an_actor(Role.PROVINCE, a_province())
    back = factories.a_filed_application(plan, an_actor(Role.SCHOOL, a_school("第三职业学院")))
    services.move_application(back, "return", by=officer, at=NOON, note="请补充")
    plan.materials.create(name="旧材料", position=0)
    change = posted(
        plan, reason="调整", all_certificates="some", certificates=[str(other.pk)], materials_required="承诺书",
        closes_at=local(plan.closes_at - DAY), corrections_until="",
    )  # fmt: skip
    page = text_of(as_province.post(reverse("pilots:plan-edit", args=[plan.pk]), change))
    for sentence in (
        "草稿 1 份、已退回 1 份、审核中 1 份：内容都保留，不会被删除。",
        "其中 2 份草稿或退回的申报，其证书不再开放，将不能提交。",
        "审核中有 1 份的证书不再开放，仍照常审核。",
        "草稿和退回的申报须补交：承诺书。",
        "不再要求：旧材料；院校已上传的文件保留。",
        "申报结束时间提前，请留意通知还没有提交的院校。",
        "已退回的 1 份须在",
    ):
        assert sentence in page
    filed.refresh_from_db()
    assert filed.state == "province_review"


def test_moving_the_end_of_a_closed_plan_says_that_it_reopens(as_province, now) -> None:
    closed = a_plan(year=timezone.localtime(now).year, opens_at=now - 9 * DAY, closes_at=now - DAY)
    change = posted(closed, reason="延期", closes_at=local(now + DAY))
    assert "修改后重新开放" in text_of(as_province.post(reverse("pilots:plan-edit", args=[closed.pk]), change))


def test_schools_read_what_changed_but_not_what_the_province_keeps_to_itself(as_province, as_school, plan) -> None:
    edit = reverse("pilots:plan-edit", args=[plan.pk])
    change = posted(plan, reason="应院校要求", total="321", notes="请尽早申报")
    seen = as_province.post(edit, change).context["seen"]
    as_province.post(edit, change | {"seen": seen})
    page = text_of(as_school.get(reverse("pilots:plan-detail", args=[plan.pk])))
    for word in ("发布后的修改", "应院校要求", "请尽早申报"):
        assert word in page
    assert "321" not in page


def test_schools_read_on_a_cancelled_plan_why_it_is_gone(as_province, as_school, now) -> None:
    coming = a_plan(year=timezone.localtime(now).year, batch=2, opens_at=now + DAY, closes_at=now + 9 * DAY)
    address = reverse("pilots:plan-detail", args=[coming.pk])
    move = reverse("pilots:plan-move", args=[coming.pk, "cancel"])
    assert as_province.post(move, {"note": "与下一批次合并办理"}).status_code == 302
    page = text_of(as_school.get(address))
    assert "省里取消了这个计划" in page
    assert "与下一批次合并办理" in page


def test_totals_show_their_running_sum_to_the_province_and_to_nobody_else(as_province, as_school, plan) -> None:
    plan.totals.create(total=200)
    factories.an_approved_application(80, plan=plan, officer=an_actor(Role.SCHOOL, a_school("第二职业学院")))
    address = reverse("pilots:plan-detail", args=[plan.pk])
    assert "还可批准" in text_of(as_province.get(address))
    assert "还可批准" not in text_of(as_school.get(address))


def test_a_school_reads_notes_and_materials_and_when_the_next_batch_opens(as_school, plan, now) -> None:
    plan.notes = "请先阅读附件。"
    plan.save()
    plan.materials.create(name="学校说明", position=0)
    a_plan(year=plan.year, batch=2, opens_at=now + 20 * DAY, closes_at=now + 40 * DAY)
    page = text_of(as_school.get(reverse("pilots:plan-detail", args=[plan.pk])))
    assert "请先阅读附件。" in page
    assert "学校说明" in page
    assert "第二次将于" in text_of(as_school.get(reverse("pilots:plan-list")))


def test_a_plan_is_copied_by_its_province_only(as_province, as_school, plan) -> None:
    address = reverse("pilots:plan-copy", args=[plan.pk])
    assert as_school.post(address).status_code == 403
    assert as_province.get(address).status_code == 405
    response = as_province.post(address)
    made = PilotPlan.objects.get(state="draft")
    assert response.url == reverse("pilots:plan-edit", args=[made.pk])
    assert "复制自" in text_of(as_province.get(reverse("pilots:plan-detail", args=[made.pk])))


def test_the_list_is_filtered_by_year_searched_and_exported_as_shown(as_province, plan) -> None:
    last = a_plan(year=plan.year - 1, notes="去年的计划")

    def listed(query: str) -> set[PilotPlan]:
        return {line["plan"] for line in as_province.get(f"/pilots/plans/{query}").context["lines"]}

    assert listed("") == {plan, last}
    assert listed(f"?year={plan.year}") == {plan}
    assert listed("?q=去年") == {last}
    assert listed("?q=%00&year=x&phase=x&sort=x&page=x") == {plan, last}
    export = as_province.get(f"/pilots/plans/export/?year={plan.year}")
    values = load_workbook(BytesIO(export.content)).worksheets[0].iter_rows(min_row=2, values_only=True)
    assert [line[1] for line in values] == [plan.year]


def test_thirty_plans_and_three_hundred_cost_the_same_queries(as_province) -> None:
    counts = []
    for batches in (3, 30):
        for n in range(batches * 10):
            number = n + len(counts) * 1000
            a_plan(
                year=2026 - number % 10,
                batch=number + 1,
                all_certificates=False,
                certificates=[a_certificate()],
            )
        with CaptureQueriesContext(connection) as asked:
            as_province.get("/pilots/plans/?sort=batch")
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[1] <= MOST_QUERIES


MOST_QUERIES = 12  # frame 5, counts, years, own province, what may be copied, page count, rows, certificates


def test_abuse_13_a_plan_s_state_and_province_are_not_fields_of_its_form(as_province, plan) -> None:
    before = (plan.state, plan.province_id)
    edit = reverse("pilots:plan-edit", args=[plan.pk])
    change = posted(plan, reason="说明", notes="x", state="cancelled", province="1", id="1")
    seen = as_province.post(edit, change).context["seen"]
    assert as_province.post(edit, change | {"seen": seen}).status_code == 302
    plan.refresh_from_db()
    assert (plan.state, plan.province_id, plan.notes) == (*before, "x")


def test_abuse_25_notes_of_a_plan_are_shown_as_typed(as_school, plan) -> None:
    plan.notes = "<script>alert(1)</script>"
    plan.save()
    plan.materials.create(name="<img src=x onerror=alert(1)>", position=0)
    page = text_of(as_school.get(reverse("pilots:plan-detail", args=[plan.pk])))
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page


@pytest.mark.parametrize("total", ["0", "-5", "1e9", "99999999999999999999", "八十"])
def test_a_total_that_is_none_is_said_beside_its_field(as_province, plan, total: str) -> None:
    response = as_province.post(reverse("pilots:plan-edit", args=[plan.pk]), posted(plan, total=total, reason="说明"))
    assert response.status_code == 422
    assert not plan.totals.exists()

"""Decisions on many at once: ticked or from a sheet, previewed, then all of them or none."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from onex.accounts.models import Membership
from onex.accounts.tests.factories import a_city, a_school, an_actor, another_province, signed_in_as
from onex.common.actors import Role
from onex.common.queries import timeline_of
from onex.common.tests.at_once import at_once, told_apart
from onex.common.text import Refused
from onex.integrations.tests.factories import an_endpoint
from onex.notices.models import Notice, Sending
from onex.pilots import queries, services
from onex.pilots.decision_sheet import READ as SHEET
from onex.pilots.models import DecisionBatch, PilotApplication, PilotPlan, PlanTotal
from onex.pilots.tests.factories import (
    NOON,
    a_filed_application,
    a_plan,
    a_province_officer,
    a_school_officer,
)

pytestmark = pytest.mark.django_db
HEADS = ("院校", "证书", "结论*", "批准人数", "意见*", "编号", "修订")


def some_filed(n: int, **values: Any) -> list[PilotApplication]:
    plan = values.pop("plan", None) or a_plan()
    return [a_filed_application(plan, **values) for _ in range(n)]


def states(rows: Sequence[PilotApplication]) -> list[tuple[str, int | None]]:
    return [(row.state, row.approved_count) for row in (PilotApplication.objects.get(pk=one.pk) for one in rows)]


def a_sheet(lines: Sequence[Sequence[Any]], heads: Sequence[str] = HEADS) -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    page = book.active
    page.append(list(heads))
    for line in lines:
        page.append(list(line))
    kept = io.BytesIO()
    book.save(kept)
    return SimpleUploadedFile("审核表.xlsx", kept.getvalue())


def told(row: PilotApplication, decision: Any = "", count: Any = None, note: Any = "") -> list[Any]:
    return [row.school.name, row.level.short_name, decision, count, note, str(row.pk), row.revision]


def reasons_of(batch: DecisionBatch, by: Any) -> dict[int, str]:
    effect = queries.effect_of(queries.lines_of(batch), by, NOON)
    return {one.line.row: str(one.reason) for one in effect.judged if one.reason}


@pytest.fixture
def officer():
    return a_province_officer()


@pytest.fixture
def as_province(officer) -> Client:
    return signed_in_as(Client(), officer)


def the_sheet(client: Client, query: str = "") -> Any:
    answer = client.get(reverse("pilots:review-export") + query)
    assert answer.status_code == 200
    raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return openpyxl.load_workbook(io.BytesIO(raw))


# --- ticked


def test_ticked_applications_are_approved_as_asked_and_nothing_before_the_confirmation(officer) -> None:
    rows = some_filed(3)
    batch = services.preview_ticked(rows, "approve", "", by=officer, at=NOON)
    assert states(rows) == [("province_review", None)] * 3
    assert batch.counts["approve"] == 3
    done = services.confirm_batch(batch, by=officer, at=NOON)
    assert (done.state, done.counts["approve"]) == ("done", 3)
    assert states(rows) == [("approved", 80)] * 3
    assert [one.count for one in rows[0].places_moves.all()] == [80]
    assert timeline_of(batch).last().data["counts"]["approve"] == 3
    assert timeline_of(rows[0]).last().actor_label == officer.label


@pytest.mark.parametrize(("decision", "state"), [("return", "returned"), ("reject", "rejected")])
def test_ticked_applications_are_returned_or_refused_with_one_reason(officer, decision: str, state: str) -> None:
    rows = some_filed(2)
    batch = services.preview_ticked(rows, decision, "请补充材料", by=officer, at=NOON)
    services.confirm_batch(batch, by=officer, at=NOON)
    assert [one for one, _ in states(rows)] == [state] * 2
    assert timeline_of(rows[0]).last().note == "请补充材料"


def test_a_city_passes_many_on(officer) -> None:
    rows = some_filed(2, plan=a_plan(requires_city_approval=True))
    city = an_actor(Role.CITY, a_city())
    services.confirm_batch(services.preview_ticked(rows, "pass", "", by=city, at=NOON), by=city, at=NOON)
    assert states(rows) == [("province_review", None)] * 2
    assert len(queries.queue_of(officer)) == 2


def test_everybody_is_told_of_each_decision_of_a_batch_as_of_a_single_one(officer) -> None:
    plan = a_plan()
    school = a_school_officer()
    rows = [a_filed_application(plan, school), a_filed_application(plan), a_filed_application(plan)]
    endpoint, _ = an_endpoint(officer, ["pilots.application.approved"], at=NOON)
    batch = services.preview_ticked(rows, "approve", "", by=officer, at=NOON)
    services.change_batch(batch, {1: "60"}, {1: "按机房容量核定"}, by=officer, at=NOON)
    services.confirm_batch(batch, by=officer, at=NOON)
    sent = {one.subject_id: one for one in Sending.objects.filter(code="pilots.approved")}
    assert set(sent) == {row.pk for row in rows}
    first = sent[rows[0].pk]
    assert ("批准 60 人" in first.subject, "说明：按机房容量核定" in first.text) == (True, True)
    assert first.link == reverse("pilots:application-detail", args=[rows[0].pk])
    assert first.sender_id == officer.organisation_id
    [notice] = first.notices.all()
    assert (notice.user_id, notice.organisation_id) == (school.user_id, school.organisation_id)
    announced = endpoint.deliveries.order_by("id")
    assert {(one.facts["application"], one.facts["approved_count"]) for one in announced} == {
        (str(rows[0].pk), 60), (str(rows[1].pk), 80), (str(rows[2].pk), 80),
    }  # fmt: skip
    assert len({one.event_id for one in announced}) == 3


def test_of_many_passed_on_the_province_is_told_of_each(officer) -> None:
    rows = some_filed(3, plan=a_plan(requires_city_approval=True))
    city = an_actor(Role.CITY, a_city())
    services.confirm_batch(services.preview_ticked(rows, "pass", "", by=city, at=NOON), by=city, at=NOON)
    told_to = Notice.objects.filter(sending__code="pilots.to_province", user=officer.user_id)
    assert {one.sending.subject_id for one in told_to} == {row.pk for row in rows}
    assert Notice.objects.filter(sending__code="pilots.passed").count() == 3


def test_what_a_batch_costs_grows_by_the_decisions_themselves_only(officer) -> None:
    costs = []
    for batch_no, n in enumerate((2, 12), start=1):
        rows = some_filed(n, plan=a_plan(batch=batch_no))
        batch = services.preview_ticked(rows, "approve", "", by=officer, at=NOON)
        with CaptureQueriesContext(connection) as asked:
            services.confirm_batch(batch, by=officer, at=NOON)
        costs.append(len(asked))
    # Of each: locked, permitted, changed, traced, read and written into the ledger, within a savepoint.
    assert (costs[1] - costs[0]) / 10 <= 8


def test_one_line_that_cannot_be_decided_keeps_all_from_being_decided(officer) -> None:
    school = a_school_officer()
    plan = a_plan()
    rows = [a_filed_application(plan), a_filed_application(plan, school)]
    batch = services.preview_ticked(rows, "approve", "", by=officer, at=NOON)
    services.move_application(rows[1], "withdraw", by=school, at=NOON)
    with pytest.raises(Refused) as refused:
        services.confirm_batch(batch, by=officer, at=NOON)
    assert str(refused.value.reasons[0]) == "有 1 行不能办理，所以一行都没有办理。"
    assert "当前状态为“已撤回”" in str(refused.value.reasons[1])
    assert rows[1].school.name in str(refused.value.reasons[1])
    assert [one for one, _ in states(rows)] == ["province_review", "withdrawn"]
    batch.refresh_from_db()
    assert batch.state == "preview"


def test_a_batch_never_grants_more_than_a_total_and_shows_the_sums_before(officer) -> None:
    plan = a_plan()
    rows = some_filed(3, plan=plan)
    PlanTotal.objects.create(plan=plan, certificate=rows[0].level.certificate, total=200)
    batch = services.preview_ticked(rows, "approve", "", by=officer, at=NOON)
    effect = queries.effect_of(queries.lines_of(batch), officer, NOON)
    (total,) = effect.totals
    assert (total.granted, total.more, total.total) == (0, 160, 200)
    assert "还可批准 40" in str(effect.judged[2].reason)
    with pytest.raises(Refused, match="一行都没有办理"):
        services.confirm_batch(batch, by=officer, at=NOON)
    changed = services.change_batch(batch, {3: "40"}, {3: "按名额总量核定"}, by=officer, at=NOON)
    services.confirm_batch(changed, by=officer, at=NOON)
    assert [count for _, count in states(rows)] == [80, 80, 40]


def test_a_batch_is_confirmed_or_discarded_once(officer) -> None:
    batch = services.preview_ticked(some_filed(1), "approve", "", by=officer, at=NOON)
    services.confirm_batch(batch, by=officer, at=NOON)
    for again in (services.confirm_batch, services.drop_batch):
        with pytest.raises(Refused):
            again(batch, by=officer, at=NOON)
    with pytest.raises(Refused, match="不能再改"):
        services.change_batch(batch, {}, {}, by=officer, at=NOON)


def test_a_new_preview_discards_the_last_one_of_the_same_person(officer) -> None:
    rows = some_filed(1)
    first = services.preview_ticked(rows, "approve", "", by=officer, at=NOON)
    services.preview_ticked(rows, "reject", "x", by=officer, at=NOON)
    first.refresh_from_db()
    assert first.state == "dropped"


def test_the_own_school_is_a_bad_line_in_a_batch(officer) -> None:
    rows = some_filed(2)
    Membership.objects.create(user_id=officer.user_id, role=Role.TEACHER, organisation=rows[0].school.organisation)
    batch = services.preview_ticked(rows, "approve", "", by=officer, at=NOON)
    assert batch.counts["bad"] == 1
    assert "须回避" in reasons_of(batch, officer)[1]
    with pytest.raises(Refused):
        services.confirm_batch(batch, by=officer, at=NOON)


@pytest.mark.django_db(transaction=True)
def test_abuse_20_of_two_batches_at_once_over_the_same_applications_exactly_one_is_done() -> None:
    plan = a_plan()
    rows = some_filed(3, plan=plan)
    PlanTotal.objects.create(plan=plan, total=240)
    officers = [a_province_officer(plan), a_province_officer(plan)]
    batches = [services.preview_ticked(rows, "approve", "", by=one, at=NOON) for one in officers]
    works = [
        lambda batch=batch, by=by: services.confirm_batch(batch, by=by, at=NOON)
        for batch, by in zip(batches, officers, strict=True)
    ]
    done, refused = told_apart(at_once(*works))
    assert (len(done), len(refused)) == (1, 1)
    assert states(rows) == [("approved", 80)] * 3
    assert sum(one.count for row in rows for one in row.places_moves.all()) == 240


# --- by sheet


def test_the_exported_sheet_comes_back_filled_in_and_decides(as_province, officer) -> None:
    rows = sorted(some_filed(4), key=lambda row: row.submitted_at)
    book = the_sheet(as_province)
    page = book["审核"]
    heads = {str(cell.value).rstrip("*"): cell.column for cell in page[1]}
    assert page.column_dimensions[page.cell(1, heads["编号"]).column_letter].hidden
    assert page.protection.sheet
    assert not page.cell(2, heads["结论"]).protection.locked
    assert page.cell(2, heads["院校"]).protection.locked
    assert "填写说明" in book.sheetnames
    decisions = [("通过", 80, ""), ("通过", 60, "机房容量"), ("退回", None, "请补充"), (None, None, None)]
    by_key = {}
    for line, (word, count, note) in enumerate(decisions, start=2):
        for head, value in (("结论", word), ("批准人数", count), ("意见", note)):
            page.cell(line, heads[head]).value = value
        by_key[page.cell(line, heads["编号"]).value] = line
    kept = io.BytesIO()
    book.save(kept)
    upload = SimpleUploadedFile("填好.xlsx", kept.getvalue())
    answer = as_province.post(reverse("pilots:batch-import"), {"sheet": upload})
    assert answer.status_code == 302
    shown = as_province.get(answer.url).content.decode()
    for word in ("通过", "退回", "没有填写，不办理", "确认办理 3 份", "办理后会通知 3 所院校"):
        assert word in shown
    assert {one.state for one in PilotApplication.objects.all()} == {"province_review"}
    confirm = reverse("pilots:batch-move", args=[DecisionBatch.objects.get().pk, "confirm"])
    assert as_province.post(confirm).status_code == 302
    found = {by_key[str(row.pk)]: state for row, state in zip(rows, states(rows), strict=True)}
    assert [found[n] for n in (2, 3, 4, 5)] == [
        ("approved", 80), ("approved", 60), ("returned", None), ("province_review", None)
    ]  # fmt: skip


def test_each_wrong_row_of_a_sheet_says_its_reason_and_its_column(officer) -> None:
    school = a_school_officer()
    plan = a_plan()
    rows = some_filed(6, plan=plan)
    stale = a_filed_application(plan, school)
    lines = [
        told(rows[0], "通过", 80),
        told(rows[0], "退回", None, "又一次"),
        told(rows[1], "通过", 81),
        told(rows[2], "通过", "八十"),
        told(rows[3], "退回"),
        told(rows[4], "同意", 10),
        told(stale, "通过", 80),
        ["某校", "某证书", "通过", 80, "", "not-a-key", 1],
        told(rows[5]),
    ]
    services.move_application(stale, "withdraw", by=school, at=NOON)
    batch = services.preview_sheet(a_sheet(lines), SHEET, by=officer, at=NOON)
    assert (batch.counts["approve"], batch.counts["same"], batch.counts["bad"]) == (1, 1, 7)
    found = reasons_of(batch, officer)
    for row, words in {
        3: "与第 2 行是同一份申报", 4: "不能超过申请的 80 人", 5: "请填写整数", 6: "请写明意见",
        7: "结论“同意”不能办理", 8: "当前状态为“已撤回”", 9: "找不到这份申报",
    }.items():  # fmt: skip
        assert words in found[row]
    with pytest.raises(Refused, match="有 7 行不能办理"):
        services.confirm_batch(batch, by=officer, at=NOON)
    assert not PilotApplication.objects.filter(state="approved").exists()


def test_wrong_rows_are_mended_or_left_out_in_the_preview_and_the_result_says_what_was_decided(as_province) -> None:
    school = a_school_officer()
    plan = a_plan()
    mended, left, returned = some_filed(3, plan=plan)
    stale = a_filed_application(plan, school)
    lines = [
        told(mended, "同意", 60),
        told(left, "退回"),
        told(returned, "退回", None, "请补充"),
        told(stale, "通过", 80),
    ]
    services.move_application(stale, "withdraw", by=school, at=NOON)
    answer = as_province.post(reverse("pilots:batch-import"), {"sheet": a_sheet(lines)})
    shown = as_province.get(answer.url).content.decode()
    assert 'name="decision-2"' in shown
    assert 'name="count-5"' not in shown  # no other number would help: it was withdrawn
    assert "确认办理" not in shown
    batch = DecisionBatch.objects.get()
    move = reverse("pilots:batch-move", args=[batch.pk, "confirm"])
    typed = {
        "decision-2": "approve",
        "count-2": "60",
        "note-2": "机房容量",
        "decision-3": "leave",
        "note-3": "又想了想",
    }
    as_province.post(move, typed | {"decision-5": "leave", "then": "check"})
    assert "确认办理 2 份" in as_province.get(answer.url).content.decode()
    assert as_province.post(move).status_code == 302
    assert states([mended, left, returned, stale]) == [
        ("approved", 60), ("province_review", None), ("returned", None), ("withdrawn", None)
    ]  # fmt: skip
    done = as_province.get(answer.url).content.decode()
    for row in (mended, returned):
        assert reverse("pilots:application-detail", args=[row.pk]) in done
    assert reverse("pilots:application-detail", args=[left.pk]) not in done
    assert all(word in done for word in ("办理了什么", "机房容量", "请补充"))


def test_a_decision_that_is_none_of_this_office_cannot_be_smuggled_into_the_preview(officer) -> None:
    row = a_filed_application(a_plan(requires_city_approval=True))
    city = an_actor(Role.CITY, a_city())
    batch = services.preview_ticked([row], "pass", "", by=city, at=NOON)
    changed = services.change_batch(batch, {1: ""}, {1: "不行"}, {1: "reject"}, by=city, at=NOON)
    assert "不能办理" in reasons_of(changed, city)[1]
    with pytest.raises(Refused):
        services.confirm_batch(changed, by=city, at=NOON)


def test_a_sheet_in_which_nothing_is_filled_in_says_what_to_do(as_province) -> None:
    answer = as_province.post(reverse("pilots:batch-import"), {"sheet": a_sheet([told(a_filed_application())])})
    shown = as_province.get(answer.url).content.decode()
    assert "表里没有一行填写了结论" in shown
    assert f'href="{reverse("pilots:batch-import")}"' in shown
    assert "确认办理" not in shown


def test_a_row_changed_after_the_export_is_to_be_exported_again(officer) -> None:
    school = a_school_officer()
    row = a_filed_application(a_plan(), school)
    line = told(row, "通过", 80)
    services.move_application(row, "return", by=officer, at=NOON, note="x")
    services.move_application(row, "submit", by=school, at=NOON)
    batch = services.preview_sheet(a_sheet([line]), SHEET, by=officer, at=NOON)
    assert "导出后申报有变动，请重新导出" in reasons_of(batch, officer)[2]


def test_abuse_02_rows_of_another_province_are_not_told_from_missing_ones(officer) -> None:
    row = a_filed_application(a_plan())
    stranger = an_actor(Role.PROVINCE, another_province())
    batch = services.preview_sheet(a_sheet([told(row, "通过", 80)]), SHEET, by=stranger, at=NOON)
    assert "找不到这份申报，或它不在您的审核范围内" in reasons_of(batch, stranger)[2]
    with pytest.raises(Refused):
        services.confirm_batch(batch, by=stranger, at=NOON)
    own = services.preview_sheet(a_sheet([told(row, "通过", 80)]), SHEET, by=officer, at=NOON)
    client = signed_in_as(Client(), stranger)
    for name in ("batch-detail", "batch-errors"):
        assert client.get(reverse(f"pilots:{name}", args=[own.pk])).status_code == 404
    assert client.post(reverse("pilots:batch-move", args=[own.pk, "confirm"])).status_code == 404
    with pytest.raises(Refused, match="无权办理"):
        services.confirm_batch(own, by=stranger, at=NOON)


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (SimpleUploadedFile("x.xlsx", b"no workbook"), "打不开这个文件"),
        (SimpleUploadedFile("x.csv", b"a,b"), "打不开这个文件"),
        (a_sheet([], HEADS), "文件里没有申报"),
        (a_sheet([["x"]], ["院校"]), "表头缺少：编号、修订、结论、意见"),
    ],
)
def test_what_is_no_filled_sheet_is_refused_in_words(as_province, upload, words: str) -> None:
    upload.seek(0)
    answer = as_province.post(reverse("pilots:batch-import"), {"sheet": upload})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not DecisionBatch.objects.exists()


def test_an_upload_without_a_file_asks_for_one(as_province) -> None:
    answer = as_province.post(reverse("pilots:batch-import"))
    assert (answer.status_code, "请选择填好的审核表" in answer.content.decode()) == (422, True)


def test_more_than_three_thousand_rows_are_to_be_sent_in_parts(officer) -> None:
    lines = [["x", "y", "通过", 1, "", str(n), 1] for n in range(3_001)]
    with pytest.raises(Refused, match="一次最多办理 3000 行，文件里有 3001 行"):
        services.preview_sheet(a_sheet(lines), SHEET, by=officer, at=NOON)


def test_the_wrong_rows_come_as_a_sheet_to_mend_and_send_again(as_province, officer) -> None:
    row = a_filed_application()
    batch = services.preview_sheet(a_sheet([told(row, "通过", 81)]), SHEET, by=officer, at=timezone.now())
    answer = as_province.get(reverse("pilots:batch-errors", args=[batch.pk]))
    page = openpyxl.load_workbook(io.BytesIO(answer.content))["审核"]
    heads = [str(cell.value).rstrip("*") for cell in page[1]]
    values = dict(zip(heads, [cell.value for cell in page[2]], strict=True))
    assert values["原因"] == "批准培训总人数不能超过申请的 80 人。"
    assert values["有误的列"] == "批准人数"
    page.cell(2, heads.index("批准人数") + 1).value = 80
    page.cell(2, heads.index("意见") + 1).value = ""
    kept = io.BytesIO()
    page.parent.save(kept)
    mended = services.preview_sheet(SimpleUploadedFile("x.xlsx", kept.getvalue()), SHEET, by=officer, at=NOON)
    assert mended.counts["approve"] == 1


DANGEROUS = ('=HYPERLINK("http://x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "＝1+1", "=cmd|'/c calc'!A1")


@pytest.mark.parametrize("name", DANGEROUS)
def test_abuse_22_a_name_that_looks_like_a_formula_stays_a_text(as_province, name: str) -> None:
    a_filed_application(officer=a_school_officer(a_school(f"{name}学院")))
    page = the_sheet(as_province)["审核"]
    for line in page.iter_rows():
        for cell in line:
            assert cell.data_type != "f"
    assert page.cell(2, 1).value.strip() == f"{name}学院".strip()


def test_abuse_22_a_remark_that_looks_like_a_formula_is_kept_as_words(officer, as_province) -> None:
    row = a_filed_application()
    batch = services.preview_sheet(
        a_sheet([told(row, "通过", 81, '\'=HYPERLINK("http://x")')]), SHEET, by=officer, at=timezone.now()
    )
    answer = as_province.get(reverse("pilots:batch-errors", args=[batch.pk]))
    page = openpyxl.load_workbook(io.BytesIO(answer.content))["审核"]
    assert all(cell.data_type != "f" for line in page.iter_rows() for cell in line)


def test_a_citys_preview_has_no_column_for_places(as_province, officer) -> None:
    of_city, of_province = a_plan(requires_city_approval=True), a_plan(batch=2)
    city = an_actor(Role.CITY, a_city())
    for plan, who, client, decision, shows in (
        (of_city, city, signed_in_as(Client(), city), "pass", False),
        (of_province, officer, as_province, "approve", True),
    ):
        batch = services.preview_ticked(some_filed(1, plan=plan), decision, "", by=who, at=timezone.now())
        page = client.get(reverse("pilots:batch-detail", args=[batch.pk])).content.decode()
        assert ("将要办理" in page, "批准人数" in page) == (True, shows)


def test_a_citys_sheet_has_no_column_for_places() -> None:
    a_filed_application(a_plan(requires_city_approval=True))
    page = the_sheet(signed_in_as(Client(), an_actor(Role.CITY, a_city())))["审核"]
    heads = [str(cell.value).rstrip("*") for cell in page[1]]
    assert "批准人数" not in heads
    assert {"结论", "意见", "编号", "修订"} <= set(heads)


def test_the_sheet_holds_exactly_what_the_workbench_shows(as_province) -> None:
    plan: PilotPlan = a_plan()
    wanted = a_filed_application(plan, a_school_officer(a_school("苏州工业职业技术学院")))
    a_filed_application(plan)
    page = the_sheet(as_province, "?q=苏州")["审核"]
    assert [page.cell(n, 1).value for n in range(2, page.max_row + 1)] == [wanted.school.name]


@pytest.mark.parametrize("length", [3, 30])
def test_judging_a_batch_costs_the_same_number_of_queries_however_long(
    length: int, officer, django_assert_num_queries
) -> None:
    rows = some_filed(length)
    batch = services.preview_ticked(rows, "approve", "", by=officer, at=NOON)
    lines = queries.lines_of(batch)
    with django_assert_num_queries(5):
        assert len(queries.effect_of(lines, officer, NOON).judged) == length

"""The pages by plain forms: each role does its part, wrong files and refusals are told in place."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from onex.accounts import middleware
from onex.accounts.tests.factories import a_school, an_actor, an_evaluation_org, signed_in_as
from onex.catalog.tests.factories import a_level as a_guide_level
from onex.common import sheets
from onex.common.actors import Role
from onex.pilots.tests.factories import NOON
from onex.registration import services
from onex.registration.forms import local_minute
from onex.registration.models import Entry, ExamPlan, RosterImport, Student
from onex.registration.services.rosters import COLUMNS
from onex.registration.tests.factories import (
    AFTERNOON,
    OPEN,
    a_draft_plan,
    a_plan_level,
    a_row,
    a_student,
    a_workbook,
    an_entered,
    some_students,
)
from onex.venues.tests.factories import a_pilot_school, a_site, an_org_officer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The edge asks the clock; here it is noon of the factories' day."""
    monkeypatch.setattr(middleware, "now", lambda: NOON)


def as_school(school: Any) -> Client:
    return signed_in_as(Client(), an_actor(Role.SCHOOL, school))


def as_org() -> Client:
    return signed_in_as(Client(), an_org_officer())


def text_of(answer: Any) -> str:
    decoded: str = answer.content.decode()
    return decoded


# --- sittings


def a_plan_body(**changes: Any) -> dict[str, Any]:
    return {
        "year": "2026",
        "number": "8",
        "title": "2026 年第八次统考",
        "scheme_label": "",
        "levels": [str(a_guide_level().pk)],
        "slot-0-starts_at": local_minute(AFTERNOON.starts_at),
        "slot-0-ends_at": local_minute(AFTERNOON.ends_at),
        "slot-1-starts_at": "",
        "slot-1-ends_at": "",
        "registration_opens_at": local_minute(OPEN.starts_at),
        "registration_closes_at": local_minute(OPEN.ends_at),
    } | changes


def test_the_organisation_opens_announces_and_closes_a_sitting() -> None:
    a_guide_level()
    org = as_org()
    page = text_of(org.get(reverse("registration:plan-create"), {"number": "2"}))
    assert "2026 年第二次统考" in page
    assert "T14:00" in page
    answer = org.post(reverse("registration:plan-create"), a_plan_body())
    plan = ExamPlan.objects.get()
    detail = reverse("registration:plan-detail", args=[plan.pk])
    assert (answer.status_code, answer["Location"]) == (302, detail)
    move = reverse("registration:plan-level-move", args=[plan.levels.get().pk])
    assert org.post(move, {"move": "announce"}).status_code == 302
    refused = org.post(move, {"move": "close"})
    assert refused.status_code == 409
    assert "还没有任何报名" in text_of(refused)
    assert org.post(move, {"move": "close", "note": "无学校报名"}).status_code == 302
    assert plan.levels.get().state == "closed"
    assert "当时的提示：还没有任何报名" in text_of(org.get(detail))


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"slot-0-ends_at": "明天"}, 422, "is-bad"),
        ({"slot-0-starts_at": "", "slot-0-ends_at": ""}, 409, "请至少填写一个考试时段"),
        ({"levels": []}, 422, "field-levels-error"),
        ({"registration_closes_at": local_minute(AFTERNOON.ends_at)}, 409, "应不晚于首个考试时段"),
        ({"number": "零"}, 422, "has-error"),
    ],
)
def test_a_wrong_sitting_is_told_and_keeps_what_was_typed(changes: dict[str, Any], status: int, sentence: str) -> None:
    a_guide_level()
    answer = as_org().post(reverse("registration:plan-create"), a_plan_body(**changes))
    assert answer.status_code == status
    assert sentence in text_of(answer)
    assert "2026 年第八次统考" in text_of(answer)
    assert not ExamPlan.objects.exists()


def test_a_draft_is_changed_and_an_announced_one_is_not() -> None:
    a_guide_level()
    org = as_org()
    org.post(reverse("registration:plan-create"), a_plan_body())
    plan = ExamPlan.objects.get()
    edit = reverse("registration:plan-edit", args=[plan.pk])
    assert "2026-12-24T12:00" in text_of(org.get(edit))
    assert org.post(edit, a_plan_body(title="改名")).status_code == 302
    org.post(reverse("registration:plan-level-move", args=[plan.levels.get().pk, "announce"]))
    assert org.post(edit, a_plan_body(title="再改")).status_code == 409
    plan.refresh_from_db()
    assert plan.title == "改名"


def test_schools_see_announced_sittings_and_never_drafts() -> None:
    level, draft = a_plan_level(), a_draft_plan()
    client = as_school(a_pilot_school())
    page = text_of(client.get(reverse("registration:plan-list")))
    assert reverse("registration:plan-detail", args=[level.plan_id]) in page
    assert client.get(reverse("registration:plan-detail", args=[level.plan_id])).status_code == 200
    assert client.get(reverse("registration:plan-detail", args=[draft.pk])).status_code == 404
    assert client.get(reverse("registration:plan-create")).status_code == 403
    move = reverse("registration:plan-level-move", args=[level.pk])
    assert client.post(move, {"move": "close", "note": "x"}).status_code == 409


def test_steps_of_the_room_the_marking_and_the_results_are_not_made_by_themselves() -> None:
    level = a_plan_level()
    by = an_org_officer(level.plan.organisation)
    level = services.move_plan_level(level, "close", by=by, at=NOON, note="人数已满")
    for later in ("release", "start", "score", "publicise", "finish"):
        answer = as_org().post(reverse("registration:plan-level-move", args=[level.pk, later]))
        assert answer.status_code == 409
        assert "不能在这里单独进行" in text_of(answer)
    level.refresh_from_db()
    assert level.state == "closed"


# --- rosters


def test_a_school_imports_its_students_from_the_template() -> None:
    school = a_school()
    client = as_school(school)
    template = client.get(reverse("registration:student-template"))
    head = sheets.read(io.BytesIO(template.content), COLUMNS)
    assert head == []
    answer = client.post(reverse("registration:student-import"), {"file": a_workbook([a_row(1), a_row(2)])})
    roster = RosterImport.objects.get()
    detail = reverse("registration:import-detail", args=[roster.pk])
    assert (answer.status_code, answer["Location"]) == (302, detail)
    assert "确认导入 2 人" in text_of(client.get(detail))
    assert not Student.objects.exists()
    move = reverse("registration:import-move", args=[roster.pk])
    assert client.post(move, {"move": "confirm"}).status_code == 302
    page = text_of(client.get(reverse("registration:student-list")))
    assert "张三" in page
    assert Student.objects.count() == 2
    assert not any(student.id_number in page for student in Student.objects.all())


def test_wrong_rows_are_shown_with_column_and_reason_and_downloaded_to_be_mended() -> None:
    client = as_school(a_school())
    client.post(
        reverse("registration:student-import"),
        {"file": a_workbook([a_row(1), a_row(2, phone="12"), a_row(3, name="")])},
    )
    roster = RosterImport.objects.get()
    page = text_of(client.get(reverse("registration:import-detail", args=[roster.pk])))
    assert "手机号应为 11 位" in page
    assert "确认导入 1 人" not in page
    refused = client.post(reverse("registration:import-move", args=[roster.pk, "confirm"]))
    assert refused.status_code == 409
    assert "有 2 行有误" in text_of(refused)
    assert not Student.objects.exists()
    sheet = client.get(reverse("registration:import-errors", args=[roster.pk])).content
    columns = [*COLUMNS, sheets.Column("row", "原行号"), sheets.Column("reason", "原因")]
    rows = sheets.read(io.BytesIO(sheet), columns)
    assert [(row.cells["row"], row.cells["reason"]) for row in rows] == [
        ("3", "手机号应为 11 位，以 1 开头"),
        ("4", "请填写姓名"),
    ]
    mended = [row.cells | {"phone": "13800001234", "name": "李四"} for row in rows]
    client.post(reverse("registration:student-import"), {"file": a_workbook([a_row(1), *mended])})
    latest = RosterImport.objects.get(state="preview")
    assert latest.counts == {"new": 3, "changed": 0, "same": 0, "bad": 0}


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        (None, "请选择要导入的 Excel 文件"),
        (SimpleUploadedFile("名单.xlsx", b""), "这个文件是空的"),
        (SimpleUploadedFile("名单.xlsx", b"PK\x03\x04broken"), "打不开这个文件"),
        (SimpleUploadedFile("名单.doc", b"\xd0\xcf\x11\xe0" + b"0" * 600), "打不开这个文件"),
        (SimpleUploadedFile("名单.xlsx", b"0" * 5_000_001), "文件超过 5 MB"),
    ],
)
def test_a_wrong_file_is_told_in_place(upload: Any, sentence: str) -> None:
    client = as_school(a_school())
    answer = client.post(reverse("registration:student-import"), {"file": upload} if upload else {})
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert not RosterImport.objects.exists()


def test_what_would_change_is_shown_field_by_field_and_written_only_where_ticked() -> None:
    school = a_school()
    client = as_school(school)
    for row in (a_row(1), a_row(2)):
        a_student(school, **{key: row[key] for key in ("id_number", "student_no", "class_name", "phone")})
    client.post(
        reverse("registration:student-import"),
        {"file": a_workbook([a_row(1, class_name="电商2499", phone="13911112222"), a_row(2, class_name="电商2499")])},
    )
    roster = RosterImport.objects.get()
    page = client.get(reverse("registration:import-detail", args=[roster.pk]))
    text = text_of(page)
    assert 'name="cell" value="2:phone"' in text
    assert 'name="column" value="class_name"' in text
    assert "<del>13800001234</del> → <ins>13911112222</ins>" in text
    move = reverse("registration:import-move", args=[roster.pk, "confirm"])
    refused = client.post(move, {"seen": page.context["seen"]})
    assert refused.status_code == 409
    assert "没有勾选要更新的内容" in text_of(refused)
    stale = client.post(move, {"seen": "another", "cell": "2:phone"})
    assert stale.status_code == 409
    assert "预览之后有改动" in text_of(stale)
    assert 'name="cell" value="2:phone" checked' in text_of(stale)
    done = client.post(move, {"seen": page.context["seen"], "cell": ["2:phone", "nonsense", "x:y"]}, follow=True)
    assert "更新 1 人" in text_of(done)
    assert "1 人的改动没有勾选" in text_of(done)
    found = list(Student.objects.order_by("student_no").values_list("class_name", flat=True))
    assert found == ["电商2401", "电商2401"]
    assert [student.phone for student in Student.objects.order_by("student_no")] == ["13911112222", "13800001234"]


def test_columns_that_the_template_does_not_have_are_named_and_not_dropped_silently() -> None:
    client = as_school(a_school())
    own = (sheets.Column("nation", "民族"), sheets.Column("row", "原行号"), sheets.Column("note", "备注"))
    upload = a_workbook([a_row(1) | {"nation": "汉族", "note": "走读"}], columns=(*COLUMNS, *own))
    page = client.post(reverse("registration:student-import"), {"file": upload}, follow=True)
    assert "其中的内容不会导入：民族、备注。" in text_of(page)
    page = client.post(reverse("registration:student-import"), {"file": a_workbook([a_row(1)])}, follow=True)
    assert "有些列没有读取" not in text_of(page)


def test_every_change_is_on_a_sheet_and_phones_on_it_are_masked() -> None:
    school = a_school()
    client = as_school(school)
    row = a_row(1)
    a_student(school, **{key: row[key] for key in ("id_number", "student_no", "class_name", "phone")})
    changed = a_row(1, class_name="电商2499", phone="13911112222")
    client.post(reverse("registration:student-import"), {"file": a_workbook([changed])})
    answer = client.get(reverse("registration:import-changes", args=[RosterImport.objects.get().pk]))
    columns = [sheets.Column(key, key) for key in ("列", "学生库中", "文件中")]
    told = [tuple(one.cells.values()) for one in sheets.read(io.BytesIO(b"".join(answer)), columns)]
    assert told == [("班级", "电商2401", "电商2499"), ("手机号", "138****1234", "139****2222")]


def test_a_discarded_import_leaves_nothing() -> None:
    client = as_school(a_school())
    client.post(reverse("registration:student-import"), {"file": a_workbook([a_row(1)])})
    roster = RosterImport.objects.get()
    assert client.post(reverse("registration:import-move", args=[roster.pk, "explode"])).status_code == 409
    assert client.post(reverse("registration:import-move", args=[roster.pk, "discard"])).status_code == 302
    roster.refresh_from_db()
    assert (roster.state, roster.lines) == ("discarded", None)
    assert client.get(reverse("registration:import-detail", args=[roster.pk])).status_code == 200


def test_another_schools_roster_is_404() -> None:
    school = a_school()
    student = a_student(school)
    as_school(school).post(reverse("registration:student-import"), {"file": a_workbook([a_row(1)])})
    roster = RosterImport.objects.get()
    stranger = as_school(a_school())
    for name, row in (
        ("import-detail", roster),
        ("import-errors", roster),
        ("import-changes", roster),
        ("student-detail", student),
    ):
        assert stranger.get(reverse(f"registration:{name}", args=[row.pk])).status_code == 404
    assert stranger.post(reverse("registration:import-move", args=[roster.pk, "confirm"])).status_code == 404
    assert stranger.post(reverse("registration:student-remove", args=[student.pk])).status_code == 404
    assert as_org().get(reverse("registration:student-list")).status_code == 403


def test_the_exported_roster_is_what_the_list_shows() -> None:
    school = a_school()
    a_student(school, name="李四", major_code="530605", major_name="市场营销")
    a_student(school)
    answer = as_school(school).get(reverse("registration:student-export"), {"major": "530605"})
    columns = [sheets.Column("name", "姓名"), sheets.Column("id_number", "身份证号")]
    (row,) = sheets.read(io.BytesIO(answer.content), columns)
    assert row.cells["name"] == "李四"
    assert "***********" in row.cells["id_number"]


def test_a_student_is_removed_from_the_page_unless_entered() -> None:
    entry = an_entered(1)[0]
    school = entry.student.school
    client = as_school(school)
    answer = client.post(reverse("registration:student-remove", args=[entry.student_id]))
    assert answer.status_code == 409
    assert "有报名记录" in text_of(answer)
    other = a_student(school)
    assert client.post(reverse("registration:student-remove", args=[other.pk])).status_code == 302
    assert not Student.objects.filter(pk=other.pk).exists()


# --- entries


class Ready:
    def __init__(self) -> None:
        self.school = a_pilot_school()
        self.site, self.level = a_site(self.school), a_plan_level()
        self.client = as_school(self.school)

    @property
    def where(self) -> dict[str, str]:
        return {"plan_level": str(self.level.pk), "site": str(self.site.pk), "slot": ""}


def test_a_school_chooses_rehearses_and_enters() -> None:
    ready = Ready()
    good = some_students(ready.school, 2)
    bad = a_student(ready.school, name="李四", major_code="530302", major_name="大数据与会计")
    address = reverse("registration:entry-create")
    assert ready.site.name not in text_of(ready.client.get(address))
    assert ready.site.name in text_of(ready.client.get(address, {"plan_level": str(ready.level.pk)}))
    page = text_of(ready.client.get(address, ready.where))
    assert "专业“大数据与会计（530302）”不在该证书该等级的对应专业之内" in page
    assert str(bad.pk) not in page
    answer = ready.client.post(address, ready.where | {"students": [str(one.pk) for one in good]})
    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('registration:entry-list')}?plan_level={ready.level.pk}"
    assert Entry.objects.count() == 2


def test_posting_a_student_who_may_not_answers_409_with_the_reason_and_enters_nobody() -> None:
    ready = Ready()
    good = a_student(ready.school)
    bad = a_student(ready.school, name="李四", major_code="530302", major_name="大数据与会计")
    answer = ready.client.post(
        reverse("registration:entry-create"), ready.where | {"students": [str(good.pk), str(bad.pk)]}
    )
    assert answer.status_code == 409
    assert "李四：专业“大数据与会计（530302）”不在该证书该等级的对应专业之内" in text_of(answer)
    assert f'value="{good.pk}" checked' in text_of(answer)
    assert not Entry.objects.exists()


def test_everybody_who_may_is_entered_with_one_button() -> None:
    ready = Ready()
    some_students(ready.school, 3)
    a_student(ready.school, major_code="530302", major_name="大数据与会计")
    a_student(ready.school, class_name="另一班")
    answer = ready.client.post(reverse("registration:entry-create"), ready.where | {"all": "1", "class": "电商2401"})
    assert answer.status_code == 302
    assert Entry.objects.count() == 3


@pytest.mark.parametrize("changes", [{"site": ""}, {"site": "not-a-key"}, {"plan_level": "not-a-key"}, {"slot": "x"}])
def test_an_unknown_choice_is_told_and_nothing_breaks(changes: dict[str, str]) -> None:
    ready = Ready()
    student = a_student(ready.school)
    answer = ready.client.post(
        reverse("registration:entry-create"), ready.where | {"students": [str(student.pk), "junk"]} | changes
    )
    assert answer.status_code == 422
    assert not Entry.objects.exists()


def test_a_student_of_another_school_cannot_be_smuggled_in() -> None:
    ready = Ready()
    foreign = a_student(a_school())
    answer = ready.client.post(reverse("registration:entry-create"), ready.where | {"students": [str(foreign.pk)]})
    assert answer.status_code == 409
    assert not Entry.objects.exists()


def test_the_organisation_accepts_many_and_returns_one() -> None:
    entries = an_entered(4)
    org = as_org()
    accept = reverse("registration:entry-accept")
    assert org.post(accept, {"pk": [str(entries[0].pk)]}).status_code == 302
    move = reverse("registration:entry-move", args=[entries[1].pk])
    refused = org.post(move, {"move": "return", "note": " "})
    assert refused.status_code == 409
    assert "请写明理由" in text_of(refused)
    assert org.post(move, {"move": "return", "note": "照片不符"}).status_code == 302
    assert org.post(f"{accept}?plan_level={entries[0].plan_level_id}", {"all": "1"}).status_code == 302
    assert sorted(Entry.objects.values_list("state", flat=True)) == ["accepted", "accepted", "accepted", "returned"]
    nothing = org.post(accept, {"all": "1"})
    assert nothing.status_code == 409
    assert "没有选择待受理的报名" in text_of(nothing)


def test_a_school_cancels_on_the_record_and_others_do_not_find_it() -> None:
    entry = an_entered(1)[0]
    move = reverse("registration:entry-move", args=[entry.pk, "cancel"])
    stranger = as_school(a_school())
    assert stranger.get(reverse("registration:entry-detail", args=[entry.pk])).status_code == 404
    assert stranger.post(move).status_code == 404
    client = as_school(entry.student.school)
    assert client.get(reverse("registration:entry-detail", args=[entry.pk])).status_code == 200
    assert client.post(move).status_code == 302
    entry.refresh_from_db()
    assert entry.state == "cancelled"
    assert client.post(reverse("registration:entry-accept"), {"all": "1"}).status_code == 403


def test_lists_and_fees_are_exported_as_shown() -> None:
    entries = an_entered(2)
    org = as_org()
    services.accept_entries(entries, by=an_org_officer(), at=NOON)
    listed = org.get(reverse("registration:entry-export"), {"state": "accepted", "q": "电商"})
    columns = [sheets.Column("name", "姓名"), sheets.Column("id", "身份证号"), sheets.Column("fee", "考核费用（元）")]
    rows = sheets.read(io.BytesIO(listed.content), columns)
    assert [(row.cells["name"], row.cells["fee"]) for row in rows] == [("张三", "280"), ("张三", "280")]
    assert all("*" in row.cells["id"] for row in rows)
    fees = org.get(reverse("registration:fee-export"))
    columns = [sheets.Column("plan", "统考"), sheets.Column("amount", "应缴金额（元）")]
    assert [row.cells["amount"] for row in sheets.read(io.BytesIO(fees.content), columns)] == ["560", "560"]
    assert "560" in text_of(org.get(reverse("registration:fee-statement")))


def test_list_pages_cost_the_same_however_long(django_assert_max_num_queries: Any) -> None:
    entries = an_entered(12)
    a_student(entries[0].student.school)
    an_evaluation_org()
    org, school = as_org(), as_school(entries[0].student.school)
    for client, name, most in (
        (org, "entry-list", 10),
        (org, "plan-list", 10),
        (school, "student-list", 13),
        (school, "entry-list", 10),
        (org, "fee-statement", 8),
    ):
        with django_assert_max_num_queries(most):
            assert client.get(reverse(f"registration:{name}")).status_code == 200


def test_the_organisation_lays_a_years_sittings_beside_each_other_by_month() -> None:
    draft, announced = a_draft_plan(number=9, title="草稿中的统考"), a_plan_level(number=8).plan
    a_draft_plan(number=1, year=2025, title="去年的统考")
    url = reverse("registration:plan-list")
    page = as_org().get(url, {"view": "months"}).content.decode()
    assert draft.title in page
    assert announced.title in page
    assert "去年的统考" not in page
    assert "2026年12月" in page
    assert page.count('class="is-exam"') == 2  # the 24th and the 25th, marked once for both
    assert "去年的统考" in as_org().get(url, {"view": "months", "year": "2025"}).content.decode()
    school = as_school(a_pilot_school()).get(url, {"view": "months", "year": "１x"}).content.decode()
    assert announced.title in school
    assert draft.title not in school

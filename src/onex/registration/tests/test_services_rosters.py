"""A roster in Excel: previewed without a student written, then written whole or not at all."""

from __future__ import annotations

import time
from collections.abc import Iterable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from onex.accounts.models import School
from onex.accounts.tests.factories import a_school, an_actor
from onex.common import sheets
from onex.common.actors import Role
from onex.common.queries import timeline_of
from onex.common.text import Refused
from onex.pilots.tests.factories import NOON
from onex.registration import services
from onex.registration.models import RosterImport, Student
from onex.registration.queries import id_index, judged_rows
from onex.registration.rules.merging import NONE, Ticks, seen_of
from onex.registration.rules.plans import BEIJING
from onex.registration.rules.roster import RosterState, Verdict
from onex.registration.services.rosters import COLUMNS
from onex.registration.tests.factories import a_row, a_student, a_workbook, an_entered, an_id_number

pytestmark = pytest.mark.django_db
TODAY = NOON.astimezone(BEIJING).date()


@pytest.fixture
def school() -> School:
    return a_school()


def preview(school: School, *rows: dict[str, str]) -> RosterImport:
    return services.preview_students(school, a_workbook(rows), by=an_actor(Role.SCHOOL, school), at=NOON)


def confirm(roster: RosterImport, ticks: Ticks = NONE) -> RosterImport:
    return services.import_students(roster, by=an_actor(Role.SCHOOL, roster.school), at=NOON, ticks=ticks)


def ticked(roster: RosterImport, *columns: str, cells: Iterable[tuple[int, str]] = ()) -> Ticks:
    """What somebody ticks who has this preview before them."""
    return Ticks(frozenset(columns), frozenset(cells), seen_of(judged_rows(roster, TODAY)))


def the_student(serial: int) -> Student:
    return Student.objects.get(id_index=id_index(an_id_number(serial)))


def test_a_preview_writes_no_student(school: School) -> None:
    roster = preview(school, a_row(1), a_row(2))
    assert roster.counts == {"new": 2, "changed": 0, "same": 0, "bad": 0}
    assert not Student.objects.exists()


def test_a_confirmed_file_is_in_the_roster_and_its_rows_are_dropped(school: School) -> None:
    roster = confirm(preview(school, a_row(1, name="李四"), a_row(2)))
    assert (roster.state, roster.lines) == (RosterState.CONFIRMED, None)
    student = Student.objects.get(id_index=id_index(an_id_number(1)))
    assert (student.name, student.id_number, student.gender, student.major_name) == (
        "李四",
        an_id_number(1),
        "male",
        "电子商务",
    )
    assert timeline_of(roster).get(verb="confirm").data["counts"]["new"] == 2


def test_neither_id_number_nor_phone_stands_in_the_database_in_plain(school: School) -> None:
    confirm(preview(school, a_row(1)))
    waiting = preview(school, a_row(2))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM registration_student")
        told = repr([bytes(v) if isinstance(v, memoryview) else v for row in cursor.fetchall() for v in row])
        cursor.execute("SELECT lines FROM registration_rosterimport WHERE lines IS NOT NULL")
        told += repr([bytes(row[0]) for row in cursor.fetchall()])
    assert waiting.counts["new"] == 1
    assert an_id_number(1) not in told
    assert an_id_number(2) not in told
    assert "13800001234" not in told


def test_one_wrong_row_keeps_everything_out(school: School) -> None:
    roster = preview(school, a_row(1), a_row(2, phone="123"))
    assert roster.counts == {"new": 1, "changed": 0, "same": 0, "bad": 1}
    with pytest.raises(Refused, match="有 1 行有误"):
        confirm(roster)
    assert not Student.objects.exists()
    assert RosterImport.objects.get(pk=roster.pk).state == RosterState.PREVIEW


def test_duplicates_in_the_file_and_in_the_roster_are_told_at_preview(school: School) -> None:
    confirm(preview(school, a_row(1), a_row(2)))
    roster = preview(school, a_row(1), a_row(1), a_row(3, student_no="2024000002"), a_row(2, class_name="新班"))
    assert roster.counts == {"new": 0, "changed": 1, "same": 1, "bad": 2}
    told = {row.number: (row.column, str(row.reason)) for row in judged_rows(roster, TODAY) if row.reason}
    assert told[3] == ("id_number", "身份证号与文件第 2 行重复")
    assert told[4][0] == "student_no"
    assert "已登记给学生库中的" in told[4][1]


def test_nothing_is_overwritten_that_is_not_ticked(school: School) -> None:
    confirm(preview(school, a_row(1), a_row(2)))
    roster = confirm(preview(school, a_row(1, phone="13911112222", class_name="电商2499"), a_row(3)))
    student = the_student(1)
    assert (student.phone, student.class_name) == ("13800001234", "电商2401")
    assert roster.counts == {"new": 1, "changed": 0, "same": 0, "bad": 0, "kept": 1}
    assert Student.objects.count() == 3
    assert [trace.verb for trace in timeline_of(student)] == []


def test_a_ticked_change_is_written_and_its_neighbours_stay(school: School) -> None:
    confirm(preview(school, a_row(1), a_row(2)))
    before = the_student(1).pk
    roster = preview(
        school,
        a_row(1, phone="13911112222", class_name="电商2499", name="李四"),
        a_row(2, class_name="电商2499", phone="13922223333"),
    )
    done = confirm(roster, ticked(roster, "class_name", cells=[(2, "phone")]))
    one, two = the_student(1), the_student(2)
    assert (one.pk, one.phone, one.class_name, one.name) == (before, "13911112222", "电商2499", "张三")
    assert (two.phone, two.class_name) == ("13800001234", "电商2499")
    assert done.counts == {"new": 0, "changed": 2, "same": 0, "bad": 0, "kept": 0}
    assert Student.objects.count() == 2


def test_the_trace_of_a_student_says_what_a_roster_changed_and_no_number(school: School) -> None:
    confirm(preview(school, a_row(1)))
    roster = preview(school, a_row(1, phone="13911112222", class_name="电商2499"))
    confirm(roster, ticked(roster, "class_name", "phone"))
    trace = timeline_of(the_student(1)).get(verb="update_by_roster")
    assert trace.data == {
        "import": str(roster.pk),
        "columns": ["class_name", "phone"],
        "changes": {"class_name": ["电商2401", "电商2499"]},
    }
    assert timeline_of(roster).get(verb="confirm").data["counts"]["changed"] == 1


def test_ticks_on_what_has_changed_since_are_refused(school: School) -> None:
    confirm(preview(school, a_row(1)))
    roster = preview(school, a_row(1, phone="13911112222"))
    ticks = ticked(roster, "phone")
    Student.objects.update(phone="13700007777")
    with pytest.raises(Refused, match="预览之后有改动"):
        confirm(roster, ticks)
    assert the_student(1).phone == "13700007777"
    confirm(roster, ticked(roster, "phone"))
    assert the_student(1).phone == "13911112222"


def test_a_file_of_changes_alone_is_refused_without_ticks(school: School) -> None:
    confirm(preview(school, a_row(1)))
    roster = preview(school, a_row(1, phone="13911112222"))
    with pytest.raises(Refused, match="没有勾选"):
        confirm(roster)
    assert RosterImport.objects.get(pk=roster.pk).state == RosterState.PREVIEW


def test_a_file_without_the_column_of_classes_erases_none(school: School) -> None:
    confirm(preview(school, a_row(1)))
    columns = [column for column in services.rosters.COLUMNS if column.key != "class_name"]
    upload = a_workbook([a_row(1), a_row(2)], columns=columns)
    confirm(services.preview_students(school, upload, by=an_actor(Role.SCHOOL, school), at=NOON))
    assert the_student(1).class_name == "电商2401"


def test_cells_as_people_copy_them_into_excel_are_read(school: School) -> None:
    plain = a_row(1)
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    copied = plain | {
        "id_number": f"'{plain['id_number'].translate(wide)} ",
        "student_no": f" {plain['student_no']}\u3000",
        "phone": "'138 0000 1234",
    }
    confirm(preview(school, copied))
    student = the_student(1)
    assert (student.id_number, student.student_no, student.phone) == (
        plain["id_number"],
        plain["student_no"],
        "13800001234",
    )


def test_the_same_person_may_stand_in_two_schools(school: School) -> None:
    confirm(preview(school, a_row(1)))
    other = a_school()
    confirm(preview(other, a_row(1)))
    assert Student.objects.filter(id_index=id_index(an_id_number(1))).count() == 2


def test_rows_are_judged_again_when_they_are_confirmed(school: School) -> None:
    roster = preview(school, a_row(1))
    a_student(school, student_no=a_row(1)["student_no"], id_number=an_id_number(7))
    with pytest.raises(Refused, match="有 1 行有误"):
        confirm(roster)


def test_a_new_upload_discards_the_earlier_preview(school: School) -> None:
    first = preview(school, a_row(1))
    preview(school, a_row(2))
    first.refresh_from_db()
    assert (first.state, first.lines) == (RosterState.DISCARDED, None)
    with pytest.raises(Refused, match="当前状态为“已放弃”"):
        confirm(first)


def test_a_student_who_is_entered_keeps_name_and_major() -> None:
    entry = an_entered(1)[0]
    student = entry.student
    row = a_row(1, id_number=student.id_number, student_no=student.student_no, name="改名", gender="")
    roster = preview(student.school, row)
    (judged,) = judged_rows(roster, TODAY)
    assert (judged.verdict, judged.column) == (Verdict.BAD, "name")


def test_another_school_neither_previews_nor_confirms(school: School) -> None:
    roster = preview(school, a_row(1))
    stranger = an_actor(Role.SCHOOL, a_school())
    with pytest.raises(Refused, match="无权办理"):
        services.import_students(roster, by=stranger, at=NOON)
    with pytest.raises(Refused, match="无权办理"):
        services.preview_students(school, a_workbook([a_row(1)]), by=stranger, at=NOON)


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        (SimpleUploadedFile("名单.xlsx", b"not a workbook"), "打不开这个文件"),
        (SimpleUploadedFile("名单.xls", b"\xd0\xcf\x11\xe0" + b"0" * 100), "打不开这个文件"),
        (a_workbook([]), "文件里没有学生"),
        (a_workbook([{"name": "张三"}], columns=(sheets.Column("name", "姓名"),)), "表头缺少：身份证号"),
        (a_workbook([a_row(1)], columns=(*COLUMNS, sheets.Column("again", "姓名"))), "表头重复：姓名"),
    ],
)
def test_a_wrong_file_is_refused_in_words(school: School, upload: SimpleUploadedFile, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        services.preview_students(school, upload, by=an_actor(Role.SCHOOL, school), at=NOON)
    assert not RosterImport.objects.exists()


def test_a_number_cell_in_the_id_column_is_told_as_such(school: School) -> None:
    columns = [sheets.Column(c.key, c.title, as_text=c.key != "id_number") for c in services.rosters.COLUMNS]
    upload = a_workbook([a_row(1) | {"id_number": 320101200509010010}], columns=columns)
    roster = services.preview_students(school, upload, by=an_actor(Role.SCHOOL, school), at=NOON)
    (judged,) = judged_rows(roster, TODAY)
    assert (judged.column, "数字格式" in str(judged.reason)) == ("id_number", True)


def test_a_student_without_entries_may_be_removed() -> None:
    entry = an_entered(1)[0]
    officer = an_actor(Role.SCHOOL, entry.student.school)
    with pytest.raises(Refused, match="有报名记录"):
        services.remove_student(entry.student, by=officer, at=NOON)
    other = a_student(entry.student.school)
    services.remove_student(other, by=officer, at=NOON)
    assert not Student.objects.filter(pk=other.pk).exists()


def test_ten_thousand_rows_are_previewed_and_written_in_a_few_seconds(school: School) -> None:
    rows = [
        a_row(n % 999, id_number=an_id_number(n % 999, f"2005{n // 999 + 1:02d}15"), student_no=f"S{n}")
        for n in range(10_000)
    ]
    upload, officer = a_workbook(rows), an_actor(Role.SCHOOL, school)
    started = time.perf_counter()
    roster = services.preview_students(school, upload, by=officer, at=NOON)
    previewed = time.perf_counter() - started
    services.import_students(roster, by=officer, at=NOON)
    written = time.perf_counter() - started - previewed
    assert roster.counts["new"] == Student.objects.count() == 10_000
    print(f"10,000 rows: preview {previewed:.2f} s, import {written:.2f} s")
    assert previewed < 12
    assert written < 20

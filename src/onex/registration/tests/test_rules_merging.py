"""Merging a roster: what is ticked is taken, everything else stays as it stands."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from onex.registration.rules.merging import NONE, Ticks, changes_by_column, merged, seen_of
from onex.registration.rules.roster import FIELDS, Judged, Known, Line, Pupil, Verdict, judge

TODAY = date(2026, 11, 24)
MAJORS = {"530704": "网络营销与直播电商", "530302": "大数据与会计"}
CELLS = {
    "name": "张三",
    "id_number": "110105200412310021",
    "student_no": "2024010101",
    "entry_year": "2024",
    "major_code": "530704",
    "class_name": "电商2401",
    "phone": "13800001234",
}
BEFORE = Pupil(
    name="张叁",
    id_number="110105200412310021",
    gender="female",
    birth_on=date(2004, 12, 31),
    student_no="OLD1",
    entry_year=2023,
    major_code="530302",
    major_name="大数据与会计",
    class_name="会计2301",
    phone="13900009999",
)


def a_row(before: Pupil = BEFORE, **cells: str) -> Judged:
    (one,) = judge([Line(7, CELLS | cells)], [Known(before, key="the row")], MAJORS, TODAY)
    return one


def test_without_ticks_nothing_is_overwritten() -> None:
    assert a_row().verdict == Verdict.CHANGED
    assert merged([a_row()], NONE) == []


def test_a_ticked_cell_is_taken_and_its_neighbours_stay() -> None:
    (one,) = merged([a_row()], Ticks(cells=frozenset({(7, "phone")})))
    assert (one.key, one.pupil) == ("the row", replace(BEFORE, phone="13800001234"))
    assert merged([a_row()], Ticks(cells=frozenset({(8, "phone")}))) == []


def test_a_ticked_column_is_taken_in_every_row() -> None:
    (one,) = merged([a_row()], Ticks(columns=frozenset({"class_name"})))
    assert one.pupil == replace(BEFORE, class_name="电商2401")


def test_code_and_name_of_a_major_are_one_tick() -> None:
    (one,) = merged([a_row()], Ticks(cells=frozenset({(7, "major_code")})))
    assert (one.pupil.major_code, one.pupil.major_name) == ("530704", "网络营销与直播电商")
    assert merged([a_row()], Ticks(cells=frozenset({(7, "major_name")}))) == []
    renamed = a_row(replace(BEFORE, major_code="530704", major_name="网络营销"))
    (other,) = merged([renamed], Ticks(cells=frozenset({(7, "major_name")})))
    assert other.pupil.major_name == "网络营销与直播电商"


@given(st.sets(st.sampled_from(FIELDS)), st.sets(st.sampled_from(FIELDS)))
def test_whatever_is_ticked_only_that_changes(columns: set[str], cells: set[str]) -> None:
    ticks = Ticks(frozenset(columns), frozenset((7, one) for one in cells))
    found = merged([a_row()], ticks)
    wanted = (columns | cells) - {"major_name"} | ({"major_name"} if "major_code" in columns | cells else set())
    differs = {f.name for f in fields(Pupil) if found and getattr(found[0].pupil, f.name) != getattr(BEFORE, f.name)}
    assert differs == wanted


def test_a_trace_says_neither_names_nor_numbers() -> None:
    (one,) = merged([a_row()], Ticks(columns=frozenset(FIELDS)))
    assert one.told["columns"] == list(FIELDS)
    assert set(one.told["changes"]) == {"entry_year", "major_code", "major_name", "class_name"}
    assert one.told["changes"]["class_name"] == ["会计2301", "电商2401"]


def test_ticks_of_another_preview_are_stale() -> None:
    seen = seen_of([a_row()])
    cells = frozenset({(7, "phone")})
    assert not Ticks(cells=cells, seen=seen).is_stale([a_row()])
    assert Ticks(cells=cells, seen=seen).is_stale([a_row(replace(BEFORE, phone="13700007777"))])
    assert Ticks(cells=cells).is_stale([a_row()])
    assert not NONE.is_stale([a_row()])


def test_changes_are_counted_by_the_columns_that_have_a_tick() -> None:
    assert changes_by_column([a_row(), a_row(replace(BEFORE, phone="13800001234"))]) == {
        "name": 2,
        "student_no": 2,
        "entry_year": 2,
        "major_code": 2,
        "class_name": 2,
        "phone": 1,
    }

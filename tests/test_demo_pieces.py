"""The demonstration's own pieces: its people are plausible, its scorer is right, its browser reads pages."""

from __future__ import annotations

import ast
import random
from datetime import date
from decimal import Decimal, InvalidOperation
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import segno

from demo.browser import Browser, Form, Page, Surprise, Upload, multipart
from demo.expected import Bank, aims, fields_of, plan_writing
from demo.files import heads_of, read_sheet, scan, write_sheet
from demo.paper import pages_in
from demo.people import FOREIGN, a_school, credit_code, id_number, is_masked, pupils
from demo.qr import decode
from demo.show import Show, padded, table, width
from demo.story import Tale
from demo.story.releasing import _another_number, _compare, _same_facts, read_paper
from demo.story.tale import Sheet
from onex import items
from onex.accounts.identifiers import (
    problems_with_credit_code,
    problems_with_id_number,
    problems_with_name,
    problems_with_school_code,
)
from onex.certificates.rules import is_number
from onex.common import pdf

TODAY = date(2026, 11, 24)
DATA = Path(__file__).resolve().parents[1] / "src" / "onex" / "bank" / "data" / "live-commerce-junior"


@pytest.fixture(scope="module")
def bank() -> Bank:
    return Bank.read(DATA)


def test_the_demonstration_is_an_outsider() -> None:
    """It may not know the product from the inside: what it verifies, it verifies through public pages and files."""
    folder = Path(__file__).resolve().parents[1] / "demo"
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            known = [name for name in names if name.split(".")[0] in ("onex", "django", "sqlite3", "psycopg")]
            assert not known, f"{file}:{getattr(node, 'lineno', 0)} imports {known}"


# --- people


@pytest.mark.parametrize("number", ["110105200412310021", "659001200607310032", "440300200501018888"])
def test_id_numbers_are_made_as_the_standard_says(number: str) -> None:
    born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    assert id_number(number[:6], born, int(number[14:17])) == number


def test_credit_codes_are_made_as_the_standard_says() -> None:
    assert credit_code("12320000466001232") == "123200004660012320"
    assert credit_code("91320100MA1TEXT06") == "91320100MA1TEXT06M"


def test_every_invented_student_is_one_that_the_product_takes() -> None:
    made = pupils(400, 1, TODAY)
    assert not [pupil for pupil in made if problems_with_id_number(pupil.id_number, TODAY)]
    assert not [pupil for pupil in made if problems_with_name(pupil.name)]
    assert all(15 < TODAY.year - pupil.born_on.year < 22 for pupil in made)
    assert any("·" in pupil.name for pupil in made)


def test_no_two_invented_students_are_the_same_person() -> None:
    made = [*pupils(3000, 1, TODAY), *pupils(300, 2, TODAY)]
    assert len({pupil.id_number for pupil in made}) == 3300
    assert len({pupil.student_no for pupil in made}) == 3300
    assert len({pupil.name for pupil in made[:3000]}) == 3000


def test_only_the_last_student_is_of_a_foreign_major() -> None:
    made = pupils(20, 1, TODAY)
    assert [pupil.major_code == FOREIGN[0] for pupil in made] == [False] * 19 + [True]


@pytest.mark.parametrize("run", [1, 2, 10])
def test_the_invented_school_has_codes_that_the_product_takes(run: int) -> None:
    school = a_school(run)
    assert not problems_with_credit_code(school.credit_code, ("32",))
    assert not problems_with_school_code(school.school_code, ("32",), ("41",))


def test_a_masked_number_hides_the_birth_date_and_says_nothing_false() -> None:
    number = "320101200502280019"
    assert is_masked("320***********0019", number)
    assert not is_masked(number, number)
    assert not is_masked("320***********0018", number)
    assert not is_masked("320****0019", number)


# --- the independent scorer


def test_theory_counts_exact_answers_only(bank: Bank) -> None:
    single, multiple = bank.theory["LC1-S-001"], bank.theory["LC1-M-001"]
    assert (single["key"], multiple["key"]) == ("B", ["A", "D", "E"])  # read off the author's file by hand
    assert bank.theory_points({"LC1-S-001": "B", "LC1-M-001": ["E", "A", "D"]}) == 3
    assert bank.theory_points({"LC1-S-001": "A", "LC1-M-001": ["A", "D"]}) == 0
    assert bank.theory_points({"LC1-S-001": None, "LC1-M-001": ["A", "B", "D", "E"]}) == 0


def test_practical_counts_a_checkpoint_when_all_of_its_fields_are_kept(bank: Bank) -> None:
    model = bank.practical["LC1-P-A-11"]["model_answer"]
    lights = {name: model[name] for name in ("key_light", "fill_light", "back_light")}
    assert bank.practical_points({"LC1-P-A-11": lights}) == Decimal("1.5")
    assert bank.practical_points({"LC1-P-A-11": {"key_light": "c", "fill_light": "d"}}) == 0
    assert bank.practical_points({"LC1-P-A-11": {"background": "c", "bitrate": "6000"}}) == Decimal("1.5")
    assert bank.practical_points({"LC1-P-A-11": {"background": "a"}}) == 0
    assert bank.practical_points({"LC1-P-A-11": model}, Decimal("9.5")) == Decimal("17.5")


def test_all_model_answers_with_full_marks_are_a_hundred(bank: Bank) -> None:
    answers = {code: item["model_answer"] for code, item in bank.practical.items() if item["kind"] != "text"}
    assert bank.practical_points(answers, Decimal(15)) == 100


def test_the_order_of_the_shopping_bag_is_kept_or_dropped_as_a_whole(bank: Bank) -> None:
    links = next(unit for unit in bank.units if "link_1" in unit.fields)
    assert [name for name in links.fields if name.startswith("link_")] == [f"link_{n}" for n in range(1, 6)]


def test_the_two_scorers_agree_about_everything_that_the_candidates_hand_in(bank: Bank) -> None:
    """The product's scoring against the demonstration's, for what two hundred candidates answer."""
    chance = random.Random(7)
    kinds = {kind: [code for code, item in bank.theory.items() if item["kind"] == kind] for kind in
             ("single", "multiple", "scenario")}  # fmt: skip
    for aim in aims(200, chance):
        if aim.theory is None or aim.practical is None:
            continue
        codes = [code for kind, n in (("single", 30), ("multiple", 30), ("scenario", 5))
                 for code in chance.sample(kinds[kind], n)]  # fmt: skip
        theory = bank.plan_theory(codes, aim.theory, chance)
        writing = plan_writing(bank.text_item(), aim.written, "小测", chance)
        practical = bank.plan_practical(aim.practical, writing.points, chance)
        assert sum(items.score(bank.theory[code], answer).points for code, answer in theory.items()) == aim.theory
        machine = sum((items.score(bank.practical[c], a).points for c, a in practical.items()), Decimal(0))
        assert machine + writing.points == aim.practical
        marked = items.score(bank.text_item(), writing.text)
        given = {row.id: writing.marks[row.id] for row in marked.needs_examiner}
        assert marked.with_marks(given).points == writing.points


def test_the_cases_that_matter_are_among_the_fewest_candidates() -> None:
    found = aims(8, random.Random(1))
    assert [(aim.theory, aim.practical, aim.passes) for aim in found[:3]] == [
        (60, 60, True),
        (59, 100, False),
        (100, 59, False),
    ]
    assert {"absent", "interrupted"} <= {aim.role for aim in found}


def test_what_cannot_be_reached_is_said(bank: Bank) -> None:
    with pytest.raises(ValueError, match="no choice of answers"):
        bank.plan_practical(Decimal(90), Decimal(0), random.Random(1))
    with pytest.raises(ValueError, match="cannot be planned"):
        bank.plan_theory(["LC1-M-001"], 1, random.Random(1))


def test_a_setting_names_each_of_its_fields_once() -> None:
    expected = [{"field": "title", "min_length": 1}, {"field": "title", "contains": ["a"]}]
    assert fields_of({"kind": "C", "expected": expected}) == ["title"]


# --- the browser

PAGE = """<!doctype html><html><body><main><h1>报名</h1>
<div class="ox-alert" role="alert">有 1 处需要修改</div>
<table><thead><tr><th>姓名</th><th>状态</th></tr></thead><tbody>
<tr><th>王子涵</th><td><span>可报名</span></td></tr><tr><td colspan="2">没有了</td></tr></tbody></table>
<dl><div><dt>证书编号</dt><dd>X1 <small>有效</small></dd></div></dl>
<form method="post" action="/entries/" enctype="multipart/form-data" id="f">
<input type="hidden" name="csrfmiddlewaretoken" value="t0ken">
<input name="count" value="3"><textarea name="note">
两行
文字</textarea>
<label><input type="checkbox" name="levels" value="1" checked>初级</label>
<label><input type="checkbox" name="levels" value="2">中级</label>
<select name="site"><option value="">请选择</option><option value="9" selected>南京考点</option></select>
<input type="file" name="file"><svg><path d="M0 0"/></svg>
<button name="then" value="save">保存</button><button name="then" value="submit">提交</button>
<template><input name="never" value="x"></template></form>
<input name="outside" value="o" form="f">
<a href="/next?page=2" rel="next">下一页</a></main></body></html>"""


def a_page() -> Page:
    return Page(200, "http://demo.test/here/", {}, PAGE.encode())


def a_form() -> Form:
    return a_page().form("/entries/")


def test_a_form_sends_what_the_page_gives_it() -> None:
    assert [pair for pair in a_form().values if not isinstance(pair[1], Upload)] == [
        ("csrfmiddlewaretoken", "t0ken"),
        ("count", "3"),
        ("note", "两行\n文字"),
        ("levels", "1"),
        ("site", "9"),
        ("outside", "o"),
    ]


def test_a_form_is_filled_by_name_and_by_the_words_of_its_choices() -> None:
    form = a_form()
    form.fill(count=5, levels=[form.option("levels", "中级")], site=form.option("site", "请选择"))
    sent = dict(pair for pair in form.values if isinstance(pair[1], str))
    assert (sent["count"], sent["levels"], sent["site"]) == ("5", "2", "")
    assert form.button("提交").attrs["value"] == "submit"


def test_what_a_page_does_not_offer_cannot_be_sent() -> None:
    with pytest.raises(Surprise, match="no field colour; it has"):
        a_form().fill(colour="red")
    with pytest.raises(Surprise, match="does not offer"):
        a_form().fill(site="7")
    with pytest.raises(Surprise, match="no field never"):
        a_form().fill(never="y")
    with pytest.raises(Surprise, match="there are /entries/"):
        a_page().form("/nowhere/")


def test_tables_facts_links_and_sentences_are_read_as_people_read_them() -> None:
    page = a_page()
    assert [row["状态"] for row in page.rows("姓名", "状态")] == ["可报名"]
    assert page.facts == {"证书编号": "X1 有效"}
    assert page.link("/next", "下一页") == "http://demo.test/next?page=2"
    assert page.sentences == ["有 1 处需要修改"]


def test_a_multipart_body_carries_files_and_words() -> None:
    body, kind = multipart([("name", "江苏"), ("file", Upload("名单.xlsx", b"PK\x03", "x/y"))])
    border = kind.split("boundary=")[1]
    assert body.count(border.encode()) == 3
    assert "江苏".encode() in body
    assert 'filename="名单.xlsx"'.encode() in body
    assert b"PK\x03" in body


# --- files and papers


def test_a_filled_template_reads_as_it_was_written() -> None:
    sheet = write_sheet(
        "名单.xlsx", ["姓名*", "身份证号*", "班级"], [{"姓名": "阿依努尔·买买提", "身份证号": "32010120050229001X"}]
    )
    assert heads_of(sheet.content) == ["姓名*", "身份证号*", "班级"]
    assert read_sheet(sheet.content) == [{"姓名": "阿依努尔·买买提", "身份证号": "32010120050229001X", "班级": ""}]


def test_a_scan_is_a_pdf_of_one_page() -> None:
    assert pages_in(scan("证.pdf").content) == 1
    assert pages_in(b"GIF89a") == 0


@pytest.mark.parametrize("level", "lmqh")
@pytest.mark.parametrize("text", ["7" * 40, "HELLO 1+X", "http://127.0.0.1:8000/v/X1.k1.Ab_-9" + "z" * 80, "证书查验"])
def test_a_qr_code_is_read_from_its_modules(text: str, level: str) -> None:
    drawn = segno.make(text, error=level, micro=False, boost_error=False)
    assert decode([[bool(module) for module in row] for row in drawn.matrix]) == text


def test_a_certificate_is_read_off_the_paper(bank: Bank) -> None:
    tale = Tale("http://onex.test", 8, 1, "", bank, Show(1))
    pupil = tale.pupils[0]
    tale.theory[pupil.name], tale.practical[pupil.name] = Decimal("60.0"), Decimal("81.5")
    tale.issued_on.append(TODAY)
    facts = {
        "number": "X101132202600000000011", "name": pupil.name, "gender": "男" if pupil.is_male else "女",
        "id_number": pupil.id_number, "certificate": "直播电商职业技能等级证书", "level": "初级", "theory": "60.0",
        "practical": "81.5", "organisation": "南京奥派信息产业股份有限公司", "school": tale.school.name,
        "issued_on": TODAY.isoformat(), "address": "onex.test/verify/",
        "qr": segno.make("https://onex.test/v/X1.k1.sig", error="m").svg_inline(scale=4, border=1),
    }  # fmt: skip
    sheet = read_paper(_paper(facts), tale)
    assert (sheet.number, sheet.name, sheet.address) == (facts["number"], pupil.name, "https://onex.test/v/X1.k1.sig")
    for wrong in ({"practical": "81.4"}, {"name": "王五"}, {"school": "另一所学校"}, {"issued_on": "2020-01-01"}):
        with pytest.raises(Surprise):
            read_paper(_paper(facts | wrong), tale)


def _public(number: str, facts: dict[str, str]) -> Page:
    shown = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts.items())
    html = f"<html><body><main><h1>证书真实有效</h1><dl>{shown}</dl></main></body></html>"
    return Page(200, f"http://onex.test/verify/?number={number}", {}, html.encode())


def test_a_public_page_that_differs_from_the_paper_is_found(bank: Bank) -> None:
    tale = Tale("http://onex.test", 8, 1, "", bank, Show(1))
    tale.issued_on.append(TODAY)
    facts = {"证书编号": "X1", "姓名": "王五", "证件号码": "110105200412310021", "实训考核成绩": "81.5"}
    sheet = Sheet("X1", "王五", facts, "直播电商职业技能等级证书南京奥派信息产业股份有限公司", "")
    more = {
        "证书名称": "直播电商职业技能等级证书",
        "培训评价组织": "南京奥派信息产业股份有限公司",
        "发证日期": "2026年11月24日",
    }
    right = facts | more | {"证件号码": "110***********0021"}
    _same_facts(_public("X1", right), sheet, tale)
    for name, other in (
        ("姓名", "王六"), ("实训考核成绩", "81.6"),
        ("证件号码", "110105200412310021"), ("证件号码", "110***********0022"),
        ("发证日期", "2026年11月23日"), ("培训评价组织", "另一个组织"), ("证书名称", ""),
    ):  # fmt: skip
        with pytest.raises(Surprise):
            _same_facts(_public("X1", right | {name: other}), sheet, tale)


@pytest.mark.parametrize("found", ["59.5", "60.1", "", "缺考"])
def test_a_score_that_differs_ends_the_story(found: str) -> None:
    _compare("王五", "theory", Decimal("60.0"), "60")
    with pytest.raises((Surprise, InvalidOperation)):
        _compare("王五", "theory", Decimal("60.0"), found)


def _paper(facts: dict[str, str]) -> bytes:
    return pdf.render("certificates/paper.typ", {"pages": [facts]})


def test_a_number_given_to_nobody_still_has_a_valid_check_digit() -> None:
    other = _another_number("X101132202600000000011")
    assert other != "X101132202600000000011"
    assert is_number(other)


# --- the terminal


def test_chinese_columns_stand_in_line() -> None:
    assert width("考生 80") == 7
    assert padded("证书", 6) == "证书  "
    assert {
        width(line.split("  ")[0]) for line in table(("结果", "n"), [("考生", 1), ("证书合格", 2)]).splitlines()[1:2]
    } == {8}


@pytest.mark.parametrize(("told", "opens"), [("0", True), ("3600", False), (None, False)])
def test_who_is_told_to_wait_a_moment_waits_and_asks_again(told: str | None, opens: bool) -> None:
    asked = []

    class Busy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(429 if len(asked) == 1 else 200)
            if told is not None:
                self.send_header("Retry-After", told)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Busy) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        visitor = Browser(f"http://127.0.0.1:{server.server_port}", "visitor")
        if opens:
            assert visitor.get("/").status == 200
        else:
            with pytest.raises(Surprise, match="429"):
                visitor.get("/")
        visitor.close()
        server.shutdown()
        thread.join()
    assert len(asked) == (2 if opens else 1)

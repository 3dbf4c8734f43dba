"""After the exam: collecting, marking, results, certificates, and the public check of each of them."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

from demo.browser import Browser, Page, Surprise
from demo.expected import Writing
from demo.files import read_sheet
from demo.paper import pages_in, read_qr, read_texts
from demo.people import is_masked
from demo.show import tr
from demo.story.tale import CERTIFICATE, LEVEL, Sheet, Step, Tale, insist


def collect(tale: Tale) -> list[str]:
    """Refused while the absent one might still come; then everything is there and every chain is whole."""
    organisation = tale.signed_in("demo-org")
    listed = organisation.get("/marking/sessions/")
    address = listed.link(f"/marking/sessions/{_key(tale.session)}/")
    # Until then somebody may still come, says the room itself.
    until = tale.starts_at + timedelta(minutes=tale.candidates[0].rules["latest_entry_minutes"])
    if tale.now() < until - timedelta(seconds=3):
        page = organisation.submit(organisation.get(address).form("/collect/"), expect=409)
        insist("收卷" in " ".join(page.sentences), f"collected too early: {page.told}")
    while (left := (until - tale.now()).total_seconds()) > -1:
        tale.show.progress(0, 1, tr(f"等待考场关闭，还有 {left + 1:.0f} 秒", f"{left + 1:.0f} s until the room closes"))
        time.sleep(min(left + 1, 1.0))
    page = organisation.submit(organisation.get(address).form("/collect/"))
    heads = ("准考证号", "理论考核", "实训考核", "记录链")
    rows = [row for one in organisation.all_pages(page) for row in one.rows(*heads)]
    insist(len(rows) == tale.count, f"answers of {len(rows)} candidates, not of {tale.count}")
    sat = [row for row in rows if row["理论考核"] != "缺考"]
    insist(len(sat) == len(tale.candidates), f"{len(sat)} sat, not {len(tale.candidates)}")
    broken = [row for row in sat if row["记录链"] != "完整"]
    insist(not broken, f"broken chains: {broken[:3]}")
    by_ticket = {candidate.place.ticket_no: candidate.place.name for candidate in tale.candidates}
    for row in sat:
        name = by_ticket[row["准考证号"]]
        _compare(name, "theory", tale.theory[name], row["理论考核"])
    organisation.submit(organisation.get(address).form("/collect/"))  # twice is once
    return [tr(f"{len(sat)} 人的答卷，记录链完整；理论得分与独立核算一致",
               f"answers of {len(sat)}, chains whole; theory as computed independently")]  # fmt: skip


def _key(address: str) -> str:
    return urlsplit(address).path.rstrip("/").rsplit("/", 1)[-1]


def _compare(name: str, part: str, expected: Decimal, found: str) -> None:
    if not found or Decimal(found) != expected:
        raise Surprise(f"{name}: {part} is {found or 'missing'}, the independent scorer says {expected}")


def mark(tale: Tale) -> list[str]:
    """The assessor sees a number and a text, nobody's name, and marks criterion by criterion."""
    assessor = tale.signed_in("demo-assessor")
    writings = {_plain(one.writing.text): one.writing for one in tale.candidates if one.writing.text}
    secret = {candidate.place.ticket_no for candidate in tale.candidates}
    secret |= {candidate.place.name for candidate in tale.candidates if len(candidate.place.name) > 2}
    total, page = len(writings), assessor.get("/marking/jobs/")
    while writings:
        if not any("remark" in form.names for form in page.forms()):
            page = assessor.get(assessor.get("/marking/jobs/").link("/marking/jobs/[0-9a-f-]{36}/"))
        insist(
            not any(word in page.main.text for word in secret), f"the assessor sees whose text it is: {page.address}"
        )
        form = page.form(has="remark")
        found = _answer_on(page, writings)
        if found is None:
            insist(tale.run > 1, f"{page.address} shows none of the texts that were written")
            nought = dict.fromkeys((name for name in form.names if name.startswith("c-")), "0")
            page = assessor.submit(form.fill(**nought), remark="上一次演示中断时留下的答卷。")
            continue
        writing = writings[found]
        if len(writings) == total:  # more than full marks are not taken
            page = assessor.submit(form.fill(**{f"c-{name}": "99" for name in writing.marks}), expect=422)
            form = page.form(has="remark")
        form.fill(**{f"c-{name}": str(points) for name, points in writing.marks.items()})
        page = assessor.submit(form, remark="结构完整，口语化表达较好。")
        del writings[_plain(writing.text)]
        tale.show.progress(total - len(writings), total, tr("评分", "marked"))
    left = assessor.get("/marking/jobs/").links("/marking/jobs/[0-9a-f-]{36}/")
    insist(not left, f"{len(left)} jobs are left")
    return [tr(f"{total} 份文字题", f"{total} written tasks")]


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _answer_on(page: Page, writings: Mapping[str, Writing]) -> str | None:
    """The text that the page shows as the candidate's answer, among those that were written."""
    shown = {_plain(node.text) for node in page.main.all("p")}
    found = [text for text in writings if text in shown]
    insist(len(found) < 2, f"the page {page.address} shows {len(found)} of the texts that were written")
    return found[0] if found else None


def compute(tale: Tale) -> list[str]:
    organisation, school = tale.signed_in("demo-org"), tale.school_browser
    form = organisation.get("/results/releases/").form("/compute/[0-9a-f-]{36}/", near=tale.notes["plan title"])
    page = organisation.submit(form)
    tale.notes["release"] = page.address
    insist(not _results(tale, school), "the school sees results that are not public")
    _compare_all(tale, organisation)
    passes = sum(1 for name in tale.theory if min(tale.theory[name], tale.practical[name]) >= 60)
    tale.notes["passes"] = passes
    shown = {
        node.marked("ox-figure-label")[0].text: node.marked("ox-figure-value")[0].text
        for node in page.main.marked("ox-figure")
    }
    insist(shown.get("合格") == str(passes), f"the page says {shown}, the independent scorer {passes} passes")
    return [tr(f"{len(tale.theory)} 人两部分成绩与独立核算逐一相符，合格 {passes} 人",
               f"both parts of {len(tale.theory)} candidates as computed independently, {passes} passes")]  # fmt: skip


def _results(tale: Tale, browser: Browser) -> dict[str, dict[str, str]]:
    rows = read_sheet(browser.get("/results/export.xlsx").content)
    return {row["准考证号"]: row for row in rows if row["考试计划"] == tale.notes["plan title"]}


def _compare_all(tale: Tale, browser: Browser) -> None:
    """Every candidate's two parts and the decision against the independent scorer; any difference ends the story."""
    found = _results(tale, browser)
    insist(len(found) == tale.count, f"{len(found)} results of {tale.count} candidates")
    for seat in tale.seats:
        row, name = found[seat.ticket_no], seat.name
        if name not in tale.theory:
            marks = {row["理论考核成绩"], row["实训考核成绩"]}
            insist(marks <= {"", "缺考"}, f"{name} was absent and has {row}")
            insist(row["结论"] == "不合格", f"{name} was absent and passed")
            continue
        theory, practical, aim = tale.theory[name], tale.practical[name], tale.aims[name]
        insist((theory, practical) == (aim.theory, aim.practical), f"{name} answered otherwise than planned")
        _compare(name, "theory", theory, row["理论考核成绩"])
        _compare(name, "practical", practical, row["实训考核成绩"])
        decided = "合格" if theory >= 60 and practical >= 60 else "不合格"
        insist(row["结论"] == decided, f"{name} with {theory}/{practical} is {row['结论']}")


def publicise(tale: Tale) -> list[str]:
    organisation, school = tale.signed_in("demo-org"), tale.school_browser
    page = organisation.get(tale.notes["release"])
    early = organisation.get("/certificates/issue/")
    insist(tale.notes["plan title"] not in early.text, "certificates could be issued before the results are released")
    organisation.submit(page.form("/move/publicise/"))
    insist(len(_results(tale, school)) == tale.count, "the school does not see the publicised results")
    return [tr("院校可以查看", "schools can see them")]


def release(tale: Tale) -> list[str]:
    organisation = tale.signed_in("demo-org")
    page = organisation.submit(organisation.get(tale.notes["release"]).form("/move/release/"))
    insist("已发布" in page.text, f"the results are not released: {page.told}")
    _compare_all(tale, tale.school_browser)
    return []


def issue(tale: Tale) -> list[str]:
    organisation, passes = tale.signed_in("demo-org"), tale.notes["passes"]
    page = organisation.get("/certificates/issue/")
    tale.issued_on.append(tale.now().date())
    page = organisation.submit(page.form("/issue/[0-9a-f-]{36}/", near=tale.notes["plan title"]))
    tale.issued_on.append(tale.now().date())  # another one when midnight passed meanwhile
    insist(f"已签发 {passes} 张证书" in page.text, f"not {passes} certificates were issued: {page.told}")
    return [tr(f"{passes} 张", f"{passes} certificates")]


def print_papers(tale: Tale) -> list[str]:
    """The school downloads each certificate as PDF; what counts from here on is what stands on the paper."""
    school, passes = tale.school_browser, tale.notes["passes"]
    listed = school.all_pages(school.get("/certificates/"))
    addresses = list(dict.fromkeys(link for page in listed for link in page.links("/certificates/[0-9a-f-]{36}/")))
    insist(len(addresses) == passes, f"the school sees {len(addresses)} certificates of {passes}")
    for count, address in enumerate(addresses, start=1):
        page = school.get(address)
        pdf = school.get(page.link("/paper.pdf")).content
        insist(pages_in(pdf) == 1, f"the certificate {address} has {pages_in(pdf)} pages")
        tale.sheets.append(read_paper(pdf, tale))
        tale.show.progress(count, passes, tr("证书", "certificates"))
    passed = {name for name in tale.theory if min(tale.theory[name], tale.practical[name]) >= 60}
    insist({sheet.name for sheet in tale.sheets} == passed, "certificates went to other people")
    insist(len({sheet.number for sheet in tale.sheets}) == passes, "a number was given twice")
    return [tr(f"{passes} 张 PDF，姓名、成绩等逐项核对", f"{passes} PDFs, every fact compared")]


def read_paper(pdf: bytes, tale: Tale) -> Sheet:
    """What stands on a certificate: its holder is known by the ID number, and everything else must be the holder's.

    Raises Surprise when a fact of the roster or of the independent scorer is not on the paper.
    """
    text = "".join(read_texts(pdf)[0].split())
    number, found = re.search(r"X\d{21}", text), re.findall(r"(?<![\dX])\d{17}[\dX](?!\d)", text)
    if number is None or len(found) != 1:
        raise Surprise(f"this is no certificate: {text[:300]}")
    pupil = next((pupil for pupil in tale.pupils if pupil.id_number == found[0]), None)
    if pupil is None:
        raise Surprise(f"a certificate for nobody of the roster: {text[:300]}")
    facts = {
        "证书编号": number[0],
        "姓名": pupil.name,
        "性别": "男" if pupil.is_male else "女",
        "证件号码": pupil.id_number,
        "等级": LEVEL,
        "理论考核成绩": f"{tale.theory[pupil.name]}",
        "实训考核成绩": f"{tale.practical[pupil.name]}",
        "所在院校": tale.school.name,
    }
    missing = {name: value for name, value in facts.items() if value not in text}
    insist(not missing and CERTIFICATE in text, f"the certificate of {pupil.name} lacks {missing}: {text[:300]}")
    insist(_stands(tale.issued_on, text), f"the certificate of {pupil.name} is not of today: {text[-200:]}")
    return Sheet(number[0], pupil.name, facts, text, read_qr(pdf))


def _stands(days: Sequence[date], text: str) -> bool:
    """Whether one of these days is written there, one way or another."""
    found = re.findall(r"(\d{4})[-年./](\d{1,2})[-月./](\d{1,2})", text)
    return bool({tuple(map(int, one)) for one in found} & {(day.year, day.month, day.day) for day in days})


def verify(tale: Tale) -> list[str]:
    """As an employer: every certificate by number and name or by its code, facts compared; and what is not there."""
    public = tale.browser("public")
    for count, sheet in enumerate(tale.sheets, start=1):
        # The two ways take turns: each has its limit for a minute, which a pile of certificates should not wait for.
        _same_facts((_asked if count % 2 else _scanned)(public, sheet), sheet, tale)
        tale.verified = count
        tale.show.progress(count, len(tale.sheets), tr("查验", "verified"))
    first, last = tale.sheets[0], tale.sheets[-1]
    forged = urlsplit(first.address).path.replace(first.number, last.number)
    public.get(forged, expect=404)
    unknown = _typed(public, _another_number(first.number), first.name, expect=404)
    wrong = _typed(public, first.number, last.name, expect=404)
    insist(_answer(unknown) == _answer(wrong), "an unknown number and a wrong name are told apart")
    insist(first.facts["证件号码"] not in public.page.html, "the public page shows a whole ID number")
    scanned = len(tale.sheets) // 2
    return [tr(f"{tale.verified} 张逐一查验，其中扫码 {scanned} 张；编号不存在与姓名不符回答一致",
               f"{tale.verified} verified, {scanned} of them by their code; "
               "an unknown number and a wrong name get one answer")]  # fmt: skip


def _asked(public: Browser, sheet: Sheet) -> Page:
    return _typed(public, sheet.number, sheet.name)


def _typed(public: Browser, number: str, name: str, expect: int = 200) -> Page:
    form = public.get("/verify/").form(has="number")
    return public.submit(form, number=number, name=name, expect=expect)


def _scanned(public: Browser, sheet: Sheet) -> Page:
    """The code carries the public address of the installation; its path is asked of the server that we play with."""
    insist(bool(re.match(r"https?://[^/]+/v/", sheet.address)), f"the code on the paper leads to {sheet.address}")
    return public.get(urlsplit(sheet.address).path)


def _same_facts(page: Page, sheet: Sheet, tale: Tale) -> None:
    """The public page says what the paper says, every fact of it, with the ID number masked. Raises Surprise."""
    insist("证书真实有效" in page.text, f"{sheet.number} does not verify: {page.told}")
    shown = {name: "".join(value.split()) for name, value in page.facts.items()}
    for name, value in sheet.facts.items():
        same = is_masked(shown.get(name, ""), value) if name == "证件号码" else shown.get(name) == value
        insist(same, f"{sheet.number}: the page says {name} {shown.get(name, 'nothing')}, the paper {value}")
    for name in ("证书名称", "培训评价组织"):
        value = shown.get(name, "")
        insist(
            len(value) > 3 and value in sheet.text, f"{sheet.number}: {name} {value or 'nothing'} is not on the paper"
        )
    insist(_stands(tale.issued_on, shown.get("发证日期", "")), f"{sheet.number}: another date on the page: {shown}")
    insist(sheet.facts["证件号码"] not in page.html, f"{sheet.number}: the page shows the whole ID number")


def _another_number(number: str) -> str:
    """A number with a valid check digit (ISO 7064 MOD 11,10) that was given to nobody."""
    digits = f"{int(number[1:-1]) ^ 1:020d}"
    rest = 10
    for digit in digits:
        rest = (rest + int(digit)) % 10 or 10
        rest = rest * 2 % 11
    return f"X{digits}{(11 - rest) % 10}"


def _answer(page: Page) -> str:
    """What a page says, to the last character, without what was typed, the form's token and the moment."""
    body = re.sub(r'(value=|"X-CSRFToken": )"[^"]*"', "", page.html)
    return re.sub(r"\d{4}-\d{2}-\d{2}|\d{1,2}:\d{2}(:\d{2})?", "", body)


STEPS = (
    Step("考场关闭后收卷，客观题评分", "Scripts are collected and scored", collect),
    Step("考评员在线评文字题", "The assessor marks the written task", mark),
    Step("核算成绩，与独立评分逐人比对", "Results are computed and compared with the independent scorer", compute),
    Step("公示成绩", "Results are publicised", publicise),
    Step("发布成绩", "Results are released", release),
    Step("签发证书", "Certificates are issued", issue),
    Step("打印证书 PDF", "Certificates are printed", print_papers),
    Step("公众逐张查验证书", "Anyone verifies each certificate", verify),
)

"""Papers, the sitting, entries: from the authors' files to a closed registration."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from demo.browser import Page, Upload
from demo.expected import Bank
from demo.show import tr
from demo.story.tale import CERTIFICATE, LEVEL, Step, Tale, insist, minute

SECONDS = "%Y-%m-%dT%H:%M:%S"
CLOSE_REASON = "报名工作已全部完成，提前截止；本次为演示考试，人数不足亦按计划开考。"


def import_items(tale: Tale) -> list[str]:
    author, seen = tale.signed_in("demo-author"), []
    for file in tale.bank.files:
        page = author.get("/bank/items/import/")
        form = page.form(has="file")
        upload = Upload(file.name, file.read_bytes(), "application/yaml")
        page = author.submit(form, level=form.option("level", CERTIFICATE, LEVEL), file=upload)
        if "/bank/papers/" in page.address:
            tale.notes["practical"] = page.address
        seen.append(file.stem)
    page = author.get("/bank/items/", q="LC1-S-001")
    insist("LC1-S-001" in page.text, "the imported items are not in the bank")
    return [tr(f"理论 {len(tale.bank.theory)} 题、实训 {len(tale.bank.practical)} 题",
               f"{len(tale.bank.theory)} theory and {len(tale.bank.practical)} practical items")]  # fmt: skip


def assemble_papers(tale: Tale) -> list[str]:
    """Two theory papers without a shared item, and the practical one, all frozen."""
    assembler = tale.signed_in("demo-assembler")
    found = _theory_papers(tale)
    if len(found) < 2:  # the bank gives two papers apart; a later telling uses the same ones
        form = assembler.get("/bank/papers/assemble/").form(has="count")
        assembler.submit(form, level=form.option("level", CERTIFICATE, LEVEL), count=2 - len(found))
        found = _theory_papers(tale)
    insist(len(found) == 2, f"{len(found)} theory papers instead of two")
    for title, (address, codes) in found.items():
        insist(len(codes) == 65, f"{title} has {len(codes)} items, not 65")
        tasks = {tale.bank.theory[code]["task"] for code in codes}
        insist(len(tasks) == 10, f"{title} touches {len(tasks)} of the ten work tasks")
        _freeze(assembler.get(address), tale)
        tale.papers[title] = codes
    one, other = list(tale.papers.values())[:2]
    insist(not one & other, f"two papers share {len(one & other)} items")
    _freeze(assembler.get(tale.notes["practical"]), tale)
    return [tr("两份各 65 题，互不重题，均已封卷", "two of 65 items sharing none, all frozen")]


def _theory_papers(tale: Tale) -> dict[str, tuple[str, set[str]]]:
    assembler = tale.signed_in("demo-assembler")
    found: dict[str, tuple[str, set[str]]] = {}
    for address in assembler.get("/bank/papers/").links("/bank/papers/[0-9a-f-]{36}/"):
        page = assembler.get(address)
        shown = page.text
        codes = {code for code in tale.bank.theory if code in shown}
        if codes and len(found) < 2:
            found[_heading(page)] = (address, codes)
    return found


def _heading(page: Page) -> str:
    """The title of a record without the word of its state."""
    heading = page.tree.first("h1")
    words = [child for child in heading.children if isinstance(child, str)] if heading else []
    return " ".join(" ".join(words).split())


def _freeze(page: Page, tale: Tale) -> None:
    if "已封卷" in page.text:
        return
    frozen = tale.signed_in("demo-assembler").submit(page.form("/move/freeze/"))
    insist("已封卷" in frozen.text, f"the paper is not frozen: {frozen.told}")


def open_sitting(tale: Tale) -> list[str]:
    """A sitting of the guide's calendar, by the rules of the 演示 scheme, as soon as preparing it can be done."""
    organisation = tale.signed_in("demo-org")
    page = organisation.get("/registration/plans/new/")
    form = page.form(has="scheme_label")
    now = tale.now()
    # What is left to prepare takes a fraction of what has been done so far; a slow machine gets more time by itself.
    lead = 15 + 2 * (time.monotonic() - tale.began) + tale.count * 0.1
    tale.starts_at = (now + timedelta(seconds=lead)).replace(microsecond=0)
    slots = {name: "" for name in form.names if name.startswith("slot-")}  # the calendar's own are taken out
    slots |= {
        "slot-0-starts_at": tale.starts_at.strftime(SECONDS),
        "slot-0-ends_at": (tale.starts_at + timedelta(minutes=30)).strftime(SECONDS),
    }
    form.fill(**slots)
    title = f"{now.year} 年演示统考" + (f"（{tale.run}）" if tale.run > 1 else "")
    page = organisation.submit(
        form,
        form.button("保存"),
        title=title,
        scheme_label=form.option("scheme_label", "演示"),
        levels=[form.option("levels", CERTIFICATE, LEVEL)],
        registration_opens_at=minute(now - timedelta(minutes=1)),
        registration_closes_at=tale.starts_at.strftime(SECONDS),
    )
    tale.notes["plan"], tale.notes["plan title"] = page.address, title
    organisation.submit(page.form("/move/announce/"))
    page = organisation.get(tale.notes["plan"])
    insist("演示" in page.text and page.forms() is not None, f"the sitting is not announced: {page.told}")
    start = f"{tale.starts_at:%H:%M:%S}"
    return [tr(f"演示方案，{start} 开考", f"scheme 演示, starts at {start}")]


def refuse_foreign_major(tale: Tale) -> list[str]:
    """The student of another major is refused with the reason: on the page, and when sent all the same."""
    school, stranger = tale.school_browser, tale.stranger
    page = school.get(_offer(tale).address, q=stranger.student_no)
    (row,) = [row for row in page.rows("姓名", "学号", "能否报名") if row["学号"] == stranger.student_no] or [{}]
    reason = f"专业“{stranger.major_name}（{stranger.major_code}）”不在贵校试点申报的拟申报专业之内"
    insist(reason in row.get("能否报名", ""), f"{stranger.name} is not refused for the major: {row}")
    listed = school.get("/registration/students/", q=stranger.student_no)
    key = listed.link("/registration/students/[0-9a-f-]{36}/", stranger.name).rstrip("/").rsplit("/", 1)[-1]
    form = _offer(tale).form("/entries/new/", has="csrfmiddlewaretoken")
    form.values.append(("students", key))
    refused = school.submit(form, expect=409)
    insist(any(reason in sentence for sentence in refused.sentences), f"refused otherwise: {refused.told}")
    return [reason]


def _offer(tale: Tale) -> Page:
    """The page on which the school enters its students, its level and its own site chosen."""
    school = tale.school_browser
    form = school.get("/registration/entries/new/").form(has="plan_level")
    page = school.submit(form, plan_level=form.option("plan_level", tale.notes["plan title"]))
    form = page.form(has="plan_level")
    return school.submit(form, site=form.option("site", tale.school.name))


def register_candidates(tale: Tale) -> list[str]:
    school, count = tale.school_browser, tale.count
    form = _offer(tale).form("/entries/new/", has="csrfmiddlewaretoken")
    page = school.submit(form, form.button(name="all", value="1"))
    insist(f"{count} 名学生报名" in page.text, f"not {count} candidates were entered: {page.text[:300]}")
    rows = school.get("/pilots/applications/").rows("批准培训总人数", "已使用培训数")
    used = [row["已使用培训数"] for row in rows if row["申报状态"] == "审核通过"]
    insist(used == [str(count)], f"the places used are {used}, not {count}")
    tale.places["used"] = count
    return [tr(f"{count} 人，占用 {count} 个名额", f"{count} candidates, {count} places used")]


def accept_entries(tale: Tale) -> list[str]:
    organisation = tale.signed_in("demo-org")
    page = organisation.get("/registration/entries/")
    form = page.form(has="plan_level")
    page = organisation.submit(form, plan_level=form.option("plan_level", tale.notes["plan title"]))
    form = page.form("/entries/accept/")
    page = organisation.submit(form, form.button(name="all", value="1"))
    insist(f"已受理 {tale.count} 名" in page.text, f"not everybody was accepted: {page.told}")
    return [tr(f"{tale.count} 人", f"{tale.count} candidates")]


def close_registration(tale: Tale) -> list[str]:
    """Before its time, and with fewer than 40 candidates below the guide's number: only with a written reason."""
    organisation = tale.signed_in("demo-org")
    page = organisation.get(tale.notes["plan"])
    few = "低于每个考点原则上不少于 40 人的要求"
    insist((few in page.text) == (tale.count < 40), f"the 40-candidate warning is wrong for {tale.count}")
    form = page.form("/levels/[0-9a-f-]+/move/(close/)?", has="note")
    refused = organisation.submit(form, note="", expect=(409, 422))
    insist("理由" in " ".join(refused.sentences), f"closed without a reason: {refused.told}")
    form = organisation.get(tale.notes["plan"]).form("/levels/[0-9a-f-]+/move/(close/)?", has="note")
    page = organisation.submit(form, note=CLOSE_REASON)
    insist(CLOSE_REASON in page.text, f"the reason is not in the record: {page.told}")
    if tale.count < 40:
        return [tr(f"不足 40 人，写明理由后截止（{tale.count} 人）", f"only {tale.count} of 40: closed with a reason")]
    return [tr("提前截止，写明理由", "before its time, with a reason")]


def bank_of(root: Path) -> Bank:
    return Bank.read(root / "src" / "onex" / "bank" / "data" / "live-commerce-junior")


STEPS = (
    Step("命题人员导入试题和实训卷", "The author imports items and the practical paper", import_items),
    Step("组卷并封卷", "Papers are assembled and frozen", assemble_papers),
    Step("培训评价组织开设统考并发布报名通知", "The organisation opens and announces a sitting", open_sitting),
    Step("专业不符的学生被拒绝", "A student of another major is refused", refuse_foreign_major),
    Step("院校为学生报名", "The school registers its candidates", register_candidates),
    Step("培训评价组织受理报名", "The organisation accepts the entries", accept_entries),
    Step("截止报名", "Registration is closed", close_registration),
)

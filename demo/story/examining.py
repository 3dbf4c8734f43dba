"""Seats, tickets, the sealed room: from the arrangement to the last paper handed in."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator
from datetime import timedelta

from demo import console
from demo.browser import Browser, Surprise
from demo.candidate import Candidate, Place, Refused, all_at_once
from demo.expected import plan_writing
from demo.files import read_sheet
from demo.paper import pages_in, read_texts
from demo.people import CHIEF, SITE_STAFF
from demo.show import tr
from demo.story.tale import Step, Tale, insist

SWITCH_REASON = "考试机蓝屏，换到备用机继续作答。"


def arrange(tale: Tale) -> list[str]:
    organisation = tale.signed_in("demo-org")
    form = organisation.get("/sittings/arrange/").form("/arrange/[0-9a-f-]{36}/", near=tale.notes["plan title"])
    tale.session = organisation.submit(form, seed=2024).address
    listed = organisation.all_pages(organisation.get(tale.session, show="list"))
    seats = [row for page in listed for row in page.rows("考场", "座位", "姓名")]
    insist(len(seats) == tale.count, f"{len(seats)} seats for {tale.count} candidates")
    insist(len({(row["考场"], row["座位"]) for row in seats}) == tale.count, "two candidates share a seat")
    rooms = len({row["考场"] for row in seats})
    return [tr(f"{rooms} 个考场、{tale.count} 个座位", f"{rooms} rooms, {tale.count} seats")]


def bind_papers(tale: Tale) -> list[str]:
    organisation = tale.signed_in("demo-org")
    form = organisation.get(tale.session).form("/papers/")
    title = list(tale.papers)[(tale.run - 1) % 2]
    practical = [value for value, label in form.options("practical") if value][-1]
    page = organisation.submit(form, theory=form.option("theory", title), practical=practical)
    insist(page.facts.get("理论考核试卷") == title, f"the session has another paper: {page.facts}")
    tale.notes["paper"] = title
    return [title]


def name_staff(tale: Tale) -> list[str]:
    """The hosting school names a chief and two invigilators for each room."""
    school = tale.school_browser
    form = school.get(tale.session).form("/staff/")
    rooms = [name for name in form.names if name.startswith("room-")]
    form.fill(chief=CHIEF)
    for place, room in enumerate(rooms):
        form.fill(**{room: "、".join(SITE_STAFF[2 * place % 8 : 2 * place % 8 + 2])})
    school.submit(form)
    return [tr(f"主考 1 人、监考员 {2 * len(rooms)} 人", f"a chief and {2 * len(rooms)} invigilators")]


def release_tickets(tale: Tale) -> list[str]:
    organisation, school = tale.signed_in("demo-org"), tale.school_browser
    page = organisation.get(tale.session)
    organisation.submit(page.form("/move/release/"))
    page = school.get(tale.session)
    tickets = school.get(page.link("/tickets.pdf")).content
    pages = pages_in(tickets)
    insist(pages == tale.count, f"{pages} admission tickets for {tale.count} candidates")
    texts = read_texts(tickets)
    by_number = {pupil.id_number: pupil.name for pupil in tale.pupils}
    for text in texts:
        number = re.search(r"\d{17}[\dX]", text)
        name = by_number.get(number[0]) if number else None
        insist(name is not None and name in text.replace(" ", ""), f"a ticket of nobody: {text[:200]}")
    listed = school.get(school.get(tale.session).link("/rooms.pdf")).content
    insist(pages_in(listed) > 0, "the room list has no page")
    book = school.get(school.get(tale.session).link("/rooms.xlsx")).content
    tale.seats = [
        Place(row["考场"], row["座位"], row["姓名"], row["准考证号"], row["座位码"]) for row in read_sheet(book, 0)
    ]
    tale.staff = read_sheet(book, 1)
    tickets_by_name = {seat.name: seat.ticket_no for seat in tale.seats}
    insist(sorted(tickets_by_name) == sorted(p.name for p in tale.pupils[:-1]), "the room list has other candidates")
    insist(
        all(any(seat.ticket_no in text.replace(" ", "") for text in texts) for seat in tale.seats),
        "a ticket number of the room list is on no ticket",
    )
    return [tr(f"准考证 {pages} 页 PDF", f"{pages} pages of tickets")]


def publish_session(tale: Tale) -> list[str]:
    organisation = tale.signed_in("demo-org")
    page = organisation.get(tale.session)
    page = organisation.submit(page.form("/move/publish/"))
    insist("已下发考场" in page.text, f"the session did not reach the room: {page.told}")
    left = (tale.starts_at - tale.now()).total_seconds()
    return [tr(f"离开考还有 {left:.0f} 秒", f"{left:.0f} s before the start")]


def sign_in_and_admit(tale: Tale) -> list[str]:
    """Everybody but the absent one signs in at a machine; the invigilators let them pass."""
    _seat_everybody(tale)
    show = tale.show
    all_at_once(
        tale.candidates,
        lambda candidate: candidate.sign_in(f"{candidate.place.room} {candidate.place.seat_no}"),
        lambda n: show.progress(n, len(tale.candidates), tr("签到", "signed in")),
    )
    _knock_with_a_wrong_code(tale.candidates[-1])
    for room in sorted({seat.room for seat in tale.seats}):
        admitted = console.admit_all(_invigilator(tale, room))
        insist(admitted > 0, f"nobody was admitted in {room}")
    all_at_once(tale.candidates, Candidate.wait_until_admitted)
    return [tr(f"{len(tale.candidates)} 人签到并放行，1 人缺考", f"{len(tale.candidates)} admitted, 1 absent")]


def _knock_with_a_wrong_code(candidate: Candidate) -> None:
    """A ticket number alone opens nothing; the answer is the same as for a number that does not exist."""
    place, told = candidate.place, []
    code = f"{(int(place.seat_code) + 1) % 10**6:06d}"
    for ticket_no in (place.ticket_no, "00000000000000"):
        try:
            asked = {"ticket_no": ticket_no, "seat_code": code, "machine": "x"}
            candidate.gate.call("POST", "/gate/sign-in", asked)
        except Refused as refused:
            told.append((refused.code, refused.reply.get("message")))
    insist(len(told) == 2 and told[0] == told[1], f"the gate says {told} to a wrong code and an unknown number")


def _invigilator(tale: Tale, room: str) -> Browser:
    """The browser of an invigilator of this room, signed in at the room's console."""
    person = next(one for one in tale.staff if one["职责"] == "监考员" and one["考场"] == room)
    browser = tale.browser(f"{room} {person['姓名']}")
    if not browser.cookies:
        console.sign_in(browser, person["姓名"], person["登录码"])
    return browser


def _seat_everybody(tale: Tale) -> None:
    text = tale.bank.text_item()
    hands = _hands()
    for seat in tale.seats:
        aim, hand = tale.aims[seat.name], next(hands)
        if aim.role == "absent":
            continue
        writing = plan_writing(text, aim.written, hand, tale.chance)
        seed = f"{tale.run} {seat.ticket_no}"
        tale.candidates.append(Candidate(tale.url, seat, aim, tale.bank, writing, seed))


def _hands() -> Iterator[str]:
    """Names of hosts for the written task, nobody's twice, and none that the model answer has."""
    first, second = "小阿乐安佳晓思雨文清", "麦桃杏果豆芽苗叶枝花草竹兰荷菊梅松柏桐椿杉柳槐榆桂枫杨"
    for count in itertools.count():
        again, place = divmod(count, len(first) * len(second))
        yield first[place % len(first)] + second[place // len(first)] + (str(again) if again else "")


def sit(tale: Tale) -> list[str]:
    """Theory and practical through the gate; one of them loses the machine in the middle and goes on at another."""
    early = tale.candidates[0]
    if tale.now() < tale.starts_at - timedelta(seconds=2):
        for method, path, code in (("POST", "/gate/start", "not_yet"), ("GET", "/gate/paper/theory", "not_open")):
            try:
                early.gate.call(method, path, {"part": "theory"} if method == "POST" else None, early.token)
            except Refused as refused:
                insist(refused.code == code, f"before the start the gate says {refused} to {path}")
            else:
                raise Surprise(f"{path} answered before the start")
    while (left := (tale.starts_at - tale.now()).total_seconds()) > 0:
        tale.show.progress(0, 1, tr(f"等待开考，还有 {left:.0f} 秒", f"{left:.0f} s until the start"))
        time.sleep(min(left, 1.0))
    time.sleep(0.3)
    all_at_once(tale.candidates, Candidate.open_theory)
    began = time.monotonic()

    def allow_switch(place: Place) -> None:
        console.allow_switch(_invigilator(tale, place.room), place, SWITCH_REASON)

    total = len(tale.candidates)
    all_at_once(
        tale.candidates,
        lambda candidate: candidate.sit(allow_switch),
        lambda n: tale.show.progress(n, total, tr("交卷", "handed in")),
    )
    took = time.monotonic() - began
    for candidate in tale.candidates:
        name = candidate.place.name
        tale.theory[name] = tale.bank.theory_points(candidate.theory_answers)
        tale.practical[name] = tale.bank.practical_points(candidate.practical_answers, candidate.writing.points)
        insist(set(candidate.theory_answers) == tale.papers[tale.notes["paper"]], f"{name} got another paper")
    (back,) = [one for one in tale.candidates if one.aim.role == "interrupted"]
    insist(back.seen == ["seat_taken", "not_current"], f"the gate told the interrupted one {back.seen}")
    lines = sum(candidate.line_count for candidate in tale.candidates)
    return [
        tr(
            f"{total} 人交卷，{lines} 条作答均有回执（{took:.0f} 秒）",
            f"{total} handed in, {lines} receipts, {took:.0f} s",
        ),
        tr(f"1 人换机后恢复 {back.resumed_lines} 题", f"one resumed with {back.resumed_lines} answers"),
    ]


STEPS = (
    Step("编排考场座位", "Seats are arranged", arrange),
    Step("选用试卷", "Papers are bound to the session", bind_papers),
    Step("院校安排监考", "The school names invigilators", name_staff),
    Step("发布并打印准考证", "Tickets are released and printed", release_tickets),
    Step("下发考场", "The session goes to the exam room", publish_session),
    Step("考生签到，监考员核验放行", "Candidates sign in, invigilators admit", sign_in_and_admit),
    Step("理论与实训考试", "Theory and practical are sat", sit),
)

"""A student's own exams, and the home of a student: what comes next, when and where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from onex.certificates import queries as certificates
from onex.certificates.models import Certificate
from onex.certificates.rules import CertificateState
from onex.common.actors import Actor
from onex.common.text import Say, say
from onex.portal.rules import Figure, Start, Task
from onex.registration import queries as registration
from onex.registration.models import Entry
from onex.registration.rules.entries import LIVE, EntryState
from onex.results import queries as results
from onex.results.models import Result
from onex.results.rules import ReleaseState
from onex.sittings import queries as sittings
from onex.sittings.models import Seat
from onex.sittings.rules import SessionState

TO_BRING = say("带准考证和身份证原件；不用记密码，座位码由监考员发")


@dataclass(frozen=True)
class OwnExam:
    """One entry of a student with everything that has come of it so far."""

    entry: Entry
    seat: Seat | None  # from the release of tickets
    result: Result | None  # from publicity
    certificate: Certificate | None
    at: datetime

    @property
    def is_ahead(self) -> bool:
        """Whether the exam, as far as its time is known, has not begun."""
        if self.result is not None:
            return False
        if self.seat is None:
            return self.entry.state in LIVE
        return self.at < self.seat.session.slot.starts_at

    @property
    def has_begun(self) -> bool:
        return self.seat is not None and not self.is_ahead

    @property
    def is_final(self) -> bool:
        return self.result is not None and self.result.release.state == ReleaseState.RELEASED

    @property
    def doors(self) -> Say | str:
        """When one may come in; "" while the ticket is not out."""
        if self.seat is None:
            return ""
        scheme = self.seat.session.plan_level.scheme
        return say(
            "开考前 {n} 分钟入场，开考 {m} 分钟后不得入场",
            n=scheme.entry_opens_minutes,
            m=scheme.latest_entry_minutes,
        )

    @property
    def next_step(self) -> Say:
        """What the student does or waits for now, in one sentence."""
        if self.certificate is not None:
            if self.certificate.state == CertificateState.ISSUED:
                return say("证书已签发，可以查看和下载。")
            return say("证书已撤销，如有疑问请联系学校。")
        if self.result is not None:
            if not self.is_final:
                return say("成绩正在公示，公示结束后正式发布。")
            return (
                say("成绩合格，证书签发后会出现在这里。")
                if self.result.passed
                else say("这次没有通过，可以向学校报名下一次统考。")
            )
        if self.has_begun:
            is_over = self.seat is not None and self.seat.session.state == SessionState.ENDED
            return say("考试已结束，正在评阅，成绩公示后会出现在这里。") if is_over else say("考试已经开始。")
        if self.seat is not None:
            return say("下载并打印准考证，按时到场。{bring}。", bring=TO_BRING)
        return _WAITING.get(EntryState(self.entry.state), say("如有疑问请联系学校。"))


_WAITING = {
    EntryState.SUBMITTED: say("学校已为您报名，等待培训评价组织受理。"),
    EntryState.ACCEPTED: say("报名已受理，准考证发布后在这里下载。"),
    EntryState.RETURNED: say("报名被退回，请联系班主任，由学校改正后重新报名。"),
    EntryState.CANCELLED: say("学校已取消这次报名，如有疑问请联系班主任。"),
}


def exams_of(actor: Actor, at: datetime) -> list[OwnExam]:
    """Every entry of this student, what is ahead first; four queries, however many exams."""
    seats = {seat.entry_id: seat for seat in sittings.tickets_of(actor)}
    marks = {result.entry_id: result for result in results.results_seen_by(actor)}
    papers = {one.result.entry_id: one for one in certificates.certificates_seen_by(actor)}
    found = [
        OwnExam(entry, seats.get(entry.pk), marks.get(entry.pk), papers.get(entry.pk), at)
        for entry in registration.entries_seen_by(actor)
    ]
    return sorted(found, key=_order)


def _order(exam: OwnExam) -> tuple[Any, ...]:
    """Ahead: the nearest first, unknown times after known ones; over: the latest first."""
    starts = exam.seat.session.slot.starts_at.timestamp() if exam.seat is not None else None
    if exam.is_ahead:
        return (0, starts is None, starts or 0.0)
    return (1, False, -(starts if starts is not None else exam.entry.submitted_at.timestamp()))


def home_of_student(actor: Actor, at: datetime) -> tuple[list[Task], list[Figure], Start]:
    """The desk of a student: exams with their tickets, results that are out, certificates."""
    exams = exams_of(actor, at)
    tasks = [_task(exam) for exam in exams if exam.is_ahead and exam.seat is not None]
    held = [one for one in exams if one.certificate is not None and one.certificate.state == CertificateState.ISSUED]
    waiting = sum(exam.is_ahead for exam in exams)
    known = sum(exam.result is not None for exam in exams)
    figures = [
        Figure(waiting, say("待参加的考试"), say("场"), "portal:my-exams"),
        Figure(known, say("已有成绩"), say("项"), "portal:my-exams"),
        Figure(len(held), say("已取得证书"), say("张"), "portal:my-exams"),
    ]
    return tasks, figures, _start(exams)


def _task(exam: OwnExam) -> Task:
    seat = exam.seat
    assert seat is not None  # noqa: S101  (only exams with a ticket are tasks)
    return Task(
        say(
            "参加考试：{plan} · {level}",
            plan=exam.entry.plan_level.plan.title,
            level=Say(exam.entry.plan_level.level.name),
        ),
        say("看准考证"),
        "portal:my-exams",
        until=seat.session.slot.starts_at,
        until_label=say("开考"),
        note=say(
            "{site} · {room} {seat} 号座位。{bring}。",
            site=seat.session.site.name,
            room=seat.room.name,
            seat=f"{seat.seat_no:02d}",
            bring=TO_BRING,
        ),
        query=f"#exam-{exam.entry.pk}",
    )


def _start(exams: list[OwnExam]) -> Start:
    if not exams:
        return Start(
            say("还没有报名"),
            say("报名由学校统一办理。想参加考试，请先向班主任报名；可以先看看证书考什么、什么时候考。"),
            say("查看考试计划"),
            "portal:calendar",
        )
    return Start(
        say("现在不用做什么"),
        exams[0].next_step,
        say("查看我的考试"),
        "portal:my-exams",
    )

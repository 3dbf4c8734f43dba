"""Dates, months and waiting things are put in order; no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from onex.catalog.rules import BEIJING, Level
from onex.common.text import say
from onex.portal.rules import (
    CalendarRow,
    Desk,
    HalfDay,
    Held,
    Start,
    Task,
    greeting,
    in_order,
    months_of,
    next_occasion,
    occasions_of,
    oldest_first,
)


@dataclass(frozen=True)
class Type:
    code: str


LIVE, MEDIA = Type("101"), Type("102")
START = Start(say("开始"), say("开始"), say("开始"), "portal:home")


def at(month: int, day: int, hour: int = 14) -> datetime:
    return datetime(2024, month, day, hour, tzinfo=BEIJING)


def a_row(number: int, month: int, day: int, certificate: Type = LIVE) -> CalendarRow:
    """An afternoon and the next morning, as the guide has them."""
    morning = at(month, day, 8) + timedelta(days=1)
    half_days = (HalfDay(at(month, day), at(month, day, 18)), HalfDay(morning, morning + timedelta(hours=4)))
    return CalendarRow(number, f"第{number}次统考", Held(certificate, (Level.JUNIOR,)), half_days)


def a_task(name: str, since: datetime | None = None, until: datetime | None = None, count: int = 1) -> Task:
    return Task(say(name), say("去"), "portal:home", since=since, until=until, count=count)


def test_sittings_stand_by_date_and_then_by_certificate() -> None:
    rows = [a_row(2, 6, 21), a_row(1, 5, 30, MEDIA), a_row(1, 5, 30)]
    assert [(row.number, row.held.certificate.code) for row in in_order(rows)] == [(1, "101"), (1, "102"), (2, "101")]


def test_two_certificates_in_the_same_half_days_are_one_occasion() -> None:
    (first, second) = occasions_of([a_row(1, 5, 30), a_row(2, 6, 21), a_row(1, 5, 30, MEDIA)])
    assert [held.certificate.code for held in first.held] == ["101", "102"]
    assert [held.certificate.code for held in second.held] == ["101"]


def test_a_months_sheet_begins_on_monday_and_marks_both_days_of_a_sitting() -> None:
    (may,) = months_of([a_row(1, 5, 30)])
    assert may.first == date(2024, 5, 1)
    assert [day.number for day in may.weeks[0]] == [0, 0, 1, 2, 3, 4, 5]  # 1 May 2024 was a Wednesday
    assert [day.number for week in may.weeks for day in week if day.is_marked] == [30, 31]


def test_a_morning_in_the_next_month_gets_a_sheet_of_its_own() -> None:
    june, july = months_of([a_row(1, 6, 30)])
    assert [len(month.occasions) for month in (june, july)] == [1, 0]
    assert [day.number for week in july.weeks for day in week if day.is_marked] == [1]


def test_a_sitting_is_next_until_its_last_half_day_is_over() -> None:
    occasions = occasions_of([a_row(1, 5, 30), a_row(2, 6, 21)])
    for moment, expected in ((at(5, 31, 9), "第1次统考"), (at(5, 31, 12), "第2次统考"), (at(6, 22, 12), None)):
        found = next_occasion(occasions, moment)
        assert (found.name if found else None) == expected


def test_what_has_waited_longest_comes_first_and_the_remainder_of_a_kind_last() -> None:
    tasks = oldest_first([a_task("另有"), a_task("新", at(5, 2)), a_task("旧", at(5, 1))])
    assert [task.title.msgid for task in tasks] == ["旧", "新", "另有"]


def test_the_next_step_is_the_nearest_deadline_else_the_oldest() -> None:
    old, urgent, later = a_task("旧", at(5, 1)), a_task("急", at(5, 3), at(5, 4)), a_task("缓", at(5, 2), at(6, 1))
    assert Desk([old, later, urgent], [], [], START).next_task is urgent
    assert Desk([old, a_task("新", at(5, 2))], [], [], START).next_task is old
    assert Desk([], [], [], START).next_task is None


def test_a_desk_counts_things_and_not_lines() -> None:
    desk = Desk([a_task("审核", at(5, 1)), a_task("另有", count=6)], [], [], START)
    assert desk.count == 7
    assert greeting("周敏", desk.count).args["n"] == 7
    assert "n" not in greeting("周敏", 0).args

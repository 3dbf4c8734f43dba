"""iCalendar: lines within their 75 octets, texts back as they were given, nobody's line break a line of its own."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from onex.registration.rules.ical import Event, Status, escaped, folded, moment, written

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def an_event(**values: object) -> Event:
    words = {
        "uid": "a",
        "sequence": 2,
        "changed_at": NOON,
        "starts_at": NOON,
        "ends_at": NOON + HOUR,
        "summary": "统考",
    }
    return Event(**(words | values))  # type: ignore[arg-type]


def unfolded(text: str) -> list[str]:
    """Content lines as RFC 5545 3.1 has them read: CRLF and a space are nothing."""
    assert text.endswith("\r\n")
    return text.removesuffix("\r\n").replace("\r\n ", "").split("\r\n")


def read_back(value: str) -> str:
    """A TEXT value as RFC 5545 3.3.11 has it read."""
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)


def values_of(text: str, name: str) -> list[str]:
    return [line.partition(":")[2] for line in unfolded(text) if line.partition(":")[0] == name]


def calendar(*events: Event, name: str = "1+X 统考") -> str:
    return written(name, events, refresh=6 * HOUR)


@given(TEXT)
def test_no_line_is_longer_than_75_octets_and_no_character_is_cut(text: str) -> None:
    line = "DESCRIPTION:" + escaped(text)
    pieces = folded(line).split("\r\n")
    assert all(len(piece.encode()) <= 75 for piece in pieces)
    assert all(piece.startswith(" ") for piece in pieces[1:])
    assert "".join([pieces[0], *(piece[1:] for piece in pieces[1:])]) == line


@given(TEXT)
def test_a_line_that_fits_is_not_folded(text: str) -> None:
    line = escaped(text)
    assert ("\r\n" in folded(line)) == (len(line.encode()) > 75)


@given(TEXT)
def test_a_text_comes_back_as_it_was_but_for_what_no_calendar_may_hold(text: str) -> None:
    (back,) = values_of(calendar(an_event(summary=text)), "SUMMARY")
    plain = re.sub(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]", "\n", text)
    assert read_back(back) == re.sub(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]", "", plain)


@given(st.lists(TEXT, min_size=4, max_size=4))
def test_no_text_makes_a_line_of_its_own(texts: list[str]) -> None:
    name, summary, description, url = texts
    hostile = an_event(summary=summary, description=description, url=url, categories=(summary,))
    plain = an_event(summary="a", description="a" if description else "", url="a" if url else "", categories=("a",))
    names = [line.partition(":")[0] for line in unfolded(calendar(hostile, name=name))]
    assert names == [line.partition(":")[0] for line in unfolded(calendar(plain))]
    assert not CONTROL.search(calendar(hostile, name=name).replace("\r\n", ""))


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-12 * 60, 14 * 60))
def test_times_are_told_in_utc_whatever_zone_they_come_in(at: datetime, offset: int) -> None:
    assume(1000 < at.year < 9999)
    at = at.astimezone(timezone(timedelta(minutes=offset)))
    assert datetime.strptime(moment(at), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) == at.replace(microsecond=0)


def test_a_time_without_a_zone_is_nobodys_time() -> None:
    with pytest.raises(ValueError, match="names no time zone"):
        moment(NOON.replace(tzinfo=None))


def test_a_calendar_has_what_the_standard_asks() -> None:
    text = calendar(an_event(), an_event(uid="b", sequence=5, status=Status.CANCELLED))
    lines = unfolded(text)
    assert (lines[0], lines[1], lines[-1]) == ("BEGIN:VCALENDAR", "VERSION:2.0", "END:VCALENDAR")
    assert values_of(text, "UID") == ["a", "b"]
    assert values_of(text, "SEQUENCE") == ["2", "5"]
    assert values_of(text, "STATUS") == ["CONFIRMED", "CANCELLED"]
    assert values_of(text, "TRANSP") == ["OPAQUE", "TRANSPARENT"]
    assert values_of(text, "DTSTART") == ["20261124T040000Z"] * 2
    assert values_of(text, "DTEND") == ["20261124T050000Z"] * 2
    assert values_of(text, "DTSTAMP") == ["20261124T040000Z"] * 2
    assert values_of(text, "PRODID") != [""]
    assert values_of(text, "REFRESH-INTERVAL;VALUE=DURATION") == ["PT360M"]


def test_separators_and_breaks_are_escaped_as_the_standard_says() -> None:
    assert escaped("甲,乙;丙\\丁\n戊:己") == r"甲\,乙\;丙\\丁\n戊:己"

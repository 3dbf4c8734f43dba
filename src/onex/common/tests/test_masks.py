"""Which numbers of people are found in a text, however they are written, and which of ours are left alone."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onex.accounts.tests.factories import NOON
from onex.certificates.rules import certificate_number
from onex.common import masks
from onex.common.actors import SYSTEM
from onex.common.ids import uuid7
from onex.common.masks import bare, mask_emails, mask_numbers, mask_personal
from onex.common.moves import leave_trace
from onex.common.reveal import _problem
from onex.sittings.rules import ticket_number

ID, PHONE, OLD_ID = "320101200502290013", "13812345678", "320101850228001"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("号码320101200502290013。", "号码320***********0013。"),
        ("32010120050229001X", "320***********001X"),
        ("320101 20050229 001x", "320*************001x"),
        ("320101-2005-02-29-0013", "320***************0013"),
        ("3201 0120 0502 2900 13", "320***************0 13"),
        ("３２０１０１２００５０２２９００１３", "３２０***********００１３"),
        ("老证 320101850228001，", "老证 320********8001，"),
        ("320101 850228 001", "320********** 001"),
        ("电话：13812345678", "电话：138****5678"),
        ("138-1234-5678", "138******5678"),
        ("138 1234 5678", "138******5678"),
        ("138 - 1234 - 5678", "138**********5678"),
        ("138\u30001234\u20135678", "138******5678"),
        ("1381 2345 678", "138****** 678"),
        ("1381 234 5678", "138******5678"),
        ("138 123 45678", "138******5678"),
        ("138-12345678", "138*****5678"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        ("+8613812345678", "+86138****5678"),
        ("008613812345678", "0086138****5678"),
        ("8613812345678", "86138****5678"),
        ("+86 138-1234-5678", "+86 138******5678"),
        ("(+86)13812345678", "(+86)138****5678"),
        ("＋８６１３８１２３４５６７８", "＋８６１３８****５６７８"),
        ("IMG320101200502290013.jpg", "IMG320***********0013.jpg"),
        ("tel13812345678张三", "tel138****5678张三"),
        (f"{PHONE}/{PHONE}", "138****5678/138****5678"),
    ],
)
def test_a_number_of_a_person_is_masked_however_it_is_written(text: str, shown: str) -> None:
    assert mask_numbers(text) == shown
    assert mask_numbers(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "订单 2026112413812345678",
        "320101851301001",  # fifteen digits, the thirteenth month
        "320101850230001",  # the thirtieth of February
        "990101850228001",  # no such province
        "2026-11-24 13:12:34 于 3201",
        "12812345678",
        "010-12345678",
        "2019 2020 2021 2022 2023",
        "3,201,012,005 人",
        "192.168.138.123",
        "9f13812345678ab320101200502290013c",  # of a digest
        "01a22776-c217-77b3-a453-c13812345678",
    ],
)
def test_another_number_is_left_alone(text: str) -> None:
    assert mask_numbers(text) == text


chances = st.integers(min_value=0, max_value=10**12)


@settings(max_examples=400, deadline=None)
@given(chance=chances, year=st.integers(2024, 2099), place=st.integers(1, 99), more=st.integers(0, 10**10 - 1))
def test_no_number_that_the_platform_gives_is_masked(chance: int, year: int, place: int, more: int) -> None:
    """Tickets, certificates, codes of organisations and schools, account names, keys of rows, times in milliseconds."""
    ours = (
        ticket_number(year, place, chance),
        certificate_number(f"{chance % 1000:03d}", chance % 3 + 1, f"{place:02d}", year, more),
        f"{chance % 10**9:09d}",
        f"{chance % 10**8:08d}-{more % 10}",
        f"41{place:02d}{chance % 10**6:06d}",
        f"s{chance % 10**8:08d}",
        f"{place:02d}{more % 10000:04d}",
        str(uuid7()),
        str(chance % 10**12 + 10**12),
        f"{year}-{place % 12 + 1:02d}-{place % 28 + 1:02d} {place % 24:02d}:30:00",
    )
    for text in (*ours, "、".join(ours)):
        assert mask_personal(text) == text


@settings(max_examples=400, deadline=None)
@given(before=st.text(max_size=12), after=st.text(max_size=12), number=st.sampled_from([ID, PHONE, OLD_ID]))
def test_no_text_around_a_number_keeps_it_whole(before: str, after: str, number: str) -> None:
    kept = mask_personal(f"{before} {number}，{after}")
    assert number not in kept
    assert mask_personal(kept) == kept


@pytest.mark.parametrize("name", ["_ID_NUMBER", "_OLD_ID_NUMBER", "_PHONE", "_EMAIL"])
def test_every_pattern_is_bounded_so_that_no_text_makes_it_slow(name: str) -> None:
    parsed = import_module("re._parser").parse(getattr(masks, name).pattern)
    assert parsed.getwidth()[1] < 400


@pytest.mark.parametrize(
    "piece", ["1", "138-", "138 1234 ", "320101 2005 ", "86", "a@", "a.", "@a.", "-", "a@a.b-", "１", "\u3000"]
)
def test_a_megabyte_of_almost_numbers_comes_back_as_it_was(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    assert mask_personal(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("write to zhou.min@example.edu.cn now", "write to z*******@example.edu.cn now"),
        ("<a+b@x.cn>,c@y.cn", "<a**@x.cn>,c**@y.cn"),
        ("邮箱 zhou@example.cn。", "邮箱 z***@example.cn。"),
        ("请发到zhou@example.cn确认", "请发到z***@example.cn确认"),
        ("13812345678@example.cn", "1**********@example.cn"),
        (
            "git@host and user@localhost stay, as does @decorator",
            "git@host and user@localhost stay, as does @decorator",
        ),
    ],
)
def test_addresses_of_people_are_masked(text: str, shown: str) -> None:
    assert mask_emails(text) == shown


@pytest.mark.django_db
def test_what_a_trace_keeps_tells_neither_number_nor_address_of_anybody() -> None:
    data: dict[str, Any] = {
        PHONE: 1,
        "to": "zhou@example.cn",
        "number": int(PHONE),
        "deep": [{"138 1234 5678": [int(ID), 2.5, True, None, 7]}],
    }
    note = f"请联系周老师 {PHONE}（zhou@example.cn），证件 {ID}"
    trace = leave_trace(None, "load", by=replace(SYSTEM, name=f"周敏 {PHONE}"), at=NOON, note=note, data=data)
    trace.refresh_from_db()
    assert trace.note == "请联系周老师 138****5678（z***@example.cn），证件 320***********0013"
    assert trace.data == {
        "138****5678": 1,
        "to": "z***@example.cn",
        "number": "138****5678",
        "deep": [{"138******5678": ["320***********0013", 2.5, True, None, 7]}],
    }
    assert PHONE not in trace.actor_label


@pytest.mark.parametrize(
    ("reason", "value"),
    [
        ("核对 32010120050229001x", "32010120050229001X"),
        ("核对 320101-20050229-001X", "32010120050229001X"),
        ("核对３２０１０１２００５０２２９００１３", ID),
        ("打给 138-1234-5678", PHONE),
        ("打给 138 1234.5678", PHONE),
        ("写给 Zhou@Example.cn", "zhou@example.cn"),
    ],
)
def test_a_reason_that_repeats_the_number_in_any_writing_is_refused(reason: str, value: str) -> None:
    assert _problem(reason, value) is not None


def test_a_reason_with_another_number_is_a_reason() -> None:
    assert _problem("核对 13812345679 的登记", PHONE) is None
    assert _problem("电话联系本人", "") is None
    assert bare("3201-01 X") == bare("３２０１０１ｘ") == "320101x"

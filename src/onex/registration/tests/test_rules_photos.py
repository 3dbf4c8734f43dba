"""Whose a photo is, by the name of its file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onex.common.text import Say
from onex.registration.rules.photos import Claim, Holder, claim_of, holder_of

ID = "110105200412310021"


@pytest.mark.parametrize(
    ("name", "claim"),
    [
        (f"张三_{ID}.jpg", Claim(id_number=ID, name="张三")),
        (f"电商1班/张三_{ID}.JPEG", Claim(id_number=ID, name="张三")),
        (f"张三＿{ID}.png", Claim(id_number=ID, name="张三")),
        (f"张三-{ID}.jpg", Claim(id_number=ID, name="张三")),
        ("阿迪力·买买提_11010520041231002x.jpg", Claim(id_number="11010520041231002X", name="阿迪力·买买提")),
        (f"{ID}.jpg", Claim(id_number=ID, student_no=ID)),
        ("１１０１０５２００４１２３１００２１.jpg", Claim(id_number=ID, student_no=ID)),
        ("2024010101.jpg", Claim(student_no="2024010101")),
        ("s2024-7.jpg", Claim(student_no="S2024-7")),
    ],
)
def test_a_name_says_whom_the_photo_shows(name: str, claim: Claim) -> None:
    assert claim_of(name) == claim


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("张三.jpg", "文件名应为"),
        ("张三_123.jpg", "文件名应为"),
        ("_" * 60_000 + ".jpg", "文件名应为"),
        ("2024010101.gif", "不是 .jpg"),
        ("2024010101", "不是 .jpg"),
        (".jpg", "不是 .jpg"),
        ("", "不是 .jpg"),
    ],
)
def test_a_name_that_says_nobody_is_told_why(name: str, part: str) -> None:
    found = claim_of(name)
    assert isinstance(found, Say)
    assert part in str(found)


@given(st.text(max_size=60))
def test_whatever_a_file_is_called_is_judged_and_never_breaks(name: str) -> None:
    assert isinstance(claim_of(name), Claim | Say)
    assert isinstance(claim_of(f"{name}.jpg"), Claim | Say)


def test_a_claim_finds_its_student_or_says_why_not() -> None:
    one = Holder("one", "张三")
    assert holder_of(Claim(id_number=ID, name="张三"), {ID: one}, {}) == one
    assert holder_of(Claim(student_no="7"), {}, {"7": one}) == one
    assert "没有这个" in str(holder_of(Claim(student_no="8"), {}, {"7": one}))
    assert "不一致" in str(holder_of(Claim(id_number=ID, name="李四"), {ID: one}, {}))

"""The picture code: read once, by one browser, within two minutes; and nowhere but in the picture."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from onex.common import captcha

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
VISIT, OTHER = "a" * 32, "b" * 32
pytestmark = pytest.mark.django_db


def test_the_right_characters_are_taken_in_either_case_and_once() -> None:
    token = captcha.new_token(VISIT, NOON)
    answer = captcha.answer_of(token)
    assert len(answer) == captcha.LENGTH
    assert captcha.is_answered(token, f" {answer.lower()} ", VISIT, NOON)
    assert not captcha.is_answered(token, answer, VISIT, NOON)


def test_a_wrong_answer_uses_the_picture_up() -> None:
    token = captcha.new_token(VISIT, NOON)
    assert not captcha.is_answered(token, "0000", VISIT, NOON)
    assert not captcha.is_answered(token, captcha.answer_of(token), VISIT, NOON)


@pytest.mark.parametrize("seconds", [-1, 121])
def test_a_picture_lives_for_two_minutes(seconds: int) -> None:
    token = captcha.new_token(VISIT, NOON)
    assert captcha.is_good(token, VISIT, NOON + timedelta(seconds=120))
    assert not captcha.is_answered(token, captcha.answer_of(token), VISIT, NOON + timedelta(seconds=seconds))


@pytest.mark.parametrize("visit", [OTHER, ""])
def test_a_picture_is_of_one_browser(visit: str) -> None:
    token = captcha.new_token(VISIT, NOON)
    assert not captcha.is_answered(token, captcha.answer_of(token), visit, NOON)
    assert captcha.is_answered(token, captcha.answer_of(token), VISIT, NOON)  # a stranger's try uses nothing up


@pytest.mark.parametrize("token", ["", ".", "..", "x.y.z", "é.1.é", "0" * 500])
def test_what_is_no_token_is_no_token(token: str) -> None:
    assert not captcha.is_answered(token, "AAAA", VISIT, NOON)


def test_a_token_with_a_later_time_is_not_ours() -> None:
    number, _, seal = captcha.new_token(VISIT, NOON).split(".")
    later = f"{number}.{int((NOON + timedelta(minutes=5)).timestamp() * 1000):x}.{seal}"
    assert not captcha.is_good(later, VISIT, NOON + timedelta(minutes=5))


def test_every_picture_is_another_and_the_same_token_gives_the_same() -> None:
    first, second = captcha.new_token(VISIT, NOON), captcha.new_token(VISIT, NOON)
    assert captcha.picture(first) == captcha.picture(first)
    assert captcha.picture(first) != captcha.picture(second)
    assert len({captcha.answer_of(captcha.new_token(VISIT, NOON)) for _ in range(200)}) > 190


def test_the_picture_is_a_small_png_with_dark_characters_on_a_light_ground() -> None:
    content = captcha.picture(captcha.new_token(VISIT, NOON))
    image = Image.open(io.BytesIO(content)).convert("L")
    assert image.size == (280, 88)
    assert len(content) < 40_000
    assert sum(image.histogram()[:110]) > 2_000  # the ink
    assert sum(image.histogram()[200:]) > 10_000  # the ground

"""Who walks over numbers, scrapes names or alters a code learns nothing (trust.md A.6: 14, 18, 19)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from onex.certificates import signing
from onex.certificates.doors import VERIFY, VERIFY_FREELY, VERIFY_QR
from onex.certificates.tests.test_views import ask, issued
from onex.common import captcha
from onex.common.models import LimitCount
from onex.common.text import say

pytestmark = pytest.mark.django_db(databases=["default", "room"])
FREE = VERIFY_FREELY.limits[0].most


def text_of(page: Any) -> str:
    return str(page.content.decode())


def picture_of(page: Any) -> dict[str, str]:
    found = re.search(r'name="captcha_token" value="([^"]+)"', text_of(page))
    assert found is not None
    return {"captcha_token": found[1], "captcha": captcha.answer_of(found[1])}


def test_abuse_18_certificate_numbers_are_walked_ten_times_a_minute_and_then_behind_pictures(client, settings) -> None:
    settings.CAPTCHA = True
    certificate = issued()[0]
    for n in range(FREE):
        assert ask(client, f"{certificate.number[:-3]}{n:03d}", certificate.name).status_code == 404
    asked = ask(client, certificate.number, certificate.name)
    assert asked.status_code == 429
    assert "请输入图片中的验证码" in text_of(asked)
    assert certificate.number in text_of(asked)  # what was typed is still there
    assert str(say("当前状态")) not in text_of(asked)
    question = {"number": certificate.number, "name": certificate.name}
    answer = picture_of(asked)
    assert client.get(reverse("certificates:verify"), question | answer).status_code == 200
    assert client.get(reverse("certificates:verify"), question | answer).status_code == 429  # a picture serves once
    assert ask(Client(REMOTE_ADDR="198.51.100.7"), certificate.number, certificate.name).status_code == 200


def test_abuse_18_behind_pictures_there_is_an_end_as_well(client, settings) -> None:
    ask(client, "X", "张三")
    LimitCount.objects.update(count=VERIFY.limits[0].most)
    assert ask(client, "X", "张三").status_code == 429
    assert ask(Client(REMOTE_ADDR="198.51.100.7"), "X", "张三").status_code == 404


def test_abuse_18_names_tried_with_one_number_meet_pictures_from_wherever_they_come(settings) -> None:
    settings.CAPTCHA = True
    certificate = issued()[0]
    for n in range(VERIFY_FREELY.limits[1].most):
        assert ask(Client(REMOTE_ADDR=f"198.51.100.{n}"), certificate.number, f"张{n}").status_code == 404
    stranger = Client(REMOTE_ADDR="203.0.113.9")
    assert ask(stranger, certificate.number, certificate.name).status_code == 429


def test_abuse_18_what_is_not_found_says_nothing_of_why(client) -> None:
    certificate = issued()[0]
    pages = set()
    for number, name in (
        (certificate.number, "张三丰"),
        (certificate.number[:-1] + _other(certificate.number[-1]), certificate.name),
        ("X" + "0" * 21, certificate.name),
    ):
        page = ask(client, number, name)
        assert page.status_code == 404
        shown = re.search(r'<header class="ox-verdict.*?</header>', text_of(page), re.S)
        assert shown is not None
        pages.add(re.sub(r"<time.*?</time>|\d{2}:\d{2}", "", shown[0]))
    assert len(pages) == 1


def test_abuse_18_numbers_of_one_release_do_not_follow_each_other() -> None:
    serials = [int(one.number[11:21]) for one in issued(3)]
    assert len(set(serials)) == 3
    assert min(abs(a - b) for a in serials for b in serials if a is not b) > 1


def _other(digit: str) -> str:
    return "1" if digit == "0" else "0"


def test_abuse_19_an_altered_code_shows_no_name_and_codes_are_counted(client) -> None:
    certificate = issued()[0]
    token = signing.token_for(certificate.number)
    number, key, signature = token.split(".")
    altered = [
        f"{number}.{key}.{_other(signature[0])}{signature[1:]}",
        f"{number[:-1]}{_other(number[-1])}.{key}.{signature}",
        f"{number}.k9.{signature}",
        number,
        f"{number}..",
    ]
    for wrong in altered:
        page = client.get(reverse("certificates:verify-qr", args=[wrong]))
        assert page.status_code == 404
        assert certificate.name not in text_of(page)
    right = reverse("certificates:verify-qr", args=[token])
    assert client.get(right).status_code == 200
    LimitCount.objects.update(count=VERIFY_QR.limits[0].most - 1)
    assert [client.get(right).status_code for _ in range(2)] == [200, 429]
    assert client.get(right)["Retry-After"]


def test_abuse_19_the_page_shows_no_number_of_the_person(client) -> None:
    certificate = issued()[0]
    page = text_of(client.get(reverse("certificates:verify-qr", args=[signing.token_for(certificate.number)])))
    student = certificate.result.entry.student
    assert student.id_number not in page
    if student.phone:
        assert student.phone not in page

"""Rows 18 and 19 of the abuse table: numbers are not walked, names are not scraped, codes are not forged."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from onex.certificates.models import Certificate
from onex.certificates.rules import certificate_number
from onex.certificates.signing import token_for
from onex.certificates.tests.test_services import issued
from onex.certificates.views import SCAN, VERIFY

pytestmark = pytest.mark.django_db(databases=["default", "room"])
ADDRESS = reverse("certificates:verify")


def ask(client: Client, number: str, name: str, **more: Any) -> Any:
    return client.get(ADDRESS, {"number": number, "name": name}, **more)


def test_abuse_18_a_wrong_name_an_unknown_number_and_a_mistyped_one_are_answered_alike() -> None:
    (certificate,) = issued()
    unknown = certificate_number("101", 1, "32", 2026, 1234567890)
    asked = ((certificate.number, "李四"), (unknown, certificate.name), ("X" + "1" * 21, certificate.name))
    answers = [ask(Client(), number, name) for number, name in asked]
    assert {answer.status_code for answer in answers} == {404}
    plain = {
        answer.content.decode().replace(number, "").replace(name, "").split('name="next"')[1].split(">", 1)[1]
        for answer, (number, name) in zip(answers, asked, strict=True)
    }
    assert len({page.split("查验时间")[0] for page in plain}) == 1
    assert certificate.name not in answers[0].content.decode()


def test_abuse_18_numbers_cannot_be_walked_from_one_address_nor_names_guessed_from_many() -> None:
    (certificate,) = issued()
    client = Client()
    most = VERIFY.limits[0].most
    for n in range(most):
        assert ask(client, certificate_number("101", 1, "32", 2026, n), "张三").status_code == 404
    assert most == 10
    refused = ask(client, certificate.number, certificate.name)
    assert (refused.status_code, "张三" in refused.content.decode()) == (429, False)
    assert int(refused["Retry-After"]) > 0
    per_number = VERIFY.limits[1].most
    codes = [
        ask(Client(), certificate.number, f"名{n}", REMOTE_ADDR=f"10.0.0.{n}").status_code
        for n in range(per_number + 1)
    ]
    assert codes[-1] == 429


def test_an_employer_with_a_pile_of_papers_is_answered_every_time() -> None:
    (certificate,) = issued()
    client = Client()
    codes = {ask(client, certificate.number, certificate.name).status_code for _ in range(30)}
    assert codes == {200}


def test_abuse_18_numbers_are_not_in_sequence() -> None:
    issued(3)
    serials = sorted(int(one.number[11:21]) for one in Certificate.objects.all())
    assert all(later - earlier > 1 for earlier, later in pairwise(serials))


def test_abuse_19_a_changed_code_shows_nothing_and_a_true_one_shows_the_paper_masked() -> None:
    (certificate,) = issued()
    token = token_for(certificate.number)
    forged = [token[:-2] + ("AA" if token[-2:] != "AA" else "BB"), token.replace(certificate.number, "X" + "1" * 21)]
    for one in forged:
        answer = Client().get(reverse("certificates:verify-qr", args=[one]))
        assert answer.status_code == 404
        assert certificate.name not in answer.content.decode()
    page = Client().get(reverse("certificates:verify-qr", args=[token])).content.decode()
    student = certificate.result.entry.student
    assert certificate.facts["id_number"] in page
    for secret in (student.id_number, student.phone, student.student_no, student.class_name):
        assert secret not in page


def test_abuse_19_true_codes_are_limited_too() -> None:
    (certificate,) = issued()
    client, address = Client(), reverse("certificates:verify-qr", args=[token_for(certificate.number)])
    codes = [client.get(address).status_code for _ in range(SCAN.limits[0].most + 1)]
    assert (codes[0], codes[-1]) == (200, 429)

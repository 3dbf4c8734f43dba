"""What goes wrong is told without repeating what was asked: an address may hold somebody's number or a secret."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory

from onex.accounts.tests.factories import a_school, an_actor, signed_in_as
from onex.common import errors
from onex.common.actors import Role
from onex.common.post import ConsoleSms

ID, PHONE = "320101200509010013", "13800001234"
TOKEN = "q3vXk2mYpLr8sT5uWx7zAb1CdEfGh9Ij0KlMnOpQrSt"


@pytest.mark.django_db
def test_abuse_35_error_pages_do_not_repeat_numbers_or_tokens_of_the_address() -> None:
    school = signed_in_as(Client(), an_actor(Role.SCHOOL, a_school()))
    paths = (f"/nowhere/{ID}", f"/certificates/{TOKEN}?q={PHONE}", f"/marking/jobs/?q={ID}")
    answers = [client.get(path) for client in (Client(), school) for path in paths]
    assert {answer.status_code for answer in answers} == {302, 403, 404}
    asked = RequestFactory().get(f"/x/{TOKEN}/?q={ID}&phone={PHONE}")
    asked.actor, asked.hats = None, ()  # type: ignore[attr-defined]
    answers += [errors.broken(asked), errors.csrf_failure(asked), errors.forbidden(asked)]
    for answer in answers:
        page = answer.content.decode()
        assert ID not in page
        assert PHONE not in page
        assert TOKEN not in page


def test_abuse_35_the_console_that_stands_for_a_provider_prints_no_whole_phone(capsys) -> None:
    ConsoleSms().send(PHONE, "验证码 123456")
    assert PHONE not in capsys.readouterr().err

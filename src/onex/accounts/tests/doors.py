"""What tests of the door share: its addresses, who stands before it, what they read and type."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from onex.accounts.models import User
from onex.accounts.tests.factories import (
    PASSWORD,
    a_hat,
    a_school,
)
from onex.common import captcha
from onex.common.actors import Role

SIGN_IN, BY_CODE, HELP = "/accounts/sign-in/", "/accounts/sign-in/code/", "/accounts/password/"
RESET_CODE, LEARN, CONFIRM = "/accounts/password/code/", "/accounts/learners/new/", "/accounts/learners/confirm/"
NEW = "white crane over the lake"
OUTSIDE, ELSEWHERE, SCHOOL = "203.0.113.9", "198.51.100.7", "192.0.2.40"


def text_of(response: Any) -> str:
    return str(response.content.decode())


def form_of(user: User | str, password: str = PASSWORD) -> dict[str, str]:
    return {"username": user if isinstance(user, str) else user.username, "password": password}


def post(client: Client, address: str, form: dict[str, Any], ip: str = OUTSIDE) -> Any:
    return client.post(address, form, REMOTE_ADDR=ip)


def somebody(role: Role = Role.SCHOOL, **values: Any) -> User:
    user = a_hat(role, a_school()).user
    for name, value in values.items():
        setattr(user, name, value)
    user.save()
    return User.objects.get(pk=user.pk)


def picture_of(page: Any) -> dict[str, str]:
    """What a person types who reads the picture on this page."""
    found = re.search(r'name="captcha_token" value="([^"]+)"', text_of(page))
    assert found is not None
    return {"captcha_token": found[1], "captcha": captcha.answer_of(found[1])}


def digits_of(text: str) -> str:
    found = re.search(r"\b\d{6}\b", text)
    assert found is not None
    return found[0]

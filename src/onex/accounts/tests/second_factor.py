"""What tests of the second factor do over and over."""

from __future__ import annotations

import html
import json
import re

from django.test import Client

from onex.accounts.models import Authenticator, User
from onex.accounts.rules.factors import code_at, step_of
from onex.accounts.tests.factories import PASSWORD
from onex.common.clock import now

SIGN_IN, FACTOR, PROVE = "/accounts/sign-in/", "/accounts/second-factor/", "/accounts/prove/"
SECURITY, TOTP, PASSKEY = "/accounts/security/", "/accounts/security/totp/", "/accounts/security/passkey/"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
LOCALHOST = "http://localhost:8000"


def text_of(response) -> str:
    return response.content.decode()


def code(steps: int = 0, secret: str = SECRET) -> str:
    return code_at(secret, step_of(now()) + steps)


def an_app(user: User, secret: str = SECRET, counter: int = 0) -> Authenticator:
    return Authenticator.objects.create(user=user, kind="totp", name="工作手机", secret=secret, counter=counter)


def first_proof(client: Client, user: User, **more: str):
    return client.post(SIGN_IN, {"username": user.username, "password": PASSWORD, **more})


def options_on(response) -> dict:
    found = re.search(r'data-passkey-options="([^"]*)"', text_of(response))
    assert found, text_of(response)
    return json.loads(html.unescape(found[1]))


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session

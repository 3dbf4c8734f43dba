"""A passkey opens the door by its own key, for its own site, once for each question."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from onex.accounts.forms.security import CredentialForm
from onex.accounts.models import Authenticator, Membership
from onex.accounts.rules import FactorKind
from onex.accounts.tests.factories import (
    signed_in_with,
)
from onex.accounts.tests.second_factor import FACTOR, PASSKEY, SECURITY, first_proof, options_on, signed_in, text_of
from onex.accounts.tests.soft_passkey import PRESENT, SoftPasskey

pytestmark = pytest.mark.django_db


# --- passkeys


def enrol_passkey(client: Client, device: SoftPasskey, name: str = "办公室电脑"):
    answer = device.make(options_on(client.get(PASSKEY)))
    return client.post(PASSKEY, {"credential": json.dumps(answer), "name": name})


def test_a_passkey_is_made_and_opens_the_door(named, client, school) -> None:
    device = SoftPasskey()
    signed_in_with(client, school)
    assert "只显示这一次" in text_of(enrol_passkey(client, device))
    assert Authenticator.objects.get().kind == FactorKind.PASSKEY
    visitor = Client()
    first_proof(visitor, school.user)
    options = options_on(visitor.get(FACTOR))
    assert options["rpId"] == "localhost"
    assert visitor.post(FACTOR, {"credential": json.dumps(device.show(options))}).status_code == 302
    assert signed_in(visitor)
    assert Authenticator.objects.get().used_at is not None


def test_a_passkey_that_took_too_long_is_asked_for_again_and_keeps_its_name(named, client, school) -> None:
    device = SoftPasskey()
    signed_in_with(client, school)
    answer = device.make(options_on(client.get(PASSKEY)))
    session = client.session
    del session["passkey_asked"]
    session.save()
    page = client.post(PASSKEY, {"credential": json.dumps(answer), "name": "办公室电脑"})
    assert page.status_code == 422
    assert 'value="办公室电脑"' in text_of(page)
    assert options_on(page)["rp"]["id"] == "localhost"
    assert not Authenticator.objects.exists()


def with_passkey(school: Membership, device: SoftPasskey) -> Client:
    """A visitor between the proofs whose person has this passkey."""
    enrol_passkey(signed_in_with(Client(), school), device)
    visitor = Client()
    first_proof(visitor, school.user)
    return visitor


def test_a_phishing_page_gets_nothing_out_of_a_passkey(named, school) -> None:
    device = SoftPasskey()
    visitor = with_passkey(school, device)
    device.origin = "http://localhost.evil.example"
    answer = device.show(options_on(visitor.get(FACTOR)))
    assert visitor.post(FACTOR, {"credential": json.dumps(answer)}).status_code == 422
    assert not signed_in(visitor)


def test_an_answer_of_a_passkey_is_good_once(named, school) -> None:
    device = SoftPasskey(counts=False)
    visitor = with_passkey(school, device)
    answer = {"credential": json.dumps(device.show(options_on(visitor.get(FACTOR))))}
    assert visitor.post(FACTOR, answer).status_code == 302
    thief = Client()
    first_proof(thief, school.user)
    thief.get(FACTOR)
    assert thief.post(FACTOR, answer).status_code == 422
    assert thief.post(FACTOR, answer).status_code == 422


@pytest.mark.parametrize("wrong", ["stranger", "signature", "nobody there", "other site", "garbage", "list", "empty"])
def test_an_answer_that_does_not_fit_opens_nothing(named, school, wrong: str) -> None:
    device = SoftPasskey()
    visitor = with_passkey(school, device)
    options = options_on(visitor.get(FACTOR))
    if wrong == "stranger":
        answer = json.dumps(SoftPasskey().show(options))
    elif wrong == "signature":
        shown = device.show(options)
        other = device.show(options)
        answer = json.dumps(shown | {"response": shown["response"] | {"signature": other["response"]["signature"]}})
    elif wrong == "nobody there":
        answer = json.dumps(device.show(options, flags=0))
    elif wrong == "other site":
        answer = json.dumps(device.show(options | {"rpId": "onex.example"}))
    else:
        answer = {"garbage": "{", "list": "[1]", "empty": "{}"}[wrong]
    assert visitor.post(FACTOR, {"credential": answer}).status_code == 422
    assert not signed_in(visitor)


def test_a_copied_security_key_is_noticed_by_its_count(named, school) -> None:
    device = SoftPasskey()
    visitor = with_passkey(school, device)
    Authenticator.objects.update(counter=50)
    response = visitor.post(FACTOR, {"credential": json.dumps(device.show(options_on(visitor.get(FACTOR))))})
    assert response.status_code == 422
    assert "可能被复制过" in text_of(response)


def test_a_touch_without_a_pin_is_enough_after_the_password(named, school) -> None:
    device = SoftPasskey()
    visitor = with_passkey(school, device)
    answer = device.show(options_on(visitor.get(FACTOR)), flags=PRESENT)
    assert visitor.post(FACTOR, {"credential": json.dumps(answer)}).status_code == 302


def test_a_made_passkey_must_fit_the_question_too(named, client, school) -> None:
    signed_in_with(client, school)
    options = options_on(client.get(PASSKEY))
    client.get(PASSKEY)  # another tab asks anew
    stale = client.post(PASSKEY, {"credential": json.dumps(SoftPasskey().make(options))})
    assert stale.status_code == 422
    foreign = SoftPasskey("https://evil.example")
    assert enrol_passkey(client, foreign).status_code == 422
    assert Authenticator.objects.count() == 0


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000", "http://onex.example", "https://[::1]"])
def test_where_browsers_make_no_passkeys_none_is_offered(settings, client, school, address: str) -> None:
    settings.PUBLIC_URL = address
    signed_in_with(client, school)
    assert "不支持通行密钥" in text_of(client.get(SECURITY))
    assert client.get(PASSKEY).status_code == 404


@pytest.mark.parametrize("text", ["", "{", "[]", "1", "null", "{" * 20_001])
def test_what_is_no_answer_of_a_browser_is_refused_by_the_form(text: str) -> None:
    form = CredentialForm({"credential": text})
    assert not form.is_valid()
    assert isinstance(form.errors.as_data()["credential"][0], ValidationError)

"""The picture code, and the way in for who cannot see it (trust.md A.6: 17)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from onex.accounts.tests.doors import (
    BY_CODE,
    HELP,
    LEARN,
    SIGN_IN,
    digits_of,
    form_of,
    picture_of,
    post,
    somebody,
    text_of,
)
from onex.common import captcha
from onex.common.clock import now
from onex.common.post import outbox

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet")]


def test_abuse_17_the_picture_is_asked_for_and_opens_with_the_right_characters(client, settings) -> None:
    settings.CAPTCHA = True
    user = somebody()
    page = client.get(SIGN_IN)
    assert "看不清换一张" in text_of(page)
    answer = picture_of(page)
    assert post(client, SIGN_IN, {**form_of(user), **answer}).status_code == 302


def test_abuse_17_reused_empty_missing_old_and_foreign_pictures_are_refused(client, settings) -> None:
    settings.CAPTCHA = True
    user = somebody()
    answer = picture_of(client.get(SIGN_IN))
    stranger = Client()
    stranger.get(SIGN_IN)
    tries: dict[str, tuple[Client, dict[str, str]]] = {
        "missing fields": (client, {}),
        "empty": (client, {**answer, "captcha": ""}),
        "no token": (client, {"captcha": answer["captcha"]}),
        "another session's": (stranger, answer),
        "no cookie": (Client(), answer),
        "forged": (client, {**answer, "captcha_token": answer["captcha_token"][:-1] + "x"}),
        "old": (client, _old_picture(client)),
    }
    for name, (who, more) in tries.items():
        refused = post(who, SIGN_IN, {**form_of(user), **more})
        assert refused.status_code == 422, name
        assert "验证码" in text_of(refused), name
        assert "_auth_user_id" not in who.session, name
    assert post(client, SIGN_IN, {**form_of(user, "wrong"), **answer}).status_code == 422  # used up by this
    reused = post(client, SIGN_IN, {**form_of(user), **answer})
    assert reused.status_code == 422
    assert "验证码不正确或已过期" in text_of(reused)
    assert answer["captcha"] not in text_of(reused)  # the field is empty beside the new picture
    assert picture_of(reused)["captcha_token"] != answer["captcha_token"]


def _old_picture(client: Client) -> dict[str, str]:
    token = captcha.new_token(client.cookies[captcha.cookie_name()].value, now() - timedelta(seconds=121))
    return {"captcha_token": token, "captcha": captcha.answer_of(token)}


def test_abuse_17_the_answer_stands_nowhere_but_in_the_picture(client, settings) -> None:
    settings.CAPTCHA = True
    page = client.get(SIGN_IN)
    answer = picture_of(page)
    said = text_of(page) + str(page.headers) + str(page.cookies)
    assert not re.search(rf"\b{answer['captcha']}\b", said, re.I)
    shown = client.get(reverse("accounts:captcha-picture", args=[answer["captcha_token"]]))
    assert shown["Content-Type"] == "image/png"
    assert "no-store" in shown["Cache-Control"]
    assert answer["captcha"].encode() not in shown.content
    stranger = Client().get(reverse("accounts:captcha-picture", args=[answer["captcha_token"]]))
    assert stranger.status_code == 404


def test_another_picture_comes_alone_and_leaves_the_page_as_it_is(client, settings) -> None:
    settings.CAPTCHA = True
    first = picture_of(client.get(SIGN_IN))
    piece = client.get("/accounts/captcha/")
    assert "<html" not in text_of(piece)
    second = picture_of(piece)
    assert second["captcha_token"] != first["captcha_token"]
    assert post(client, SIGN_IN, {**form_of(somebody()), **second}).status_code == 302


def test_a_wrong_field_leaves_the_picture_unused(client, settings) -> None:
    settings.CAPTCHA = True
    answer = picture_of(client.get(SIGN_IN))
    user = somebody()
    assert post(client, SIGN_IN, {**form_of(user, ""), **answer}).status_code == 422
    assert captcha.is_good(answer["captcha_token"], client.cookies[captcha.cookie_name()].value, now())


@pytest.mark.parametrize("address", [HELP, LEARN])
def test_abuse_17_other_doors_ask_for_the_picture_as_well(client, settings, address: str) -> None:
    settings.CAPTCHA = True
    form = {"username": "nobody", "phone": "13900000001"}
    assert post(client, address, form).status_code == 422
    assert outbox == []
    answer = picture_of(client.get(address))
    assert post(client, address, {**form, **answer}).status_code in (200, 302)


def test_who_cannot_see_the_picture_signs_in_with_a_code_that_was_sent(client, settings) -> None:
    settings.CAPTCHA = True
    user = somebody(phone="13900000001")
    assert "看不到图片" in text_of(client.get(SIGN_IN))
    sent = post(client, BY_CODE, {"username": user.username, "then": "send"})
    assert f'value="{user.username}"' in text_of(sent)
    code = digits_of(outbox[0].text)
    assert post(client, BY_CODE, {**form_of(user, "wrong"), "code": code}).status_code == 422  # uses nothing up
    assert post(client, BY_CODE, {**form_of(user), "code": code}).status_code == 302
    assert post(Client(), BY_CODE, {**form_of(user), "code": code}).status_code == 422


def test_who_asks_for_a_code_without_an_account_is_told_so_and_nothing_is_put_into_their_fields(client) -> None:
    page = post(client, BY_CODE, {"username": " ", "password": "", "code": "", "then": "send"})
    assert page.status_code == 422
    assert dict(page.context["form"].errors) == {"username": ["请输入账号"]}
    assert "000000" not in text_of(page)
    assert outbox == mail.outbox == []


def test_enter_signs_in_by_a_code_and_sends_no_other(client) -> None:
    """A browser presses the first button of the form."""
    form = re.search(r"<form.*?</form>", text_of(client.get(BY_CODE)).partition("<main")[2], re.S)
    assert form
    first = re.search(r"<button[^>]*>", form[0])
    assert first
    assert "name=" not in first[0]


def test_a_code_opens_its_own_account_only(client) -> None:
    user, other = somebody(phone="13900000001"), somebody()
    post(client, BY_CODE, {"username": user.username, "then": "send"})
    assert post(client, BY_CODE, {**form_of(other), "code": digits_of(outbox[0].text)}).status_code == 422


def test_a_code_goes_to_the_mail_box_of_who_left_no_phone(client) -> None:
    user = somebody(email="zhou@example.edu.cn")
    post(client, BY_CODE, {"username": user.username, "then": "send"})
    assert outbox == []
    assert post(client, BY_CODE, {**form_of(user), "code": digits_of(mail.outbox[0].body)}).status_code == 302

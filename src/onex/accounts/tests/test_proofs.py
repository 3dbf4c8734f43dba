"""What a fresh proof is asked for, and what happens when a factor is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from onex.accounts import services
from onex.accounts.models import Authenticator, Membership, RecoveryCode, SignIn, User
from onex.accounts.services import factors
from onex.accounts.services.passwords import set_password
from onex.accounts.tests.factories import (
    PASSWORD,
    a_hat,
    a_province,
    a_school,
    an_actor,
    an_operator,
    signed_in_with,
)
from onex.accounts.tests.second_factor import FACTOR, PROVE, SECURITY, SIGN_IN, TOTP, an_app, code, first_proof, text_of
from onex.accounts.views.entrance import recently_proved
from onex.common.actors import SYSTEM, Role
from onex.common.clock import now
from onex.common.limits import TooMany
from onex.common.models import Trace
from onex.common.sealed import Unreadable, seal, unseal
from onex.common.text import Refused

pytestmark = pytest.mark.django_db


# --- grave acts


def test_a_grave_act_asks_for_a_fresh_proof_and_keeps_what_was_sent(client, school) -> None:
    row, _ = an_app(school.user), an_app(school.user)
    signed_in_with(client, school, factor=True)
    SignIn.objects.update(proved_at=now() - timedelta(minutes=15))
    address = reverse("accounts:factor-remove", args=[row.pk])
    assert client.post(address, {"why": "旧手机"}).url == f"{PROVE}?next=%2Faccounts%2Fresume%2F"
    assert Authenticator.objects.count() == 2
    assert client.post(PROVE, {"code": code(), "next": "/accounts/resume/"}).url == "/accounts/resume/"
    page = text_of(client.get("/accounts/resume/"))
    assert f'action="{address}"' in page
    assert "旧手机" in page
    assert client.post(address, {"why": "旧手机"}).url == SECURITY
    assert Authenticator.objects.count() == 1


def test_who_has_no_second_factor_gives_the_password_again(client, school) -> None:
    signed_in_with(client, school)
    SignIn.objects.update(proved_at=now() - timedelta(minutes=15))
    assert client.get(TOTP).url.startswith(PROVE)
    wrong = client.post(PROVE, {"password": "no"})
    assert wrong.status_code == 422
    assert "密码不正确" in text_of(wrong)
    assert client.post(PROVE, {"password": PASSWORD, "next": TOTP}).url == TOTP
    assert client.get(TOTP).status_code == 200


def test_the_password_again_is_the_one_that_opens_the_door_however_the_keyboard_was_set(client, school) -> None:
    set_password(school.user, "ｗｈｉｔｅ crane over the lake", by=SYSTEM, at=now())
    signed_in_with(client, school)
    for typed in ("ｗｈｉｔｅ crane over the lake", "white crane over the lake"):
        assert client.post(PROVE, {"password": typed, "next": TOTP}).url == TOTP


@pytest.mark.parametrize("onwards", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"])
def test_a_proof_leads_nobody_to_a_foreign_address(client, school, onwards: str) -> None:
    signed_in_with(client, school)
    assert client.post(PROVE, {"password": PASSWORD, "next": onwards}).url == SECURITY


def test_the_password_again_is_limited_like_every_door(client, school) -> None:
    signed_in_with(client, school)
    for _ in range(5):
        assert client.post(PROVE, {"password": "no"}).status_code == 422
    assert client.post(PROVE, {"password": PASSWORD}).status_code == 429


def test_a_view_asks_only_when_the_proof_is_old(school) -> None:
    @recently_proved(minutes=5)
    def grave(request):
        return HttpResponse("done")

    def ask(minutes: int):
        request = RequestFactory().get("/x/")
        request.at, request.htmx, request.user = now(), False, school.user
        row = signed_in_with(Client(), school) and SignIn.objects.latest("began_at")
        row.proved_at = request.at - timedelta(minutes=minutes)
        request.sign_in = row
        return grave(request)

    assert ask(4).content == b"done"
    assert ask(5).status_code == 302


# --- lost


def test_a_lost_factor_is_reset_with_a_reason_and_the_person_is_out_everywhere(client, school) -> None:
    an_app(school.user)
    keeper = an_actor(Role.SECURITY_ADMIN, an_operator())
    factors.renew_recovery_codes(school.user, by=keeper, at=now())
    signed_in_with(client, school, factor=True)
    with pytest.raises(Refused, match="请写明理由"):
        services.reset_second_factor(school.user, by=keeper, at=now(), note="  ")
    services.reset_second_factor(school.user, by=keeper, at=now(), note="手机丢失，已视频核实")
    assert Authenticator.objects.count() == RecoveryCode.objects.count() == 0
    assert "管理员重置了您的第二重验证" in text_of(client.get(SECURITY, follow=True))
    trace = Trace.objects.get(verb="factor_reset")
    assert (trace.actor_id, trace.note) == (keeper.user_id, "手机丢失，已视频核实")
    assert first_proof(client, school.user).url == "/desk/"


def test_an_organisation_resets_its_own_people_only_and_not_who_has_a_hat_elsewhere(school) -> None:
    an_app(school.user)
    head = an_actor(Role.SCHOOL, school.organisation)
    for stranger in (an_actor(Role.SCHOOL, a_school()), an_actor(Role.TEACHER, school.organisation)):
        with pytest.raises(Refused, match="无权办理"):
            services.reset_second_factor(school.user, by=stranger, at=now(), note="x")
    elsewhere = a_hat(Role.PROVINCE, a_province(), school.user)
    with pytest.raises(Refused, match="须由平台安全管理员重置"):
        services.reset_second_factor(school.user, by=head, at=now(), note="x")
    Membership.objects.filter(pk=elsewhere.pk).update(is_active=False)
    services.reset_second_factor(school.user, by=head, at=now(), note="换手机")
    assert Authenticator.objects.count() == 0


def test_nobody_resets_their_own_second_factor() -> None:
    keeper = an_actor(Role.SECURITY_ADMIN, an_operator())
    user = User.objects.get(pk=keeper.user_id)
    an_app(user)
    with pytest.raises(Refused, match="不能重置自己的"):
        services.reset_second_factor(user, by=keeper, at=now(), note="x")
    assert Authenticator.objects.count() == 1


def test_a_reset_forgives_the_tries_that_were_wrong(school) -> None:
    an_app(school.user)
    for _ in range(5):
        with pytest.raises(Refused):
            factors.prove(school.user, at=now(), address="", code="000000")
    with pytest.raises(TooMany):
        factors.prove(school.user, at=now(), address="", code=code())
    keeper = an_actor(Role.SECURITY_ADMIN, an_operator())
    services.reset_second_factor(school.user, by=keeper, at=now(), note="x")
    an_app(school.user)
    factors.prove(school.user, at=now(), address="", code=code())


# --- sealed values


def test_abuse_32_a_sealed_value_opens_only_where_and_by_what_it_was_sealed_for(settings) -> None:
    sealed = seal("geheim", "accounts.kept_post")
    assert unseal(sealed, "accounts.kept_post") == "geheim"
    forged = {
        "other purpose": (sealed, "accounts.totp_enrolment"),
        "other column": (sealed, "accounts.authenticator.secret"),
        "no algorithm": (b"\x00" + sealed[1:], "accounts.kept_post"),
        "key id as a path": (b"\x01\x0d../../../etc/p" + sealed[4:], "accounts.kept_post"),
        "empty key id": (b"\x01\x00" + sealed[4:], "accounts.kept_post"),
        "cut": (sealed[:10], "accounts.kept_post"),
        "nothing": (b"", "accounts.kept_post"),
    }
    for body, purpose in forged.values():
        with pytest.raises(Unreadable):
            unseal(body, purpose)


def test_abuse_32_a_forged_session_or_pending_key_is_nobodys(client, school) -> None:
    an_app(school.user)
    first_proof(client, school.user)
    for forged in ("", "x" * 32, "../../etc/passwd", client.session.session_key[:-1] + "\x00", "none"):
        thief = Client()
        thief.cookies["onex"] = forged
        assert thief.get(SECURITY).url.startswith(SIGN_IN)
        assert thief.post(FACTOR, {"code": code()}).url == SIGN_IN

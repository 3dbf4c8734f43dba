"""The second factor as people meet it: enrolled, asked for, used up, lost, reset."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from onex.accounts import services
from onex.accounts.forms.security import CredentialForm
from onex.accounts.models import Authenticator, Membership, RecoveryCode, SignIn, User
from onex.accounts.rules import FactorKind, TokenPurpose
from onex.accounts.rules.factors import code_at, step_of
from onex.accounts.services import factors
from onex.accounts.services.passwords import set_password
from onex.accounts.tests.factories import (
    PASSWORD,
    PEOPLE,
    a_hat,
    a_province,
    a_school,
    a_user,
    an_actor,
    an_evaluation_org,
    an_operator,
    an_organisation_for,
    signed_in_with,
)
from onex.accounts.tests.soft_passkey import PRESENT, SoftPasskey
from onex.accounts.views.entrance import recently_proved
from onex.common.actors import SYSTEM, Role
from onex.common.clock import now
from onex.common.limits import TooMany
from onex.common.models import LimitCount, Trace
from onex.common.sealed import Unreadable, seal, unseal
from onex.common.text import Refused

pytestmark = pytest.mark.django_db
SIGN_IN, FACTOR, PROVE = "/accounts/sign-in/", "/accounts/second-factor/", "/accounts/prove/"
SECURITY, TOTP, PASSKEY = "/accounts/security/", "/accounts/security/totp/", "/accounts/security/passkey/"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
LOCALHOST = "http://localhost:8000"


@pytest.fixture
def school() -> Membership:
    return a_hat(Role.SCHOOL, a_school())


@pytest.fixture
def named(settings) -> None:
    """An address that passkeys can belong to."""
    settings.PUBLIC_URL = LOCALHOST


@pytest.fixture
def required(settings) -> None:
    settings.SECOND_FACTOR = "required"


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


# --- signing in


def test_after_the_password_comes_the_second_factor_and_nothing_opens_before(client, school) -> None:
    an_app(school.user)
    assert first_proof(client, school.user, next="/pilots/plans/").url == FACTOR
    assert not signed_in(client)
    assert client.get(SECURITY).status_code == 302
    before = client.session.session_key
    assert client.post(FACTOR, {"code": code()}).url == "/pilots/plans/"
    assert signed_in(client)
    assert client.session.session_key != before
    assert SignIn.objects.get().factor_at is not None


def test_the_link_that_resets_a_password_leads_to_the_second_factor_and_not_in(client, school) -> None:
    an_app(school.user)
    new = "quiet cranes over the lake"
    raw = services.issue_token(TokenPurpose.RESET, school.user, by=SYSTEM, at=now())
    address = reverse("accounts:password-reset", args=[raw])
    assert client.post(address, {"new": new, "again": new}).url == FACTOR
    assert not signed_in(client)
    assert not SignIn.objects.exists()
    for closed in (SECURITY, reverse("portal:desk")):
        assert client.get(closed).status_code == 302
    assert client.post(FACTOR, {"code": code(-9)}).status_code == 422
    assert not signed_in(client)
    client.post(FACTOR, {"code": code()})
    assert signed_in(client)
    assert User.objects.get(pk=school.user.pk).check_password(new)
    assert Authenticator.objects.filter(user=school.user).exists()


def test_a_wrong_code_keeps_the_door_closed_and_says_so(client, school) -> None:
    an_app(school.user)
    first_proof(client, school.user)
    response = client.post(FACTOR, {"code": "000000"})
    assert response.status_code == 422
    assert "验证码不正确或已经用过" in text_of(response)
    assert client.post(FACTOR, {"code": ""}).status_code == 422
    assert client.post(FACTOR, {}).status_code == 422
    assert not signed_in(client)


def test_a_code_opens_once_even_within_its_half_minute(school) -> None:
    an_app(school.user)
    used = code()
    for attempt, expected in ((Client(), True), (Client(), False)):
        first_proof(attempt, school.user)
        attempt.post(FACTOR, {"code": used})
        assert signed_in(attempt) is expected


def test_a_code_older_than_one_that_was_used_opens_nothing(client, school) -> None:
    an_app(school.user, counter=step_of(now()))
    first_proof(client, school.user)
    assert client.post(FACTOR, {"code": code(-1)}).status_code == 422
    assert client.post(FACTOR, {"code": code(1)}).status_code == 302


@pytest.mark.parametrize(("drift", "status"), [(-2, 422), (-1, 302), (1, 302), (2, 422)])
def test_a_telephone_half_a_minute_off_still_opens(client, school, drift: int, status: int) -> None:
    an_app(school.user)
    first_proof(client, school.user)
    assert client.post(FACTOR, {"code": code(drift)}).status_code == status


def test_five_wrong_codes_close_the_door_for_the_right_one_too(client, school) -> None:
    an_app(school.user)
    first_proof(client, school.user)
    for _ in range(5):
        assert client.post(FACTOR, {"code": "000000"}).status_code == 422
    response = client.post(FACTOR, {"code": code()})
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 600
    assert "尝试次数过多" in text_of(response)
    # neither another browser nor another way in helps
    other = Client()
    first_proof(other, school.user)
    for asked in ({"code": code()}, {"recovery": "ABCDE-FGHJK"}):
        assert other.post(FACTOR, asked).status_code == 429
    assert Trace.objects.filter(verb="second_factor", outcome="failed", subject_id=school.user_id).count() == 8
    assert LimitCount.objects.update(ends_at=now() - timedelta(seconds=1))
    assert other.post(FACTOR, {"code": code()}).status_code == 302


def test_a_success_forgives_the_account_what_went_before(client, school) -> None:
    an_app(school.user)
    for step in (-1, 0, 1):
        first_proof(client, school.user)
        for _ in range(3):
            client.post(FACTOR, {"code": "000000"})
        assert client.post(FACTOR, {"code": code(step)}).status_code == 302


def test_five_minutes_after_the_password_it_is_asked_again(client, school) -> None:
    an_app(school.user)
    first_proof(client, school.user)
    session = client.session
    session["pending_factor"] = session["pending_factor"] | {"at": (now() - timedelta(minutes=5)).isoformat()}
    session.save()
    assert client.post(FACTOR, {"code": code()}).url == SIGN_IN
    assert not signed_in(client)


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "changed"}])
def test_whoever_is_disabled_or_changed_between_the_proofs_does_not_get_in(client, school, change) -> None:
    an_app(school.user)
    first_proof(client, school.user)
    User.objects.filter(pk=school.user_id).update(**change)
    assert client.post(FACTOR, {"code": code()}).url == SIGN_IN
    assert not signed_in(client)


def test_the_page_without_a_first_proof_leads_to_the_door(client) -> None:
    assert client.get(FACTOR).url == SIGN_IN
    assert client.post(FACTOR, {"code": "123456"}).url == SIGN_IN


def test_somebody_signed_in_who_signs_in_as_another_is_out_until_the_second_proof(client, school) -> None:
    other = a_hat(Role.ORG, an_evaluation_org())
    an_app(other.user)
    first_proof(client, school.user)
    first_proof(client, other.user)
    assert not signed_in(client)
    client.post(FACTOR, {"code": code()})
    assert client.get(SECURITY).wsgi_request.user == other.user


# --- recovery codes


def test_each_recovery_code_opens_once(school) -> None:
    an_app(school.user)
    by = an_actor(Role.SCHOOL, a_school())
    codes = factors.renew_recovery_codes(school.user, by=by, at=now())
    assert len(set(codes)) == 10
    for spelling, expected in ((codes[0].lower().replace("-", " "), True), (codes[0], False), (codes[1], True)):
        client = Client()
        first_proof(client, school.user)
        client.post(FACTOR, {"recovery": spelling})
        assert signed_in(client) is expected
    assert "还剩 8 个" in text_of(client.get(SECURITY))


def test_recovery_codes_are_stored_as_digests_and_are_nobody_elses(client, school) -> None:
    an_app(school.user)
    other = a_user()
    codes = factors.renew_recovery_codes(other, by=an_actor(Role.SCHOOL, a_school()), at=now())
    stored = str(list(RecoveryCode.objects.values()))
    assert not any(one in stored or one.replace("-", "") in stored for one in codes)
    first_proof(client, school.user)
    assert client.post(FACTOR, {"recovery": codes[0]}).status_code == 422


def test_new_recovery_codes_end_the_old_ones(client, school) -> None:
    an_app(school.user)
    by = an_actor(Role.SCHOOL, a_school())
    old = factors.renew_recovery_codes(school.user, by=by, at=now())
    signed_in_with(client, school, factor=True)
    page = text_of(client.post(reverse("accounts:recovery-codes-renew")))
    new = re.findall(r"<li class=\"ox-mono\">([A-Z0-9-]+)</li>", page)
    assert len(new) == 10
    for one, expected in ((old[0], False), (new[0], True)):
        other = Client()
        first_proof(other, school.user)
        other.post(FACTOR, {"recovery": one})
        assert signed_in(other) is expected


# --- enrolling


def test_an_app_is_enrolled_by_its_first_code_and_brings_recovery_codes(client, school) -> None:
    signed_in_with(client, school)
    page = text_of(client.get(TOTP))
    assert 'src="data:image/svg+xml' in page
    secret = re.search(r'data-copy="([A-Z2-7]{32})"', page)[1]
    assert secret in text_of(client.get(TOTP)), "a reload must not change what was scanned"
    wrong = client.post(TOTP, {"code": "000000", "name": "我的手机"})
    assert wrong.status_code == 422
    assert "我的手机" in text_of(wrong)
    key = client.session.session_key
    done = client.post(TOTP, {"code": code(secret=secret), "name": "我的手机"})
    assert "只显示这一次" in text_of(done)
    assert done["Cache-Control"] == "private, no-store"
    assert client.session.session_key != key
    row = Authenticator.objects.get()
    assert (row.name, row.secret, row.user) == ("我的手机", secret, school.user)
    assert Trace.objects.get(verb="factor_add").data == {"kind": "totp", "name": "我的手机"}


def test_the_secret_lies_encrypted_in_the_table_and_in_the_session(client, school) -> None:
    signed_in_with(client, school)
    secret = re.search(r'data-copy="([A-Z2-7]{32})"', text_of(client.get(TOTP)))[1]
    assert secret not in str(dict(client.session))
    an_app(school.user, secret)
    with connection.cursor() as cursor:
        cursor.execute("select secret from accounts_authenticator")
        assert secret.encode() not in bytes(cursor.fetchone()[0])


def test_the_code_that_enrolled_an_app_does_not_open_the_door(client, school) -> None:
    signed_in_with(client, school)
    secret = re.search(r'data-copy="([A-Z2-7]{32})"', text_of(client.get(TOTP)))[1]
    used = code(secret=secret)
    client.post(TOTP, {"code": used})
    other = Client()
    first_proof(other, school.user)
    assert other.post(FACTOR, {"code": used}).status_code == 422


def test_who_came_in_by_password_shows_the_factor_there_is_before_adding_another(client, school) -> None:
    """A session from before the first enrolment, or a thief's: a password alone adds nothing."""
    signed_in_with(client, school)
    an_app(school.user)
    response = client.get(TOTP)
    assert response.url == f"{PROVE}?next=%2Faccounts%2Fsecurity%2Ftotp%2F"
    assert client.post(PROVE, {"password": PASSWORD}).status_code == 422
    assert client.post(PROVE, {"code": code(), "next": TOTP}).url == TOTP
    assert client.get(TOTP).status_code == 200


def test_no_more_than_ten_factors(school) -> None:
    for _ in range(10):
        an_app(school.user)
    with pytest.raises(Refused, match="最多绑定 10 个"):
        factors.enrol_totp(school.user, SECRET, code(), "", by=an_actor(Role.SCHOOL, school.organisation), at=now())


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


# --- where it is required


@pytest.mark.parametrize("role", PEOPLE)
def test_every_role_above_a_student_must_enrol_first_where_it_is_required(required, client, role: Role) -> None:
    hat = a_hat(role, an_organisation_for(role))
    assert first_proof(client, hat.user).status_code == 302
    response = client.get("/desk/")
    if role in (Role.STUDENT, Role.LEARNER):
        assert response.status_code == 200
    else:
        assert response.url == SECURITY
        assert "请先启用第二重验证" in text_of(client.get(SECURITY))


def test_until_then_nothing_but_enrolling_and_going_out_is_open(required, client) -> None:
    hat = a_hat(Role.ORG, an_evaluation_org())
    first_proof(client, hat.user)
    for address in ("/desk/", "/pilots/plans/", "/accounts/hats/", reverse("bank:item-list")):
        assert client.get(address).url == SECURITY
    assert client.post("/accounts/hats/switch/", {"hat": str(hat.pk)}).url == SECURITY
    assert client.get("/api/v1/openapi.json").status_code == 403
    fragment = client.get("/desk/", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment["HX-Redirect"]) == (401, SECURITY)
    assert client.get("/").wsgi_request.actor is None  # public pages show it as to a visitor
    assert client.get(TOTP).status_code == 200
    assert client.post("/accounts/sign-out/").url == SIGN_IN


def test_enrolling_opens_the_rest_and_the_way_goes_on(required, client) -> None:
    hat = a_hat(Role.ORG, an_evaluation_org())
    first_proof(client, hat.user, next="/pilots/plans/")
    secret = re.search(r'data-copy="([A-Z2-7]{32})"', text_of(client.get(TOTP)))[1]
    page = text_of(client.post(TOTP, {"code": code(secret=secret)}))
    assert 'href="/pilots/plans/"' in page
    assert client.get("/desk/").status_code == 200


def test_the_last_factor_stays_where_it_is_required(required, client, school) -> None:
    signed_in_with(client, school, factor=True)
    only, other = an_app(school.user), an_app(school.user)
    assert client.post(reverse("accounts:factor-remove", args=[other.pk])).status_code == 302
    refused = client.post(reverse("accounts:factor-remove", args=[only.pk]))
    assert refused.status_code == 409
    assert "请先添加另一个" in text_of(refused)
    assert Authenticator.objects.get() == only


def test_removing_the_last_one_takes_the_recovery_codes_along(client, school) -> None:
    signed_in_with(client, school, factor=True)
    row = an_app(school.user)
    factors.renew_recovery_codes(school.user, by=an_actor(Role.SCHOOL, a_school()), at=now())
    client.post(reverse("accounts:factor-remove", args=[row.pk]))
    assert RecoveryCode.objects.count() == Authenticator.objects.count() == 0


def test_nobody_removes_the_factor_of_another(client, school) -> None:
    theirs = an_app(a_user())
    signed_in_with(client, school, factor=True)
    assert client.post(reverse("accounts:factor-remove", args=[theirs.pk])).status_code == 404


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

"""The second factor as people meet it: enrolled, asked for, used up, lost, reset."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from onex.accounts import services
from onex.accounts.models import Authenticator, RecoveryCode, SignIn, User
from onex.accounts.rules import TokenPurpose
from onex.accounts.rules.factors import step_of
from onex.accounts.services import factors
from onex.accounts.tests.factories import (
    PASSWORD,
    PEOPLE,
    a_hat,
    a_school,
    a_user,
    an_actor,
    an_evaluation_org,
    an_organisation_for,
    signed_in_with,
)
from onex.accounts.tests.second_factor import (
    FACTOR,
    PROVE,
    SECRET,
    SECURITY,
    SIGN_IN,
    TOTP,
    an_app,
    code,
    first_proof,
    signed_in,
    text_of,
)
from onex.common.actors import SYSTEM, Role
from onex.common.clock import now
from onex.common.models import LimitCount, Trace
from onex.common.text import Refused

pytestmark = pytest.mark.django_db


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

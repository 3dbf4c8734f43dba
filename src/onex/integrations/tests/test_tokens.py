"""Tokens: shown once, good in one hat, stopped within one request, traced at every refusal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from onex.accounts.models import Membership, Organisation, User
from onex.accounts.tests.factories import NOON, a_province, a_school, an_actor, an_evaluation_org, an_operator
from onex.common.actors import Actor, Role
from onex.common.clock import now
from onex.common.limits import enter, strike
from onex.common.logs import mask_secrets
from onex.common.models import Trace
from onex.common.text import Refused
from onex.integrations import queries, services
from onex.integrations.doors import USE, WRONG
from onex.integrations.models import ApiToken
from onex.integrations.tests.factories import a_token, headers

pytestmark = pytest.mark.django_db
HERE = "/api/v1/token"


@pytest.fixture
def officer() -> Actor:
    return an_actor(Role.SCHOOL, a_school())


def ask(text: str, **more: Any) -> Any:
    return Client().get(HERE, headers=headers(text), **more)


def refusals(token: ApiToken) -> list[str]:
    return [one.data["why"] for one in Trace.objects.filter(verb="denied", subject_id=token.pk)]


def test_a_token_opens_its_hat_and_only_its_digest_is_kept(officer: Actor) -> None:
    token, text = a_token(officer, ["plans:read"], networks="203.0.113.0/28")
    secret = text.rpartition(f"onex_{token.key}_")[2]
    assert secret not in str(ApiToken.objects.values().get())
    assert secret not in str(list(Trace.objects.values()))
    answer = ask(text, REMOTE_ADDR="203.0.113.7")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["role"], told["organisation"], told["scopes"]) == ("school", officer.organisation_name, ["plans:read"])


def test_a_hat_gives_only_what_it_may_itself(officer: Actor) -> None:
    assert {one.code for one in queries.scopes_for(officer)} >= {"applications:write", "places:read"}
    province = an_actor(Role.PROVINCE, a_province())
    assert "applications:write" not in {one.code for one in queries.scopes_for(province)}
    with pytest.raises(Refused, match="不能授予"):
        a_token(province, ["applications:write"])
    for role in (Role.PROVINCE, Role.ORG, Role.OPERATOR):
        organisation = {Role.PROVINCE: a_province, Role.ORG: an_evaluation_org}.get(role, an_operator)()
        assert a_token(an_actor(role, organisation))[0].scopes
    with pytest.raises(Refused, match="无权办理"):
        a_token(an_actor(Role.TEACHER, a_school()), ["plans:read"])


def _gone(officer: Actor, token: ApiToken, how: str) -> None:
    hat = Membership.objects.filter(user=officer.user_id)
    if how == "revoked":
        services.revoke(token, by=officer, at=now())
    elif how == "expired":
        ApiToken.objects.filter(pk=token.pk).update(expires_at=now())
    elif how == "person":
        User.objects.filter(pk=officer.user_id).update(is_active=False)
    elif how == "hat":
        hat.update(is_active=False)
    else:
        Organisation.objects.filter(pk=officer.organisation_id).update(is_active=False)


@pytest.mark.parametrize("how", ["revoked", "expired", "person", "hat", "organisation"])
def test_abuse_a_token_stops_within_one_request(officer: Actor, how: str) -> None:
    token, text = a_token(officer)
    assert ask(text).status_code == 200
    _gone(officer, token, how)
    answer = ask(text)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["reasons"] == ["没有有效的接口令牌"]
    assert refusals(token) == ["hat" if how == "organisation" else how]


def test_abuse_a_token_of_some_networks_opens_nothing_from_elsewhere(officer: Actor) -> None:
    token, text = a_token(officer, networks="203.0.113.0/28")
    assert ask(text, REMOTE_ADDR="203.0.113.16").status_code == 401
    assert ask(text, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.7").status_code == 401
    assert ask(text, REMOTE_ADDR="203.0.113.15").status_code == 200
    assert refusals(token) == ["address", "address"]


def test_abuse_a_wrong_secret_opens_nothing_and_guessing_ends(officer: Actor) -> None:
    token, text = a_token(officer)
    wrong = text[:-1] + ("A" if text[-1] != "A" else "B")
    assert ask(wrong).status_code == 401
    assert refusals(token) == ["secret"]
    for other in ("", "Bearer", "onex_x", f"onex_aaaaaaaaaaaa_{'A' * 43}", "é" * 20):
        assert ask(other).status_code == 401
    for _ in range(WRONG.limits[0].most):
        strike(WRONG, at=now(), address="127.0.0.1")
    answer = ask(wrong)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert refusals(token) == ["secret"]  # the log is not the guesser's to fill


def test_a_token_that_asks_too_often_waits_and_is_told_how_long(officer: Actor) -> None:
    token, text = a_token(officer)
    for _ in range(USE.limits[0].most):
        enter(USE, at=now(), token=token.key)
    answer = ask(text)
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 60
    assert answer["Content-Type"] == "application/problem+json"
    assert ask(a_token(officer)[1]).status_code == 200


def test_a_token_without_the_scope_is_forbidden_and_traced(officer: Actor) -> None:
    token, text = a_token(officer, ["plans:read"])
    answer = Client().get("/api/v1/pilot-applications", headers=headers(text))
    assert answer.status_code == 403
    assert answer.json()["title"] == "令牌没有这项权限"
    assert refusals(token) == ["scope"]


def test_a_token_sent_in_the_clear_is_refused_and_not_led_on(officer: Actor, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    _, text = a_token(officer)
    answer = ask(text)
    assert answer.status_code == 403
    assert "只接受 https" in answer.json()["reasons"][0]
    assert ask(text, secure=True).status_code == 200
    assert Client().get("/accounts/sign-in/").status_code == 301  # pages lead on


def test_when_it_was_last_used_is_written_at_most_once_a_minute(officer: Actor) -> None:
    token, text = a_token(officer)
    assert ask(text).status_code == 200
    token.refresh_from_db()
    first = token.used_at
    assert ask(text).status_code == 200
    token.refresh_from_db()
    assert token.used_at == first
    ApiToken.objects.filter(pk=token.pk).update(used_at=now() - timedelta(minutes=2))
    assert ask(text).status_code == 200
    token.refresh_from_db()
    assert token.used_at > first


def test_who_looks_after_the_organisation_sees_and_revokes_its_tokens_and_nobody_else() -> None:
    school = a_school()
    mine, colleague, stranger = (an_actor(Role.SCHOOL, one) for one in (school, school, a_school()))
    token, _ = a_token(mine)
    assert token in queries.tokens_seen_by(colleague)
    assert token not in queries.tokens_seen_by(stranger)
    with pytest.raises(Refused, match="无权办理"):
        services.revoke(token, by=stranger, at=NOON)
    services.revoke(token, by=colleague, at=NOON, note="系统已停用")
    with pytest.raises(Refused, match="已经吊销"):
        services.revoke(token, by=colleague, at=NOON)
    province = a_province()
    theirs, _ = a_token(an_actor(Role.PROVINCE, province))
    assert theirs not in queries.tokens_seen_by(an_actor(Role.PROVINCE, province))  # a colleague's is a colleague's
    assert theirs in queries.tokens_seen_by(an_actor(Role.ADMIN, province))
    assert theirs in queries.tokens_seen_by(an_actor(Role.SECURITY_ADMIN, an_operator()))
    services.revoke(theirs, by=an_actor(Role.ADMIN, province), at=NOON)


def test_a_hat_has_at_most_twenty_good_tokens(officer: Actor) -> None:
    tokens = [a_token(officer)[0] for _ in range(20)]
    with pytest.raises(Refused, match="最多有 20 个"):
        a_token(officer)
    services.revoke(tokens[0], by=officer, at=now())
    assert a_token(officer)


def test_no_log_line_tells_a_token_or_a_signing_secret(officer: Actor) -> None:
    token, text = a_token(officer)
    secret = text.rpartition(f"onex_{token.key}_")[2]
    for line in (f"got {text}.", f"'{text}'", f"Authorization: Bearer {text}", f"?x={text}&y", f"onexwh_{secret} was"):
        assert secret not in mask_secrets(line)
        assert secret[10:] not in mask_secrets(line)

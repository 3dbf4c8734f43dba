"""The people of the walks: everybody twice, at the organisations of the story and at others of the same kind."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import python_calamine
from django.db import connections, transaction
from django.test import Client
from django.urls import resolve, reverse

from onex.accounts import services
from onex.accounts.models import Authenticator, EvaluationOrg, Membership, Organisation, School, SignIn
from onex.accounts.queries import actor_in
from onex.accounts.rules import ChangeKind, TokenPurpose
from onex.accounts.services.registrations import applicant_of
from onex.accounts.tests import factories as people
from onex.catalog.models import CertificateType
from onex.common import captcha
from onex.common.actors import Actor, Role
from onex.common.clock import now
from onex.notices.rules import MAIL_FAILED
from onex.pilots.models import PilotPlan


@dataclass(frozen=True)
class Person:
    """Somebody in one hat, with the browser they signed in with."""

    label: str
    actor: Actor
    client: Client
    is_elsewhere: bool

    def ask(self, verb: str, url: str, **more: Any) -> Any:
        """One request that leaves no row behind; whatever it did to the cookies is forgotten too."""
        return asked(self.client, verb, url, **more)


@dataclass(frozen=True)
class Chief:
    """Somebody of an exam room, who came in by the room's own door."""

    session: UUID
    client: Client


@dataclass(frozen=True)
class World:
    """Everybody twice: at the organisations of the story, and at others of the same kind; and nobody in particular."""

    people: tuple[Person, ...]
    stranger: Client
    chiefs: tuple[Chief, ...]
    words: dict[str, str]  # by the names of `table.WORDS`: the address with a word that opens it

    def opened_by_word(self, name: str) -> str:
        """An address whose word is its whole key. Raises LookupError for one that nobody thought of a word for."""
        if name != "accounts:captcha-picture":
            return self.words[name]
        visit = self.stranger.cookies[captcha.cookie_name()].value  # a picture is one browser's, for two minutes
        return reverse(name, args=[captcha.new_token(visit, now())])


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside leaves no row behind, in either database."""
    with ExitStack() as stack:
        for alias in ("default", "room"):
            block = transaction.atomic(using=alias)
            block._from_testcase = True  # not a transaction of the product: `common.tx` looks through it
            stack.enter_context(block)
            stack.callback(transaction.set_rollback, True, using=alias)
        yield


@contextmanager
def forgotten(client: Client) -> Iterator[None]:
    """What happens inside leaves neither a row nor a cookie behind."""
    cookies = dict(client.cookies)  # an answer puts new ones beside or in place of these, and changes none
    with undone():
        yield
    client.cookies.clear()
    client.cookies.update(cookies)


def asked(client: Client, verb: str, url: str, **more: Any) -> Any:
    """One request that is forgotten."""
    with forgotten(client):
        answer = getattr(client, verb)(url, **more)
        if answer.streaming:
            answer.body = b"".join(answer.streaming_content)
        for closer in answer._resource_closers:  # not close(): it would end the connections as well
            closer()
    return answer


def _signed_in(hat: Membership, *, elsewhere: bool, factor: bool) -> Person:
    """In this hat; with `factor` somebody who has a second one, and has just shown it."""
    client = Client(raise_request_exception=False)
    actor = actor_in(hat)
    if factor:
        Authenticator.objects.create(user_id=hat.user_id, kind="totp", name="手机", secret="JBSWY3DPEHPK3PXP")
    people.signed_in_with(client, hat, factor=factor)
    label = f"{hat.role} elsewhere" if elsewhere else str(hat.role)
    return Person(label, actor, client, elsewhere)


def _elsewhere(role: Role) -> Organisation:
    """An organisation of the same kind that has nothing to do with the story."""
    kind = people.an_organisation_for(role).kind
    if kind == "evaluation_org":
        return people.an_evaluation_org("123456788") or EvaluationOrg.objects.get(org_code="123456788")
    return {
        "province": lambda: people.a_province("51", "四川省教育厅", "四川省"),
        "city": lambda: people.a_city(people.a_province("51", "四川省教育厅", "四川省"), "510100", "成都市"),
        "school": lambda: people.a_school(province=people.a_province("51", "四川省教育厅", "四川省"), city=None),
        "site": people.a_site_organisation,
        "operator": people.an_operator,
    }[kind]()


def everybody(accounts: dict[str, Any], exams: list[dict[str, Any]]) -> World:
    """The accounts of `tests.scenes.world()` signed in, each with a colleague of another organisation."""
    found = []
    for number, role in enumerate(people.PEOPLE):
        own = Membership.objects.get(user__username=accounts[role.value]["username"], role=role)
        factor = number < 2
        found.append(_signed_in(own, elsewhere=False, factor=factor))
        found.append(_signed_in(people.a_hat(role, _elsewhere(role)), elsewhere=True, factor=factor))
    later = now() + timedelta(days=1)  # the walks may last longer than a sign-in, and than a proof is fresh
    SignIn.objects.update(began_at=later, seen_at=later, proved_at=later)
    for one in found:
        if one.actor.role == Role.SCHOOL:
            _asks_its_province(School.objects.get(pk=one.actor.organisation_id))
    stranger = Client(raise_request_exception=False)
    return World(tuple(found), stranger, tuple(map(_chief, exams)), _words(accounts, stranger))


def _asks_its_province(school: School) -> None:
    """What the story has of one school at most: another administrator, and the way back for a lost one."""
    people.a_change(ChangeKind.ADMINISTRATOR, by=people.a_school_actor(school))
    people.a_recovery(school)


def _words(accounts: dict[str, Any], stranger: Client) -> dict[str, str]:
    """What no row answers for: for each such address a word that opens it."""
    draft = resolve(accounts["registration"]).kwargs["token"]
    waiting, let_in = people.a_registration()
    applicant, province = applicant_of(waiting), people.an_actor(Role.PROVINCE, waiting.province)
    waiting = services.move_registration(waiting, "submit", by=applicant, at=now())
    services.move_registration(waiting, "approve", by=province, at=now())
    invited = people.a_hat(Role.SCHOOL, people.a_school()).user
    forgetful = people.a_hat(Role.CITY, people.a_city()).user
    stranger.get(reverse("accounts:captcha-new"))  # leaves the cookie that a picture belongs to
    words = {
        "accounts:registration-status": draft,
        "accounts:registration-edit": draft,
        "accounts:registration-print": draft,
        "accounts:registration-link": let_in,
        "accounts:password-reset": services.issue_token(TokenPurpose.RESET, forgetful, by=province, at=now()),
        "accounts:activate": services.issue_token(TokenPurpose.ACTIVATE, invited, by=province, at=now()),
        "certificates:verify-qr": resolve(accounts["qr"]).kwargs["token"],
        "portal:standard-detail": CertificateType.objects.earliest("code").code,
        "notices:template-edit": MAIL_FAILED.code,
        "notices:template-reset": MAIL_FAILED.code,
        "portal:news-detail": f"plan-{PilotPlan.objects.filter(state='published').earliest('pk').pk}",
    }
    return {name: reverse(name, args=[word]) for name, word in words.items()}


def _chief(exam: dict[str, Any]) -> Chief:
    client = Client(raise_request_exception=False)
    staff = next(one for one in exam["staff"] if one["role"] == "chief")
    answer = client.post(reverse("examroom:sign-in"), {"name": staff["name"], "code": staff["code"]})
    assert answer.status_code == 302, answer.content.decode()
    return Chief(UUID(exam["session"]), client)


# --- what an answer told, and what it wrote -----------------------------------------------------------------------

# What reading may write: who was here, what was looked at, how often something was tried.
LOGS = {"common_trace", "common_limitcount", "django_session", "accounts_signin"}


@contextmanager
def heard(statements: list[str]) -> Iterator[None]:
    """Every statement that either database is asked to run."""

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    with connections["default"].execute_wrapper(listen), connections["room"].execute_wrapper(listen):
        yield


def written_by(sql: str) -> str:
    """The table that a statement changes, unless it is a log's; "" for reading."""
    found = re.match(r'\s*(?:insert into|update|delete from)\s+"?([a-z_]+)', sql, re.IGNORECASE)
    return found.group(1) if found and found.group(1) not in LOGS else ""


def words_of(answer: Any) -> str:
    """Everything a person or a spreadsheet would read in an answer."""
    kind = answer.headers.get("Content-Type", "")
    raw = answer.body if hasattr(answer, "body") else answer.content
    if "spreadsheet" in kind:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(raw))
        return json.dumps([book.get_sheet_by_name(name).to_python() for name in book.sheet_names], default=str)
    return raw.decode("utf-8", "replace") if "text" in kind or "json" in kind else ""

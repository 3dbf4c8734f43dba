"""Every operation of the API × every hat × own and foreign rows, over the API's own document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve, reverse

from onex.common.actors import Role
from onex.common.clock import now
from onex.common.models import Trace
from onex.common.permits import PERMITS, holds
from onex.common.text import Refused
from onex.integrations.rules import SCOPES
from onex.integrations.tests.factories import a_token, headers
from tests.walks.table import BEHIND_TOKENS, About, _addresses, get_resolver
from tests.walks.world import Person, World, asked, undone

pytestmark = [pytest.mark.walk, pytest.mark.django_db(databases=["default", "room"])]
# The rows that the key of a path means, by its beginning.
ROWS = {
    "/api/v1/pilot-plans": About("pilots.PilotPlan", "pilots.plan_see"),
    "/api/v1/pilot-applications": About("pilots.PilotApplication", "pilots.application_see"),
}
GRANTED = {200, 201, 409, 422}  # done, or a sentence about why not


@dataclass(frozen=True)
class Operation:
    """One operation of the document that needs a token."""

    method: str
    path: str
    scope: str

    @property
    def rows(self) -> About | None:
        """The rows its key means. Raises KeyError when the table has no line for its path."""
        if "{pk}" not in self.path:
            return None
        return ROWS[self.path.partition("/{pk}")[0]]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def operations() -> list[Operation]:
    document = Client().get(reverse("api:openapi-json")).json()
    return [
        Operation(method, path, one.get("x-scope", ""))
        for path, methods in document["paths"].items()
        for method, one in methods.items()
        if "security" in one
    ]


def programs(world: World) -> Iterator[tuple[Person, str, list[str]]]:
    """A token, with every scope the hat may give, of each hat that may issue one."""
    for person in world.people:
        if holds("integrations.token_issue", person.actor):
            token, text = a_token(person.actor)
            yield person, text, token.scopes


def ask(one: Operation, url: str, text: str = "") -> Any:
    """As a program does: without a browser's session."""
    more: dict[str, Any] = {"headers": headers(text)} if text else {}
    if one.method in ("post", "put"):
        more |= {"data": {}, "content_type": "application/json"}
    return asked(Client(raise_request_exception=False), one.method, url, **more)


def test_every_operation_behind_a_token_is_walked_here(world: World) -> None:
    """The walks over pages leave out what needs a token: exactly the operations of the document that do."""
    named = {one.name for one in _addresses(get_resolver()) if one.name in BEHIND_TOKENS}
    assert named == BEHIND_TOKENS
    paths = {one.path.replace("{pk}", "01890a5d-ac96-774b-bcce-b302099a8057") for one in operations()}
    assert {f"api:{resolve(path).url_name}" for path in paths} <= BEHIND_TOKENS
    for one in operations():
        assert one.rows or "{pk}" not in one.path
        assert one.scope in SCOPES or one.path == "/api/v1/token", f"{one} says no scope"


def test_every_operation_answers_every_hat_by_its_scope_and_its_reach(world: World) -> None:
    wrong: list[str] = []
    counts: Counter[str] = Counter()
    reached: set[tuple[Role, str, str]] = set()
    with undone():
        for person, text, scopes in programs(world):
            for one in operations():
                for what, expected, url in _tries(one, person, scopes):
                    status = ask(one, url, text).status_code
                    counts[what] += 1
                    reached.add((person.actor.role, str(one), what))
                    if status not in expected:
                        wrong.append(f"{one.method} {url} as {person.label}: {status}, {what}")
    assert not wrong, "\n".join(wrong)
    assert {"own row", "foreign row", "no row", "no scope"} <= set(counts)
    for one in operations():
        if one.rows is not None and one.method == "get":
            roles = [
                role for role in PERMITS["integrations.token_issue"].reaches if role in PERMITS[one.rows.permit].reaches
            ]
            missing = [role for role in roles if (role, str(one), "own row") not in reached]
            assert not missing, f"{one}: no own row for {missing}"


def _tries(one: Operation, person: Person, scopes: list[str]) -> Iterator[tuple[str, set[int], str]]:
    rows = one.rows
    if rows is None:
        allowed = not one.scope or one.scope in scopes
        yield ("no row" if allowed else "no scope"), (GRANTED if allowed else {403}), one.path
        return
    mine = rows.seen_by(person.actor, rows.permit)
    others = rows.rows.exclude(pk__in=mine.order_by().values("pk"))
    for what, found, expected in (("own row", mine, GRANTED), ("foreign row", others, {404})):
        row = found.first()
        if row is not None:
            url = one.path.replace("{pk}", str(row.pk))
            if one.scope in scopes:
                # A body that is wrong is told before the row is looked for: it tells nothing about the row.
                yield what, expected | ({422} if one.method == "put" else set()), url
            else:
                yield "no scope", {403}, url


def test_nobody_comes_in_without_a_token_not_even_who_is_signed_in(world: World) -> None:
    wrong = []
    for one in operations():
        url = one.path.replace("{pk}", "01890a5d-ac96-774b-bcce-b302099a8057")
        if ask(one, url).status_code != 401:
            wrong.append(f"{one} as nobody")
        for person in world.people:
            if person.ask(one.method, url, data={}, content_type="application/json").status_code != 401 and (
                one.method != "get"
            ):
                wrong.append(f"{one} with the session of {person.label}")
    assert not wrong, "\n".join(wrong)


def test_no_other_hat_has_tokens(world: World) -> None:
    with undone():
        for person in world.people:
            if not holds("integrations.token_issue", person.actor):
                with pytest.raises(Refused, match="无权办理"):
                    a_token(person.actor, ["plans:read"])


def test_a_foreign_row_asked_for_by_a_program_stands_in_the_log(world: World) -> None:
    with undone():
        person, text, _ = next(one for one in programs(world) if one[0].actor.role == Role.SCHOOL)
        rows = ROWS["/api/v1/pilot-applications"]
        mine = rows.seen_by(person.actor, rows.permit)
        foreign = rows.rows.exclude(pk__in=mine.order_by().values("pk")).first()
        began = now()
        answer = Client().get(f"/api/v1/pilot-applications/{foreign.pk}", headers=headers(text))
        assert answer.status_code == 404
        trace = Trace.objects.filter(verb="denied", subject_id=foreign.pk, at__gte=began).get()
        assert "〔接口：财务系统〕" in trace.actor_label

"""Every address keeps the promises that are nobody's own: headers, CSRF, and reading without writing."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from django.test import Client
from django.urls import reverse

from tests.walks import figures
from tests.walks.table import WORDS, Address, about, addresses, arguments
from tests.walks.world import Person, World, asked

pytestmark = [pytest.mark.walk, pytest.mark.django_db(databases=["default", "room"])]
INLINE = re.compile(r"unsafe-(inline|eval)")
UNSAFE = ("post", "put", "patch", "delete")


def somebody(world: World, address: Address) -> Person:
    """Whoever gets furthest: a hat with the permit, of the story's own organisations."""
    from onex.common.permits import PERMITS

    reaches = PERMITS[address.permit].reaches if address.permit in PERMITS else {}
    mine = [one for one in world.people if not one.is_elsewhere]
    return next((one for one in mine if one.actor.role in reaches), mine[0])


def urls(world: World, address: Address, who: Person | None = None) -> list[str]:
    """The address with rows that are there: the first one, or those of this person."""
    from tests.walks.test_permits_walk import _of

    if address.name in WORDS:
        value = world.words.get(address.name)
        return [value] if value else []
    rows = about(address)
    if rows is None:
        return [reverse(address.name, kwargs=dict.fromkeys(address.keywords, "name"))]
    if who is not None and not address.permit.startswith("examroom."):
        return _of(address, rows, who, own=True) + _of(address, rows, who, own=False)
    found = (arguments(address, row) for row in rows.rows)
    return [reverse(address.name, kwargs=kwargs) for kwargs in found if kwargs][:1]


def test_every_answer_carries_the_security_headers(world: World) -> None:
    wrong = []
    counts: Counter[str] = Counter()
    places = [(url, somebody(world, one).client) for one in addresses() for url in urls(world, one)]
    places += [(url, world.stranger) for one in addresses() for url in urls(world, one)]
    places += [("/nowhere/", world.stranger), ("/static/nowhere.js", world.stranger), ("/nowhere", world.stranger)]
    for url, client in places:
        for verb in ("get", "post"):
            answer = asked(client, verb, url)
            counts["answers"] += 1
            wrong += [f"{verb} {url} {answer.status_code}: {one}" for one in _lacking(answer)]
    assert not wrong, "\n".join(wrong)
    figures.compare("headers", counts)


def _lacking(answer) -> list[str]:
    """What is wrong with the headers of one answer."""
    head = {name.lower(): value for name, value in answer.headers.items()}
    policy = head.get("content-security-policy", "")
    found = []
    if not policy or INLINE.search(policy):
        found.append(f"content-security-policy {policy!r}")
    is_file = policy.startswith("sandbox")
    for directive in () if is_file else ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        if directive not in policy:
            found.append(f"no {directive}")
    if head.get("x-content-type-options") != "nosniff":
        found.append("no nosniff")
    if head.get("referrer-policy") not in ("same-origin", "no-referrer", "strict-origin"):
        found.append(f"referrer-policy {head.get('referrer-policy')!r}")
    if head.get("x-frame-options") != "DENY":
        found.append(f"x-frame-options {head.get('x-frame-options')!r}")
    if "server" in head or "x-powered-by" in head:
        found.append("tells what it is made of")
    return found


def test_abuse_30_every_unsafe_request_without_a_token_is_refused(world: World) -> None:
    wrong = []
    counts: Counter[str] = Counter()
    for address in addresses():
        person = somebody(world, address)
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        client.cookies = person.client.cookies.copy()
        for url in urls(world, address):
            for verb in UNSAFE:
                for content_type in ("application/x-www-form-urlencoded", "text/plain"):
                    answer = asked(client, verb, url, data="a=1", content_type=content_type)
                    counts["tries"] += 1
                    if answer.status_code not in (403, 405):
                        wrong.append(f"{verb} {url} ({address}) as {content_type}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    figures.compare("csrf", counts)


def test_a_planted_header_is_caught() -> None:
    from django.http import HttpResponse

    assert len(_lacking(HttpResponse("x"))) >= 4

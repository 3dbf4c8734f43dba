"""Every address keeps the promises that are nobody's own: headers, CSRF, and reading without writing."""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

import pytest
from django.contrib.staticfiles.finders import get_finders
from django.test import Client
from django.urls import reverse

from tests.walks import figures
from tests.walks.table import WORDS, Address, about, addresses, arguments
from tests.walks.world import Chief, Person, World, asked, heard, written_by

pytestmark = [pytest.mark.walk, pytest.mark.django_db(databases=["default", "room"])]
INLINE = re.compile(r"unsafe-(inline|eval)")
UNSAFE = ("post", "put", "patch", "delete")


def somebody(world: World, address: Address) -> Person | Chief:
    """Whoever gets furthest: a hat with the permit, of the story's own organisations; in an exam room its chief."""
    from onex.common.permits import PERMITS

    if address.permit.startswith("examroom."):
        return world.chiefs[0]
    reaches = PERMITS[address.permit].reaches if address.permit in PERMITS else {}
    mine = [one for one in world.people if not one.is_elsewhere]
    return next((one for one in mine if one.actor.role in reaches), mine[0])


def urls(world: World, address: Address, who: Person | None = None) -> list[str]:
    """The address with rows that are there: the first one, or those of this person."""
    from tests.walks.test_permits_walk import _of

    if address.name in WORDS:
        return [world.opened_by_word(address.name)]
    rows = about(address)
    if rows is None:
        return [reverse(address.name, kwargs=dict.fromkeys(address.keywords, "name"))]
    if address.permit.startswith("examroom."):
        return [reverse(address.name, kwargs={"pk": rows.rows.filter(session=world.chiefs[0].session).first().pk})]
    if who is not None:
        return _of(address, rows, who, own=True) + _of(address, rows, who, own=False)
    found = (arguments(address, row) for row in rows.rows)
    return [reverse(address.name, kwargs=kwargs) for kwargs in found if kwargs][:1]


@dataclass(frozen=True)
class Visit:
    """Somebody who opens an address of the product."""

    name: str
    url: str
    client: Client
    is_stranger: bool


def visits(world: World) -> Iterator[Visit]:
    """Every address opened by whoever gets furthest there, and by a stranger. None may be left out."""
    for address in addresses():
        found = urls(world, address)
        assert found, f"{address}: the world has nothing to visit it with"
        for url in found:
            yield Visit(address.name, url, somebody(world, address).client, is_stranger=False)
            yield Visit(address.name, url, world.stranger, is_stranger=True)


def test_every_word_that_is_a_key_opens_its_address(world: World) -> None:
    """Otherwise a walk would try ten addresses with nothing behind them."""
    assert {one.name for one in addresses()} >= set(WORDS)
    for name in WORDS:
        answer = asked(world.stranger, "get", url := world.opened_by_word(name))
        if answer.status_code == 405:  # an address for sending only
            answer = asked(world.stranger, "post", url)
        assert answer.status_code in (200, 302), (name, answer.status_code)


def test_an_address_whose_word_nobody_thought_of_is_caught(world: World) -> None:
    with pytest.raises(LookupError):
        replace(world, words={}).opened_by_word("portal:news-detail")


def a_static_file() -> str:
    """One of the files that are served as they are, by WhiteNoise and before most middlewares."""
    path = next(path for finder in get_finders() for path, _ in finder.list([]) if path.endswith(".svg"))
    return f"/static/{path}"


def test_every_answer_carries_the_security_headers(world: World) -> None:
    wrong = []
    counts: Counter[str] = Counter()
    elsewhere = ("/nowhere/", "/nowhere", "/static/nowhere.js", a_static_file())
    places = ((one.url, one.client) for one in visits(world))
    for url, client in chain(places, ((url, world.stranger) for url in elsewhere)):
        for verb in ("get", "post"):
            answer = asked(client, verb, url)
            counts["answers"] += 1
            wrong += [f"{verb} {url} {answer.status_code}: {one}" for one in lacking(answer)]
    assert not wrong, "\n".join(wrong)
    figures.compare("headers", counts)


def lacking(answer) -> list[str]:
    """What is wrong with the headers of one answer."""
    head = {name.lower(): value for name, value in answer.headers.items()}
    policy = head.get("content-security-policy", "")
    found = []
    if not policy or INLINE.search(policy):
        found.append(f"content-security-policy {policy!r}")
    is_file = policy.startswith("sandbox")
    for directive in () if is_file else ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        covered = directive.startswith("object-src") and "default-src 'none'" in policy
        if directive not in policy and not covered:
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
    public = {one.name for one in addresses() if one.permit == "public"}
    for one in visits(world):
        if one.is_stranger and one.name not in public:
            continue  # led to the door, token or not
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        client.cookies = copy.deepcopy(one.client.cookies)
        for verb in UNSAFE:
            for content_type in ("application/x-www-form-urlencoded", "text/plain"):
                answer = asked(client, verb, one.url, data="a=1", content_type=content_type)
                counts["tries"] += 1
                if answer.status_code not in (403, 405):
                    wrong.append(f"{verb} {one.url} ({one.name}) as {content_type}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    figures.compare("csrf", counts)


def test_reading_writes_nothing_for_strangers_and_in_exam_rooms_either(world: World) -> None:
    """What people in their hats read is asked where they read everything: in the walk of the permits."""
    wrong = []
    counts: Counter[str] = Counter()
    for one in visits(world):
        statements: list[str] = []
        with heard(statements):
            asked(one.client, "get", one.url)
        counts["reads"] += 1
        wrong += [f"{one.url} ({one.name}): {sql[:90]}" for sql in statements if written_by(sql)]
    assert not wrong, "\n".join(wrong)
    figures.compare("reading", counts)


def test_a_planted_header_is_caught() -> None:
    from django.http import HttpResponse

    assert len(lacking(HttpResponse("x"))) >= 4

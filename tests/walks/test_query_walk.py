"""What only PostgreSQL refuses: NUL in a text, a number beyond its column. So this walk runs on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.urls import reverse

from tests.walks.table import Address, addresses
from tests.walks.test_safety_walk import somebody, urls
from tests.walks.world import World, asked

pytestmark = pytest.mark.django_db(databases=["default", "room"])
HARD = ("\x00", "a\x00b", "2147483648", "9" * 30, "-1", "１２", "2026-13-45", "0000-00-00")


@contextmanager
def names_read() -> Iterator[set[str]]:
    """The parameters that are asked for meanwhile, wherever the program does it."""
    read: set[str] = set()
    plain, many = QueryDict.__getitem__, QueryDict.getlist

    def one(self: QueryDict, name: str) -> Any:
        read.add(name)
        return plain(self, name)

    def several(self: QueryDict, name: str, default: Any = None) -> Any:
        read.add(name)
        return many(self, name, default)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QueryDict, "__getitem__", one)
        patch.setattr(QueryDict, "getlist", several)
        yield read


def ways_to(world: World, address: Address) -> list[str]:
    return urls(world, address) if address.keywords else [reverse(address.name)]


def test_abuse_29_what_the_database_refuses_breaks_no_list_and_no_form(world: World) -> None:
    wrong, asked_for = [], set()
    for address in addresses():
        client = world.stranger if address.permit == "public" else somebody(world, address).client
        for url in ways_to(world, address)[:1]:
            with names_read() as names:
                asked(client, "get", url)
            for name in sorted(names):
                asked_for.add(name)
                for value in HARD:
                    answer = asked(client, "get", f"{url}?{urlencode({name: value})}")
                    if answer.status_code >= 500:
                        wrong.append(f"{address} {name}={value!r}: {answer.status_code}")
    assert {"q", "state", "page", "sort", "year"} <= asked_for  # the parameters were noticed at all
    assert not wrong, "\n".join(wrong)

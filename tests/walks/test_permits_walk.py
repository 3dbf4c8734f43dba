"""Every address × every hat × own and foreign rows answers what docs/permits.md says, and nothing more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.http import HttpResponse
from django.urls import reverse

from onex.bank.models import Item
from onex.common.permits import PERMITS, holds
from tests.walks import figures
from tests.walks.table import BY_THEMSELVES, WORDS, About, Address, about, addresses, arguments
from tests.walks.world import Person, World, asked, heard, words_of, written_by

pytestmark = [pytest.mark.walk, pytest.mark.django_db(databases=["default", "room"])]
# Allowed: a page, a redirect within the product, a sentence about what is missing or not possible now.
GRANTED = {200, 204, 302, 400, 405, 409, 422, 429}
DOOR, ROOM_DOOR = "/accounts/sign-in/", "/room/sign-in/"  # the exam room has a door and people of its own
PROOF = "/accounts/prove/"  # everybody here has just proved themselves: whoever may, gets through


def test_every_address_says_which_rows_it_is_about() -> None:
    missing = []
    for address in addresses():
        try:
            about(address)
        except LookupError as nothing:
            missing.append(str(nothing))
    assert missing == []


def test_a_new_address_without_a_line_is_caught() -> None:
    with pytest.raises(LookupError, match="which rows"):
        about(Address("new:thing-detail", ("pk",), "signed-in"))


@dataclass(frozen=True)
class Read:
    """One address as one hat got it, and what its answer told and wrote."""

    address: Address
    person: Person
    url: str
    what: str
    status: int
    fits: bool
    written: tuple[str, ...]
    told: tuple[str, ...]

    def __str__(self) -> str:
        return f"get {self.url} ({self.address}) as {self.person.label}: {self.status}, {self.what}"


def reads(world: World) -> list[Read]:
    """Everybody opens everything once."""
    keys = keys_of_the_bank()
    found = []
    for address in addresses():
        for person in world.people:
            for what, expected, url in _tries(world, address, person):
                statements: list[str] = []
                with heard(statements):
                    answer = person.ask("get", url)
                text = words_of(answer)
                told = tuple(key for key in keys if key in text)
                written = tuple({table for sql in statements if (table := written_by(sql))})
                fits = _fits(answer, expected, address)
                found.append(Read(address, person, url, what, answer.status_code, fits, written, told))
    return found


def test_abuse_05_reading_answers_by_the_matrix_changes_no_row_and_tells_no_key(world: World) -> None:
    """Three questions about the same answers: nobody opens everything three times."""
    found = reads(world)
    wrong = [str(one) for one in found if not one.fits]
    assert not wrong, "\n".join(wrong)
    written = {f"{one} writes {one.written}" for one in found if one.written}
    assert not written, "\n".join(sorted(written))
    assert len(keys_of_the_bank()) > 50
    told = {f"{one}: {one.told[0]}" for one in found if one.told and not one.address.permit.startswith("bank.")}
    assert not told, "\n".join(sorted(told))
    assert any(one.told for one in found), "the bank's own pages do tell them: what is looked for can be seen"
    asked_for, hats = {one.address for one in found}, {one.person.actor.role for one in found}
    assert asked_for == set(addresses())
    counts = {"addresses": len(asked_for), "hats": len(hats)}
    figures.compare("permits, reading", counts | Counter(one.what for one in found))


def test_every_address_answers_what_is_sent_by_the_matrix(world: World) -> None:
    counts: Counter[str] = Counter()
    wrong = []
    for address in addresses():
        for person in world.people:
            for what, expected, url in _tries(world, address, person):
                if what == "no permit":
                    continue  # the permit at the door does not ask for the verb: reading it showed that
                answer = person.ask("post", url)
                counts[what] += 1
                if not _fits(answer, expected, address):
                    wrong.append(f"post {url} ({address}) as {person.label}: {answer.status_code}, {what}")
    assert not wrong, "\n".join(wrong)
    figures.compare("permits, sending", counts)


def test_a_planted_write_is_caught() -> None:
    assert written_by('UPDATE "pilots_pilotplan" SET "year" = 2026') == "pilots_pilotplan"
    assert written_by('INSERT INTO "common_trace" ("id") VALUES (1)') == ""
    assert written_by('SELECT "update" FROM "x"') == ""


def keys_of_the_bank() -> set[str]:
    """The beginning of every explanation: whoever sees one has seen the key."""
    told = (str(item.content.get("explanation") or "")[:30] for item in Item.objects.all())
    return {one for one in told if len(one) > 15}


def _tries(world: World, address: Address, person: Person) -> Iterator[tuple[str, str, str]]:
    """What this person tries at this address, what must come, and where."""
    rows, door = about(address), _door(address, person)
    if rows is None or door != "granted":
        # Where no row is asked for, a colleague of another organisation is the same hat once more.
        if not person.is_elsewhere:
            yield "no row" if door == "granted" else "no permit", door, _anywhere(world, address)
        return
    for what, expected in (("own row", "granted"), ("foreign row", "unknown")):
        for url in _of(address, rows, person, own=what == "own row"):
            yield what, expected, url


def _door(address: Address, person: Person) -> str:
    """What the permit at the door says to this hat."""
    if address.permit.startswith("examroom."):
        return "room"
    if address.permit in ("public", "signed-in"):
        return "granted"
    return "granted" if holds(address.permit, person.actor) else "forbidden"


def _anywhere(world: World, address: Address) -> str:
    """The address with the first row there is, or with the word that opens it."""
    if address.name in WORDS:
        return world.opened_by_word(address.name)
    rows = about(address)
    first = (
        next((kwargs for row in rows.rows if (kwargs := arguments(address, row))), None)
        if rows
        else dict.fromkeys(address.keywords, "name")
    )
    assert first is not None, f"{address}: the world has no row for it"
    return reverse(address.name, kwargs=first)


def _of(address: Address, rows: About, person: Person, *, own: bool) -> list[str]:
    """The address with a row that this person sees, or with one that they do not; at most one."""
    permit = rows.permit or address.permit
    mine = rows.seen_by(person.actor, permit)
    found = mine if own else rows.rows.exclude(pk__in=mine.order_by().values("pk"))
    for row in found:
        if kwargs := arguments(address, row):
            return [reverse(address.name, kwargs=kwargs)]
    return []


def _fits(answer: HttpResponse, expected: str, address: Address) -> bool:
    location = answer.headers.get("Location", "")
    if expected == "forbidden":
        return answer.status_code == 403
    if expected == "unknown":
        return answer.status_code in (404, 405)
    if expected == "room":
        return (answer.status_code == 302 and location == ROOM_DOOR) or answer.status_code == 405
    if address.name in BY_THEMSELVES:
        return answer.status_code in (*BY_THEMSELVES[address.name], 405)
    return answer.status_code in GRANTED and not location.startswith((DOOR, PROOF))


def test_a_stranger_is_led_to_the_door_from_everywhere_but_the_public_pages(world: World) -> None:
    wrong = []
    tried = 0
    for address in addresses():
        door = ROOM_DOOR if address.permit.startswith("examroom.") else DOOR
        for verb in ("get", "post"):
            tried += 1
            answer = asked(world.stranger, verb, url := _anywhere(world, address))
            if address.permit == "public":
                fits = _fits(answer, "granted", address)
            else:
                fits = answer.status_code == 405 or answer.headers.get("Location", "").startswith(door)
            if not fits:
                wrong.append(f"{verb} {url} ({address}): {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    figures.compare("permits, stranger", {"tries": tried})


def test_each_hat_that_reaches_rows_was_tried_with_its_own_and_with_foreign_ones(world: World) -> None:
    """Otherwise the walk would be green because there was nothing to see."""
    lacking = []
    for address in addresses():
        rows = about(address) if address.name not in WORDS else None
        if rows is None or address.permit not in PERMITS or address.permit.startswith("examroom."):
            continue
        permit = rows.permit or address.permit
        for role in PERMITS[address.permit].reaches:
            both = [one for one in world.people if one.actor.role == role]
            reach = PERMITS[permit].reaches.get(role)
            if not both or reach is None:
                continue
            if not any(_of(address, rows, one, own=True) for one in both):
                lacking.append(f"{address} as {role}: no own row")
            is_everywhere = not isinstance(reach, tuple) and not reach.path and not reach.where
            if not is_everywhere and not any(_of(address, rows, one, own=False) for one in both):
                lacking.append(f"{address} as {role}: no foreign row")
    assert not lacking, "\n".join(lacking)


def test_the_people_of_one_exam_room_know_nothing_of_another(world: World) -> None:
    wrong = []
    counts: Counter[str] = Counter()
    for address in addresses():
        rows = about(address)
        if rows is None or not address.permit.startswith("examroom."):
            continue
        for chief, other in ((world.chiefs[0], world.chiefs[1]), (world.chiefs[1], world.chiefs[0])):
            for whose, expected in ((chief, "granted"), (other, "unknown")):
                row = rows.rows.filter(session=whose.session).first()
                answer = asked(chief.client, "get", url := reverse(address.name, kwargs={"pk": row.pk}))
                counts["own row" if expected == "granted" else "foreign row"] += 1
                if not _fits(answer, expected, address):
                    wrong.append(f"{url} ({address}): {answer.status_code}, {expected}")
                answer = asked(chief.client, "post", url)
                if not _fits(answer, expected, address):
                    wrong.append(f"post {url} ({address}): {answer.status_code}, {expected}")
    assert not wrong, "\n".join(wrong)
    figures.compare("permits, exam room", counts)

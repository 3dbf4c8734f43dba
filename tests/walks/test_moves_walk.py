"""Every move of every flow × every hat × own, seen and foreign rows: done or explained with its permit, or refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from onex.common.permits import PERMITS, holds
from onex.common.workflow import FLOWS
from tests.walks import figures
from tests.walks import moves as table
from tests.walks.moves import Asked, moves
from tests.walks.table import Address, about, addresses
from tests.walks.test_permits_walk import PROOF
from tests.walks.world import Person, World, forgotten, heard, undone, words_of, written_by

pytestmark = [pytest.mark.walk, pytest.mark.django_db(databases=["default", "room"])]
FORM = {"note": "按规定办理", "approved_count": "1"}
# A row one may see and not move is refused in words: nothing is hidden from whoever sees the row.
MAY_NOT = "无权办理"
# Refused whoever asks: a move that the address does not have, and one that nobody makes for themselves.
NOBODY_MAY = ("没有这个操作", "须由另一个人办理")
WITH, SEEN, FOREIGN, DOOR = "with the permit", "seen row", "foreign row", "no permit"


@dataclass(frozen=True)
class Try:
    """One move of one row as one hat asked for it, and what came of it."""

    move: Asked
    person: Person
    what: str
    state: str  # of the row, before
    status: int
    text: str
    written: tuple[str, ...]
    is_moved: bool

    def __str__(self) -> str:
        told = f"{self.what}, from {self.state or 'any state'}: {self.status}, writes {self.written}"
        return f"{self.move} at {self.move.address} as {self.person.label}, {told}"

    @property
    def fits(self) -> bool:
        if self.what == WITH:
            # Done, or told in a sentence why not now; never that one may not.
            return (self.status == 302 and self.is_moved) or (self.status in (409, 422) and MAY_NOT not in self.text)
        refused = self.status in (403, 404) if self.what != SEEN else self.status in (403, 404, 409)
        in_words = self.status != 409 or any(one in self.text for one in (MAY_NOT, *NOBODY_MAY))
        return refused and in_words and not self.written


def tries(world: World) -> Iterator[Try]:
    """Every move by everybody, from a state in which it is made: so the state is never why it is refused."""
    for move in moves():
        with undone():
            standing = _put_in_place(move)
            for person in world.people:
                for what, found in _rows(move, person):
                    yield _tried(move, person, what, found.filter(pk__in=standing).first() or found.first())


def _put_in_place(move: Asked) -> list[Any]:
    """Bring every row of the flow to where the move begins; answers the keys of those that stood there."""
    if not move.sources:
        return []
    standing = list(move.rows.filter(state__in=move.sources).values_list("pk", flat=True))
    for row in move.rows.exclude(pk__in=standing):
        with suppress(IntegrityError), transaction.atomic():  # of some rows only one may stand there
            move.rows.filter(pk=row.pk).update(state=move.sources[0])
    return standing


def _rows(move: Asked, person: Person) -> Iterator[tuple[str, QuerySet[Any]]]:
    """Of what this person asks the move: of a row in their reach, one they only see, one they do not see."""
    rows = move.rows.filter(state__in=move.sources) if move.sources else move.rows
    if move.address.name in table.OF_PEOPLE:
        rows = rows.exclude(user=person.actor.user_id)  # about oneself there are rules of their own
    assert rows.exists(), f"{move}: the world has no row to move"
    if not holds(move.address.permit, person.actor):
        # Refused before any row is looked up; a colleague elsewhere is the same hat once more.
        if not person.is_elsewhere:
            yield WITH if holds(move.permit, person.actor) else DOOR, rows
        return
    visible, reached = (
        found.order_by().values("pk") for found in (move.visible(person.actor), move.reached(person.actor))
    )
    for what, found in (
        (WITH, rows.filter(pk__in=visible).filter(pk__in=reached)),
        (SEEN, rows.filter(pk__in=visible).exclude(pk__in=reached)),
        (FOREIGN, rows.exclude(pk__in=visible)),
    ):
        if found.exists():
            yield what, found


def _tried(move: Asked, person: Person, what: str, row: Any) -> Try:
    statements: list[str] = []
    before = str(row.state) if move.sources else ""
    with forgotten(person.client):
        with heard(statements):
            answer = person.client.post(move.url(row), {"move": move.name, **FORM})
        kept = move.rows.model._base_manager.filter(pk=row.pk).first()
        is_sent_to_prove = answer.headers.get("Location", "").startswith(PROOF)
        is_moved = not is_sent_to_prove and (not before or (kept is not None and kept.state != before))
        text = words_of(answer) if answer.status_code in (409, 422) else ""
    written = tuple({name for sql in statements if (name := written_by(sql))})
    return Try(move, person, what, before, answer.status_code, text, written, is_moved)


def test_every_move_is_done_or_explained_with_its_permit_and_refused_without(world: World) -> None:
    found = list(tries(world))
    wrong = [str(one) for one in found if not one.fits]
    assert not wrong, "\n".join(wrong)
    with_permit = [one for one in found if one.what == WITH]
    lacking = {str(one) for one in moves() if set(PERMITS[one.permit].reaches) & {p.actor.role for p in world.people}}
    assert not lacking - {str(one.move) for one in with_permit}, "nobody with the permit had a row to move"
    done = {one.move.flow for one in with_permit if one.status == 302}
    # A mark wants its points, and results what the story has not reached: of these two every answer is a sentence.
    assert done >= set(table.FLOW_AT) - {"marking.job", "results.release"}, "a flow of which nothing was done"
    # Done or told why not are one figure: with the keys of a world changes which row of an organisation comes first.
    counts = Counter(one.what for one in found)
    counts["kinds of move"] = len({str(one.move) for one in found})
    counts["hats"] = len({one.person.actor.role for one in found})
    figures.compare("moves", counts)


def test_every_flow_and_every_address_with_moves_has_a_line() -> None:
    assert {one.flow for one in moves()} == {*FLOWS, ""} - set(table.WITHOUT_ADDRESS)
    subjects = {about(one).model for one in addresses() if about(one) is not None}
    assert not subjects & set(table.WITHOUT_ADDRESS.values())


def test_a_new_flow_without_a_line_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FLOWS, "new.thing", FLOWS["pilots.plan"])
    with pytest.raises(LookupError, match=r"new\.thing"):
        list(moves())


def test_a_new_address_with_moves_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    new = Address("pilots:application-turn", ("pk", "move"), "pilots.application_see")
    monkeypatch.setattr(table, "addresses", lambda: [*addresses(), new])
    with pytest.raises(LookupError, match="application-turn"):
        list(moves())


def test_a_move_that_a_hat_without_the_permit_could_make_is_caught(world: World) -> None:
    one = next(one for one in tries(world) if one.what == WITH and one.status == 302)
    assert one.fits
    for what in (SEEN, FOREIGN, DOOR):
        assert not replace(one, what=what).fits
    assert not replace(one, status=403).fits
    assert not replace(one, status=409, text=MAY_NOT).fits

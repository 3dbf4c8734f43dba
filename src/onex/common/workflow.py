"""A workflow is one table: states, moves, who, and what keeps a move from being made. No Django here.

`common.moves.move` is the only function that makes a move; buttons, diagrams, constraints and tests read the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from onex.common.text import Refused, Say, say

Problems = Callable[[Any, datetime], Iterable[Say]]


@dataclass(frozen=True)
class Move:
    """One row of the table: `name` takes a row from any of `sources` to `target`, for holders of `permit`.

    `problems(facts, at)` says in sentences what keeps the move from being made, nothing when it may be.
    `needs_note` makes the reason obligatory (returns, refusals, revocations).
    """

    name: str
    sources: Sequence[StrEnum]
    target: StrEnum
    permit: str
    problems: Problems | None = None
    label: Say = say("")
    needs_note: bool = False
    is_grave: bool = False  # asks for confirmation and is shown as destructive


class Workflow:
    """The whole life of one kind of row. Registers itself by `code` ("pilots.application").

    `labels`: the word people read for each state; `tones`: neutral | info | good | warn | bad, for badges; `acts`: what
    else is traced on such a row without changing its state (a print, a change of its fields), for timelines.
    """

    def __init__(
        self,
        code: str,
        initial: StrEnum,
        *moves: Move,
        label: Say,
        labels: dict[Any, Say],
        tones: dict[Any, str] | None = None,
        acts: dict[str, Say] | None = None,
    ) -> None:
        self.code, self.initial, self.moves, self.label = code, initial, moves, label
        self.states: type[StrEnum] = type(initial)
        self.labels, self.tones, self.acts = labels, tones or {}, acts or {}
        FLOWS[code] = self

    def moves_from(self, state: str) -> list[Move]:
        return [move for move in self.moves if state in move.sources]

    def find(self, name: str, state: str) -> Move:
        """The row for `name` from `state`.

        Raises Refused when the table has none: what a stale screen asks for.
        """
        for move in self.moves:
            if move.name == name and state in move.sources:
                return move
        label = next((move.label for move in self.moves if move.name == name), say("此操作"))
        raise Refused(
            say(
                "当前状态为“{state}”，不能“{move}”。页面可能已过期，请刷新后再看。",
                state=self.word(state),
                move=label,
            )
        )

    def word(self, state: str) -> Say:
        return self.labels[self.states(state)]

    def tone(self, state: str) -> str:
        return self.tones.get(self.states(state), "neutral")

    def act(self, verb: str) -> Say | str:
        """A trace's verb as people read it: the label of the move or of the act; the bare verb when it has none."""
        words: dict[str, Say] = {**self.acts, **{move.name: move.label for move in self.moves}}
        return words.get(verb, verb)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """For the model's field and its check constraint: values in the order of the table."""
        return [(state.value, state.name) for state in self.states]


FLOWS: dict[str, Workflow] = {}

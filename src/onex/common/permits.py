"""Who may do what to which rows: one `Permit` per action, one `Reach` per role. No Django here.

A reach is the path from the row to the actor's organisation (or to the person). The same path makes the list filter
(`seen`) and the single-row check (`allows`), so the two cannot drift (house law; wagtail's policies taught it).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from onex.common.actors import Actor
from onex.common.text import Refused, Say, say

USER: Literal["user"] = "user"
ORGANISATION: Literal["organisation"] = "organisation"
Q = TypeVar("Q", bound=Any)


@dataclass(frozen=True)
class Reach:
    """A Django lookup path from the row to the actor's organisation, or to the actor's user with `to=USER`.

    `where` narrows further with constant lookups, e.g. `Reach("plan__province", where={"state__in": (...)})`.
    """

    path: str
    to: Literal["user", "organisation"] = ORGANISATION
    where: tuple[tuple[str, Any], ...] = ()


EVERY = Reach("")  # every row
Reaches = Reach | tuple[Reach, ...]


@dataclass(frozen=True)
class Permit:
    """An action and, for each role that has it, which rows it reaches. Registers itself by `code`."""

    code: str
    label: Say
    reaches: Mapping[Any, Reaches]  # by Role; the exam room has roles of its own

    def __post_init__(self) -> None:
        if self.code in PERMITS and PERMITS[self.code] != self:
            raise ValueError(f"permit {self.code} is declared twice")
        PERMITS[self.code] = self


PERMITS: dict[str, Permit] = {}


def holds(code: str, actor: Actor | None) -> bool:
    """Whether the actor's role has this action at all, on whichever rows."""
    return actor is not None and actor.role in PERMITS[code].reaches


def seen(code: str, actor: Actor, rows: Q) -> Q:
    """Those of `rows` (a queryset) that the actor's reach for this permit covers."""
    reaches = PERMITS[code].reaches.get(actor.role)
    if reaches is None:
        return rows.none()
    if isinstance(reaches, Reach):
        return _covered(reaches, actor, rows)
    return rows.filter(pk__in=_union([_covered(reach, actor, rows.model._base_manager.all()) for reach in reaches]))


def _union(parts: list[Any]) -> Any:
    # Q objects would need Django; a pk set keeps this file pure and to-many paths free of duplicate rows.
    first, *others = [part.order_by().values("pk") for part in parts]
    return first.union(*others) if others else first


def _covered(reach: Reach, actor: Actor, rows: Any) -> Any:
    lookups: dict[str, Any] = dict(reach.where)
    if reach.path:
        lookups[reach.path] = actor.user_id if reach.to == USER else actor.organisation_id
    if not lookups:
        return rows
    # Through a to-many path a row would come once for each match, hence the subquery.
    model = rows.model
    return rows.filter(pk__in=model._base_manager.using(rows.db).filter(**lookups).order_by().values("pk"))


def allows(code: str, actor: Actor, row: Any) -> bool:
    """Whether the actor may do this to this saved row: the list filter asked for one row."""
    return seen(code, actor, type(row)._base_manager.using(row._state.db).filter(pk=row.pk)).exists()


def demand(code: str, actor: Actor, row: Any) -> None:
    """Refuse, in words, what the actor may not do to this row.

    Raises Refused.
    """
    if not allows(code, actor, row):
        raise Refused(
            say("您当前的身份（{role}）无权办理：{action}", role=actor.role.label, action=PERMITS[code].label)
        )

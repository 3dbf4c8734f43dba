"""Several certificate levels in one sitting of work: one application each, kept or refused each by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from onex.common.actors import Actor
from onex.common.text import Refused
from onex.pilots.models import PilotApplication, PilotPlan
from onex.pilots.services.applications import ApplicationInput, add_material, create_application, update_application
from onex.pilots.services.moving import move_application


@dataclass(frozen=True)
class LevelInput:
    """One level of the sitting; `kept` is the draft that an earlier save of the same page made, at `revision`."""

    values: ApplicationInput
    kept: PilotApplication | None = None
    revision: int | None = None


@dataclass
class LevelKept:
    """What became of it: the application if there is one now, and why it was not kept or not submitted."""

    level: Any
    application: PilotApplication | None
    reasons: tuple[Any, ...] = ()
    is_submitted: bool = False
    is_kept: bool = field(default=False)


def keep_levels(
    plan: PilotPlan,
    lines: Sequence[LevelInput],
    *,
    by: Actor,
    at: datetime,
    submit: bool = False,
    by_itself: bool = False,
    uploads: Mapping[str, Sequence[Any]] | None = None,
) -> list[LevelKept]:
    """Keep (and `submit`) one application for each level; `uploads` by slot go to every one of them.

    Each level is its own transaction: what is refused for one is said of that one, and the others are kept.
    """
    return [_kept(plan, one, by, at, submit=submit, by_itself=by_itself, uploads=uploads or {}) for one in lines]


def _kept(
    plan: PilotPlan,
    line: LevelInput,
    by: Actor,
    at: datetime,
    *,
    submit: bool,
    by_itself: bool,
    uploads: Mapping[str, Sequence[Any]],
) -> LevelKept:
    found = LevelKept(line.values.level, line.kept)
    try:
        if line.kept is None:
            found.application = create_application(plan, line.values, by=by, at=at)
        else:
            found.application = update_application(
                line.kept, line.values, by=by, at=at, revision=line.revision, by_itself=by_itself
            )
        found.is_kept = True
        for slot, files in uploads.items():
            for upload in files:
                add_material(found.application, upload, by=by, at=at, slot=slot)
        if submit:
            found.application = move_application(found.application, "submit", by=by, at=at)
            found.is_submitted = True
    except Refused as refused:
        found.reasons = refused.reasons
    return found

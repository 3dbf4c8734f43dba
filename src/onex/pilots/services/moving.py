"""The moves of an application, and what their rules judge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import F

from onex.catalog.queries import mapped_codes, recognition
from onex.catalog.rules import Recognition
from onex.common import moves, tx
from onex.common.actors import Actor, Role
from onex.common.permits import demand
from onex.common.text import Refused
from onex.pilots import queries
from onex.pilots.models import FieldRemark, PilotApplication
from onex.pilots.rules import (
    CONFLICT,
    DECIDING,
    STALE,
    ApplicationFacts,
    ApplicationState,
    ApprovalFacts,
    CorrectionFacts,
    PlacesKind,
    flow_of,
    problems_with_remarks,
    reason_of,
)
from onex.pilots.services.notifying import notify_of_move
from onex.pilots.services.places import write_line
from onex.pilots.services.told import tell_of_application


class Stale(Refused):
    """The application changed since the screen was made on which somebody decided."""

    def __init__(self) -> None:
        super().__init__(STALE)


def move_application(
    application: PilotApplication,
    move: str,
    *,
    by: Actor,
    at: datetime,
    note: str = "",
    approved_count: int | None = None,
    remarks: Mapping[str, str] | None = None,
    revision: int | None = None,
) -> PilotApplication:
    """Make one move of the table the plan asks for; `approved_count` is the number that "approve" grants.

    A "return" says why in `note` or in `remarks` on single fields, which are kept with the submission. `revision` is
    that of the screen on which somebody decided. What is granted, taken back or lapsed is a line of the ledger in the
    same transaction. Raises Refused with every reason: Stale when the application is not what the screen showed, and
    for whoever belongs to the school that applies.
    """
    with tx.write():
        if move == "approve":  # two approvals at once must not both fit into one total
            moves.lock(application.plan)
        before = moves.lock(application)
        if revision is not None and before.revision != revision:
            raise Stale
        facts = facts_for(move, note, approved_count)
        return moved(before, move, by=by, at=at, note=note, approved_count=approved_count, remarks=remarks, facts=facts)


def moved(
    before: PilotApplication,
    move: str,
    *,
    by: Actor,
    at: datetime,
    note: str,
    approved_count: int | None,
    facts: Callable[[PilotApplication], Any],
    remarks: Mapping[str, str] | None = None,
    is_judged: bool = False,
) -> PilotApplication:
    """The move of a locked application, in the caller's transaction. Raises Refused.

    `is_judged`: one of a batch, which asked for conflicts already and tells everybody of all of them at its end.
    """
    remarks = remarks or {}
    flow = flow_of(before.plan.requires_city_approval)
    if not is_judged:
        demand(flow.find(move, before.state).permit, by, before)
        if move in DECIDING and queries.has_interest(by.user_id, before):
            raise Refused(CONFLICT)
    if move == "return":
        if problems := problems_with_remarks(note, remarks):
            raise Refused(*problems)
        note = reason_of(note, remarks)
    sets, data = _columns(before, move, at, approved_count, remarks)
    after = moves.move(flow, before, move, by=by, at=at, note=note, facts=facts, sets=sets, data=data)
    # No move changes these: of three thousand decisions they are not read again for each.
    after.plan, after.school, after.level = before.plan, before.school, before.level
    if move == "return":
        _keep_remarks(before, remarks, by, at)
    _write_ledger(move, before, after, by, at, note)
    if not is_judged:
        tell_of_application(after, move, at=at)
        notify_of_move(after, move, by=by, at=at, note=note)
    return after


def _columns(
    before: PilotApplication, move: str, at: datetime, approved_count: int | None, remarks: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What changes with the state, and what the trace keeps of it."""
    sets: dict[str, Any] = {"revision": F("revision") + 1}
    data: dict[str, Any] = {}
    if move == "submit":
        sets |= {"submitted_at": at, "submission_count": F("submission_count") + 1}
        data = snapshot_of(before)
    elif move == "approve":
        sets |= {"approved_count": approved_count, "decided_at": at}
        data = {"requested_count": before.requested_count, "approved_count": approved_count}
    elif move == "correct":
        sets |= {"approved_count": None, "decided_at": None}
        data = {"approved_count": before.approved_count, "decision": before.state}
    elif move in ("reject", "return"):
        sets |= {"decided_at": at}
        data = {"remarks": dict(remarks)} if remarks else {}
    if _leaves_its_reviewer(before, move):
        sets |= {"assignee": None, "assigned_at": None}
    return sets, data


def _leaves_its_reviewer(before: PilotApplication, move: str) -> bool:
    """Whoever had it in hand keeps it through a return, not when it goes to another office."""
    if before.assignee is None or move not in ("pass", "submit"):
        return before.assignee is not None and move == "withdraw"
    role = Role.CITY if move == "submit" and before.plan.requires_city_approval else Role.PROVINCE
    return not queries.reviews_for(before.assignee, before, role)


def _keep_remarks(before: PilotApplication, remarks: Mapping[str, str], by: Actor, at: datetime) -> None:
    for field, text in remarks.items():
        FieldRemark.objects.update_or_create(
            application=before,
            submission=before.submission_count,
            field=field,
            actor_id=by.user_id,
            defaults={"text": text, "actor_label": by.label[:200], "at": at},
        )


def _write_ledger(
    move: str, before: PilotApplication, moved: PilotApplication, by: Actor, at: datetime, note: str
) -> None:
    lines = {
        "approve": (PlacesKind.GRANT, moved.approved_count or 0),
        "correct": (PlacesKind.UNGRANT, -(before.approved_count or 0)),
        "expire": (PlacesKind.LAPSE, -before.left_count),
    }
    kind, count = lines.get(move, (PlacesKind.GRANT, 0))
    if count:
        write_line(moved, kind, count, subject=moved, by=by, at=at, reason=note)


def snapshot_of(application: PilotApplication) -> dict[str, Any]:
    """What a reviewer compares the next submission with; kept in the trace of this one."""
    return {
        "level": application.level.name,
        "requested_count": application.requested_count,
        "declared_majors": [str(major) for major in application.declared_majors.all()],
        "teaching_staff": application.teaching_staff,
        "facilities": application.facilities,
        "machine_count": application.machine_count,
        "materials": [one.original_name for one in queries.all_materials_of(application)],
    }


def facts_for(
    move: str, note: str, approved_count: int | None, with_totals: bool = True
) -> Callable[[PilotApplication], Any]:
    """What the rules of this move judge, made of the locked row; without totals where they were judged already."""
    if move == "approve" and not with_totals:
        return lambda row: ApprovalFacts(row.requested_count, approved_count, note)
    if move == "approve":
        return lambda row: approval_facts(row, approved_count, note)
    if move == "correct":
        return lambda row: CorrectionFacts(row.used_count, tuple(queries.holders_of(row)))
    if move == "expire":
        return lambda row: row.plan.year
    return application_facts


def approval_facts(application: PilotApplication, approved_count: int | None, reason: str) -> ApprovalFacts:
    """What the rules of approving judge: the numbers, and the plan's totals with what was granted of them."""
    totals = tuple(queries.totals_for(application))
    return ApprovalFacts(application.requested_count, approved_count, reason, totals)


def application_facts(application: PilotApplication, declared: dict[str, str] | None = None) -> ApplicationFacts:
    """What the rules of filing judge, as the tables say it now."""
    plan, school, level = application.plan, application.school, application.level
    if declared is None:
        declared = dict(application.declared_majors.values_list("code", "name"))
    known = recognition() if declared else Recognition()  # an old code counts as what became of it
    return ApplicationFacts(
        plan_state=plan.state,
        opens_at=plan.opens_at,
        closes_at=plan.closes_at,
        corrections_until=plan.corrections_until,
        was_returned=application.state == ApplicationState.RETURNED,
        requires_majors=plan.requires_majors,
        requires_city=plan.requires_city_approval,
        has_city=school.city_id is not None,
        certificate_in_scope=queries.levels_open_under(plan).filter(pk=level.pk).exists(),
        is_duplicate=queries.has_other_application(plan, school, level, besides=application.pk),
        requested_count=application.requested_count,
        teaching_staff=application.teaching_staff,
        facilities=application.facilities,
        declared=declared,
        mapped=known.spellings(mapped_codes(level)) if declared else (),
        offered=known.spellings(school.majors.values_list("code", flat=True)) if declared else (),
        openings=queries.openings_after(plan),
        missing_materials=queries.missing_materials(application),
    )

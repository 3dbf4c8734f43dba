"""Named reads: entries, their counts and their fees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from onex.common.actors import Actor
from onex.common.permits import seen
from onex.common.queries import with_words
from onex.registration.models import Entry, ExamPlanLevel
from onex.registration.queries.rosters import with_id_number
from onex.registration.rules.entries import (
    LIVE,
    EntryState,
)
from onex.venues.models import ExamSite


def entries_seen_by(actor: Actor) -> QuerySet[Entry]:
    """The entries this actor may see, newest first, with what the list shows."""
    rows = Entry.objects.select_related(
        "student__school",
        "plan_level__plan",
        "plan_level__level__certificate",
        "site__school",
        "slot",
        "application__plan",
    )
    return seen("registration.entry_see", actor, rows).order_by("-submitted_at", "student__student_no", "pk")


def entries_to_reveal(actor: Actor) -> QuerySet[Entry]:
    """The entries whose candidate's numbers this actor may see whole, with a reason."""
    return seen("registration.entry_reveal", actor, Entry.objects.select_related("student"))


def entries_found(rows: QuerySet[Entry], words: str) -> QuerySet[Entry]:
    """Those whose student, school, class or site contains these words; a whole ID number by its index."""
    student = ("student__name", "student__student_no", "student__class_name", "student__school__name")
    return with_words(rows, words, *student, "site__name", also=with_id_number)


def entry_counts(rows: QuerySet[Entry]) -> dict[str, int]:
    """How many of these entries are in each state."""
    return dict(rows.order_by().values_list("state").annotate(n=Count("pk")))


def accepted_entries(plan_level: ExamPlanLevel, site: ExamSite | None = None) -> QuerySet[Entry]:
    """Who is to be seated for this level, at one site or at all, with student and school."""
    rows = Entry.objects.filter(plan_level=plan_level, state=EntryState.ACCEPTED)
    if site is not None:
        rows = rows.filter(site=site)
    return rows.select_related("student__school", "site", "slot").order_by(
        "student__school__name", "student__student_no"
    )


def entries_waiting_for(actor: Actor) -> QuerySet[Entry]:
    """What this organisation has to accept or return, the longest waiting first."""
    rows = Entry.objects.select_related("student__school", "plan_level__plan").filter(state=EntryState.SUBMITTED)
    return seen("registration.entry_review", actor, rows).order_by("submitted_at")


def entries_billed_to(actor: Actor) -> QuerySet[Entry]:
    """The entries whose fees this actor may see added up."""
    return seen("registration.fee_see", actor, Entry.objects.all())


def statement(rows: QuerySet[Entry]) -> list[dict[str, Any]]:
    """Fees of these entries by level and school: what is accepted is owed, what waits is not yet.

    Each row: plan, level, school, fee_fen, accepted_count, waiting_count, amount_fen (Σ of the snapshots).
    """
    accepted = Q(state=EntryState.ACCEPTED)
    found = (
        rows.filter(state__in=LIVE)
        .order_by(
            "-plan_level__plan__year",
            "-plan_level__plan__number",
            "plan_level__level__certificate__code",
            "plan_level__level__level",
            "student__school__name",
            "fee_fen",
        )
        .values(
            "fee_fen",
            plan=F("plan_level__plan__title"),
            level=F("plan_level__level__name"),
            school=F("student__school__name"),
        )
        .annotate(
            accepted_count=Count("pk", filter=accepted),
            waiting_count=Count("pk", filter=Q(state=EntryState.SUBMITTED)),
            amount_fen=Sum("fee_fen", filter=accepted, default=0),
        )
    )
    return [dict(row) for row in found]


def totals_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The foot of a statement."""
    return {name: sum(row[name] for row in rows) for name in ("accepted_count", "waiting_count", "amount_fen")}

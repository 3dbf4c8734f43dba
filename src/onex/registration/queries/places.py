"""Named reads: which entries use the places of an application, and whether counters, ledgers and entries agree."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from onex.common.actors import Actor
from onex.common.permits import seen
from onex.common.queries import with_words
from onex.pilots.models import PilotApplication, PlacesMove
from onex.pilots.queries import ledger_agrees, with_ledger_sums
from onex.pilots.rules import GRANTED, USING, LedgerFacts
from onex.registration.models import Entry, ExamPlanLevel
from onex.registration.queries.entries import entries_seen_by
from onex.registration.rules.entries import LIVE


def conservation(rows: QuerySet[PilotApplication]) -> Any:
    """These applications with the sums of their ledgers, their `live` entries, and whether all that agrees: `is_even`.

    One statement, however many applications.
    """
    entries = Entry.objects.filter(application=OuterRef("pk"), state__in=LIVE).order_by()
    live = Coalesce(Subquery(entries.values("application").annotate(n=Count("pk")).values("n")), 0)
    agrees = ledger_agrees() & Q(live=F("used_count"))
    even = Case(When(agrees, then=Value(1)), default=Value(0), output_field=IntegerField())
    return with_ledger_sums(rows).annotate(live=live).annotate(is_even=even)


def broken_applications() -> Any:
    """The applications whose places do not add up, in one statement: what the sweep asks."""
    rows = PilotApplication.objects.select_related("plan", "school", "level")
    return conservation(rows).filter(is_even=0).order_by("pk")


def facts_of(row: Any) -> LedgerFacts:
    """A row of `conservation` as the rules judge it."""
    return LedgerFacts(row.approved_count, row.used_count, row.granted, row.taken, row.live)


def places_checked_by(actor: Actor) -> Any:
    """What this actor answers for: everything granted, and whatever does not add up; the latter first."""
    # What the page and the sheet show of them: thousands are sorted, so their texts stay behind.
    rows = PilotApplication.objects.select_related("plan", "school", "level").only(
        "state", "approved_count", "used_count", "plan__year", "plan__batch", "school__name", "level__name",
        "level__short_name",
    )  # fmt: skip
    found = conservation(seen("pilots.places_check", actor, rows))
    return found.filter(Q(state__in=GRANTED) | Q(is_even=0)).order_by("is_even", "-plan__year", "school__name", "pk")


def places_checked(rows: Any, words: str, even: str) -> Any:
    """Those whose school or certificate contains these words; `even`: "1" what agrees, "0" what does not."""
    rows = with_words(rows, words, "school__name", "level__name")
    return rows.filter(is_even=int(even)) if even in ("0", "1") else rows


def check_lines(rows: Any) -> Any:
    """The same as plain rows, for a sheet of thousands: as objects they took half of its time."""
    return rows.select_related(None).values_list(
        "approved_count", "used_count", "granted", "taken", "live", "is_even", "school__name", "plan__year",
        "plan__batch", "level__name", named=True,
    )  # fmt: skip


def check_counts(rows: Any) -> dict[str, int]:
    """How many agree ("1") and how many do not ("0")."""
    found = rows.order_by().aggregate(n=Count("pk"), even=Sum("is_even", default=0))
    return {"0": found["n"] - found["even"], "1": found["even"]}


def places_seen_by(actor: Actor) -> Any:
    """The applications whose entries this actor may look through."""
    rows = PilotApplication.objects.select_related("plan__province", "school", "level")
    return seen("registration.places_see", actor, rows)


def entries_on(application: PilotApplication, actor: Actor, state: str = "") -> QuerySet[Entry]:
    """The entries on places of this application that this actor may see; `state`: "live", a state, or "" for all."""
    rows = entries_seen_by(actor).filter(application=application)
    if state == "live":
        return rows.filter(state__in=LIVE)
    return rows.filter(state=state) if state else rows


def holders_on(application: PilotApplication) -> list[dict[str, Any]]:
    """For each level of a sitting: the places it holds in the ledger beside its live entries; three queries."""
    held: dict[Any, int] = {}
    labels: dict[Any, str] = {}
    lines = PlacesMove.objects.filter(application=application, kind__in=USING).order_by()
    for subject, label, n in lines.values_list("subject_id", "subject_label").annotate(n=Sum("count")):
        held[subject] = held.get(subject, 0) + n
        labels[subject] = labels.get(subject) or label
    entries = Entry.objects.filter(application=application, state__in=LIVE).order_by()
    live = dict(entries.values_list("plan_level").annotate(n=Count("pk")))
    keys = held.keys() | live.keys()
    named = {one.pk: str(one) for one in ExamPlanLevel.objects.select_related("plan", "level").filter(pk__in=keys)}
    found = [
        {"label": named.get(key) or labels.get(key, ""), "held": held.get(key, 0), "live": live.get(key, 0)}
        for key in keys
    ]
    return sorted((one for one in found if one["held"] or one["live"]), key=lambda one: (-one["held"], one["label"]))

"""The log for those who audit: found by every question they ask, at a constant number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils import timezone

from onex.common.actors import Actor
from onex.common.models import Row, Trace
from onex.common.origins import normalised
from onex.common.permits import seen
from onex.portal.queries.desk.changes import SUBJECTS, Subject
from onex.portal.rules import ALARM_VERBS, DOOR_VERBS

ALARM_DAYS = 7
# The chips over the list: each narrows to verbs or outcomes.
KINDS: dict[str, Q] = {
    "alarm": Q(verb__in=ALARM_VERBS),
    "trouble": Q(outcome__in=("denied", "failed")),
    "door": Q(verb__in=DOOR_VERBS),
    "out": Q(verb__in=("export", "export_person", "print", "print_word", "print_tickets", "print_room_list"))
    | Q(verb__in=("issue_slip", "issue_slips")),
    "secret": Q(verb__in=("view", "view_photo", "reveal", "publish", "load", "freeze", "papers")),
    "score": Q(
        verb__in=("collect", "set_aside", "mark", "granted", "compute", "publicise", "release", "finish", "examine")
    ),
}


@dataclass(frozen=True)
class Asked:
    """What the address asks for; whatever makes no sense is as if it were not asked."""

    q: str = ""
    who: str = ""
    kind: str = ""
    verb: str = ""
    outcome: str = ""
    subject: str = ""
    row: str = ""
    actor: str = ""
    address: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Asked:
        return cls(**{one.name: str(values.get(one.name, "")).replace("\x00", "").strip()[:200] for one in fields(cls)})

    @property
    def is_narrowed(self) -> bool:
        return any(getattr(self, one.name) for one in fields(self))


def traces_seen_by(actor: Actor) -> QuerySet[Trace]:
    """Those traces that this hat may see, the newest first."""
    return seen("portal.audit_see", actor, Trace.objects.all()).order_by("-at", "-id")


def subject_in_reach(trace: Trace, actor: Actor) -> Subject | None:
    """The kind of row the trace is about, when this hat sees that row."""
    kind = next((one for one in SUBJECTS if one.model._meta.label_lower == trace.subject_type), None)
    if kind is None or not seen(kind.permit, actor, kind.model.objects.filter(pk=trace.subject_id)).exists():
        return None
    return kind


def traces_found(rows: QuerySet[Trace], asked: Asked) -> QuerySet[Trace]:
    """Those that the address asks for."""
    for word in asked.q.split():
        key = _uuid(word)
        about = Q(actor_label__icontains=word) | Q(note__icontains=word) | Q(verb=word) | Q(address=word)
        rows = rows.filter(about | Q(pk=key) | Q(subject_id=key) | Q(actor_id=key) if key else about)
    for word in asked.who.split():
        rows = rows.filter(actor_label__icontains=word)
    if asked.kind in KINDS:
        rows = rows.filter(KINDS[asked.kind])
    exact = {"verb": asked.verb, "outcome": asked.outcome, "subject_type": asked.subject}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    for name, value in (("subject_id", asked.row), ("actor_id", asked.actor)):
        if value:
            key = _uuid(value)
            rows = rows.filter(**{name: key}) if key else rows.none()
    if asked.address:
        rows = rows.filter(address=normalised(asked.address) or asked.address)
    if (since := _day(asked.since)) is not None:
        rows = rows.filter(at__gte=_midnight(since))
    if (until := _day(asked.until)) is not None:
        rows = rows.filter(at__lt=_midnight(until + timedelta(days=1)))
    return rows


def alarm_count(actor: Actor, at: datetime) -> int:
    """How many alarms of the last days this hat sees."""
    return _lately(actor, at, KINDS["alarm"])


def denied_count(actor: Actor, at: datetime) -> int:
    """How many attempts of the last days came to nothing."""
    return _lately(actor, at, KINDS["trouble"])


def sign_in_count(actor: Actor, at: datetime) -> int:
    """How many sessions began in the last days."""
    return _lately(actor, at, Q(verb="sign_in", outcome="done"))


def _lately(actor: Actor, at: datetime, which: Q) -> int:
    rows = traces_seen_by(actor).filter(which, at__gt=at - timedelta(days=ALARM_DAYS), at__lte=at)
    return rows.order_by().count()


def subject_choices() -> list[tuple[str, Any]]:
    """Every kind of row that a trace can be about, with its word."""
    models = [
        model
        for model in apps.get_models()
        if model.__module__.startswith("onex.") and model._meta.app_label != "examroom" and model is not Trace
    ]
    found = [
        (m._meta.label_lower, m._meta.verbose_name) for m in models if issubclass(m, Row) or m._meta.pk.name == "id"
    ]
    return sorted(found)


def subject_word(subject_type: str) -> Any:
    """The kind of row in words; the bare name of one that this version no longer has."""
    try:
        return apps.get_model(subject_type)._meta.verbose_name if subject_type else ""
    except (LookupError, ValueError):
        return subject_type


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1900 < found.year < 9000 else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())

"""Named reads: sessions to collect, scripts and their progress, the assessor's queue."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from onex.accounts.models import User
from onex.bank import queries as bank
from onex.common.actors import Actor
from onex.common.models import Trace
from onex.common.permits import seen
from onex.examroom import queries as room
from onex.items import Score
from onex.marking.models import MarkingJob, Script, StrayBundle
from onex.marking.rules import JobState, ScriptFacts, ScriptState
from onex.registration.models import Entry, ExamPlanLevel
from onex.sittings.models import ExamSession, Seat
from onex.sittings.rules import SessionState

IN_ROOM = (SessionState.PUBLISHED, SessionState.ENDED)


def sessions_seen_by(actor: Actor, text: str = "", state: str = "") -> QuerySet[ExamSession]:
    """Sessions that were handed to a room, with their scripts and what still waits; narrowed by words and state."""
    waiting = Q(scripts__state=ScriptState.MARKING)
    found = seen("marking.collect", actor, ExamSession.objects.filter(state__in=IN_ROOM))
    for word in text.split():
        found = found.filter(
            Q(plan_level__plan__title__icontains=word)
            | Q(plan_level__level__name__icontains=word)
            | Q(site__name__icontains=word)
        )
    if state:
        found = found.filter(state=state)
    return (
        found.select_related("plan_level__plan", "plan_level__level__certificate", "plan_level__scheme", "site", "slot")
        .annotate(
            seat_count=Count("seats", distinct=True),
            script_count=Count("scripts", distinct=True),
            waiting_count=Count("scripts", filter=waiting, distinct=True),
        )
        .order_by("-slot__starts_at", "site__name")
    )


def session_counts(actor: Actor) -> dict[str, int]:
    """How many of these sessions are in each state."""
    found = seen("marking.collect", actor, ExamSession.objects.filter(state__in=IN_ROOM))
    return dict(found.order_by().values_list("state").annotate(n=Count("pk")))


def sessions_to_collect() -> QuerySet[ExamSession]:
    """Sessions that a room holds: what the sweep asks whether they are closed."""
    return ExamSession.objects.filter(state=SessionState.PUBLISHED).exclude(loaded_at=None)


def closed_sessions(at: datetime) -> list[ExamSession]:
    """Those of them that have begun and whose room is closed: nobody can answer there any more."""
    begun = sessions_to_collect().filter(slot__starts_at__lte=at).select_related("plan_level__plan", "site", "slot")
    held = [(session, room.session_of(session.pk)) for session in begun]
    return [session for session, there in held if there is not None and room.is_closed(there, at=at)]


def jobs_seen_by(actor: Actor) -> QuerySet[MarkingJob]:
    """Every job this assessor may know of, marked ones too, never from a school that the assessor belongs to."""
    return (
        seen("marking.mark", actor, MarkingJob.objects.all())
        .exclude(script__entry__student__school__memberships__user=actor.user_id)
        .select_related("script__paper__level__certificate")
        .order_by("number", "pk")
    )


def jobs_for(actor: Actor) -> QuerySet[MarkingJob]:
    """The assessor's queue: what waits, never from a school that the assessor belongs to."""
    return jobs_seen_by(actor).filter(state=JobState.WAITING)


def neighbours_of(actor: Actor, job: MarkingJob) -> tuple[MarkingJob | None, MarkingJob | None]:
    """The waiting jobs before and after this one, going round at the ends; None where no other waits."""
    others = jobs_for(actor).exclude(pk=job.pk)
    after = others.filter(number__gte=job.number).first() or others.first()
    before = others.filter(number__lte=job.number).last() or others.last()
    return before, after


def queue_of(actor: Actor) -> list[dict[str, Any]]:
    """What waits, by task: {title, level, waiting, first} with the job to begin with, the longest queue first."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for item, level, pk in jobs_for(actor).values_list("item", "script__paper__level__name", "pk"):
        row = found.setdefault((item, level), {"item": item, "level": level, "waiting": 0, "first": pk})
        row["waiting"] += 1
    titles = bank.titles_of({item for item, _ in found})
    rows = [{**row, "title": titles.get(row["item"], row["item"])} for row in found.values()]
    return sorted(rows, key=lambda row: -row["waiting"])


def assessor(actor: Actor) -> User:
    """The person behind an assessor's hat."""
    return User.objects.get(pk=str(actor.user_id))


def marked_count(actor: Actor) -> int:
    """How many jobs this assessor has marked."""
    return MarkingJob.objects.filter(marks__assessor=actor.user_id).distinct().count()


def content_of(job: MarkingJob) -> Mapping[str, Any]:
    """The item with its criteria and model answer."""
    return bank.contents_of(job.script.paper)[job.item]


def facts_to_finish(script: Script) -> ScriptFacts:
    return ScriptFacts(waiting=script.jobs.filter(state=JobState.WAITING).count())


def digest_of(script: Script) -> str:
    """SHA-256 over the score of every item: a trace can name them without telling them."""
    return hashlib.sha256(json.dumps(script.scores, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def is_told(seat: Seat, bundle_hash: str) -> bool:
    """Whether the log knows what the room decided about this candidate, as this bundle tells it."""
    told = Trace.objects.filter(subject_type=Seat._meta.label_lower, subject_id=seat.pk, verb="collect")
    return any(data.get("bundle") == bundle_hash for data in told.values_list("data", flat=True))


def scores_of(script: Script) -> dict[str, Score]:
    """Item code → score with its breakdown."""
    return {code: Score.from_json(kept) for code, kept in script.scores.items()}


def unscored_count(plan_level: ExamPlanLevel) -> int:
    """Scripts of a level that are not finished."""
    return Script.objects.filter(session__plan_level=plan_level).exclude(state=ScriptState.SCORED).count()


def unscored_counts() -> Coalesce:
    """The same for every row of a query of levels, as a column."""
    waiting = (
        Script.objects.filter(session__plan_level=OuterRef("pk"))
        .exclude(state=ScriptState.SCORED)
        .order_by()
        .values("session__plan_level")
        .annotate(n=Count("pk"))
    )
    return Coalesce(Subquery(waiting.values("n")), 0)


def open_session_count(plan_level: ExamPlanLevel) -> int:
    """Sessions of a level whose answers are not collected yet."""
    return ExamSession.objects.filter(plan_level=plan_level).exclude(state=SessionState.ENDED).count()


def marks_of(plan_level: ExamPlanLevel) -> dict[UUID, dict[str, Decimal | None]]:
    """For every entry that was seated: the points of each part, None where it was not sat."""
    found: dict[UUID, dict[str, Decimal | None]] = {
        pk: {} for pk in Entry.objects.filter(seat__session__plan_level=plan_level).values_list("pk", flat=True)
    }
    for script in Script.objects.filter(session__plan_level=plan_level, state=ScriptState.SCORED):
        found.setdefault(script.entry_id, {})[script.part] = None if script.is_absent else script.points
    return found


def seats_with_scripts(session: ExamSession) -> QuerySet[Seat]:
    """Every seat of a session in the order of the rooms, with its candidate's scripts at hand."""
    return (
        Seat.objects.filter(session=session)
        .select_related("entry", "room")
        .prefetch_related("entry__scripts")
        .order_by("room__name", "seat_no")
    )


def progress_of(session: ExamSession) -> dict[str, int]:
    """A session's scripts by what became of them: all, sat, absent, waiting (for an assessor), scored."""
    scripts = session.scripts
    return scripts.aggregate(
        all=Count("pk"),
        sat=Count("pk", filter=Q(opened_at__isnull=False)),
        absent=Count("pk", filter=Q(opened_at=None)),
        waiting=Count("pk", filter=Q(state=ScriptState.MARKING)),
        scored=Count("pk", filter=Q(state=ScriptState.SCORED)),
        broken=Count("pk", filter=~Q(chain="ok")),
    )


def strays_of(session: ExamSession) -> QuerySet[StrayBundle]:
    """Bundles of this session that could not be placed, to be looked into."""
    return session.stray_bundles.order_by("created_at")

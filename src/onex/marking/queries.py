"""Named reads: sessions to collect, scripts and their progress, the assessor's queue."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from onex.accounts.models import User
from onex.bank import queries as bank
from onex.common.actors import Actor
from onex.common.permits import seen
from onex.items import Score
from onex.marking.models import MarkingJob, Script
from onex.marking.rules import JobState, ScriptFacts, ScriptState
from onex.registration.models import Entry, ExamPlanLevel
from onex.sittings.models import ExamSession
from onex.sittings.rules import SessionState


def sessions_seen_by(actor: Actor) -> QuerySet[ExamSession]:
    """Sessions that were handed to a room, with their scripts and what still waits."""
    waiting = Q(scripts__state=ScriptState.MARKING)
    return (
        seen(
            "marking.collect", actor, ExamSession.objects.filter(state__in=(SessionState.PUBLISHED, SessionState.ENDED))
        )
        .select_related("plan_level__plan", "plan_level__level__certificate", "site", "slot")
        .annotate(
            seat_count=Count("seats", distinct=True),
            script_count=Count("scripts", distinct=True),
            waiting_count=Count("scripts", filter=waiting, distinct=True),
        )
        .order_by("-slot__starts_at", "site__name")
    )


def sessions_to_collect() -> QuerySet[ExamSession]:
    """Sessions that a room holds: what the sweep asks whether they are closed."""
    return ExamSession.objects.filter(state=SessionState.PUBLISHED).exclude(loaded_at=None)


def jobs_for(actor: Actor) -> QuerySet[MarkingJob]:
    """The assessor's queue: what waits, never from a school that the assessor belongs to."""
    return (
        seen("marking.mark", actor, MarkingJob.objects.filter(state=JobState.WAITING))
        .exclude(script__entry__student__school__memberships__user=actor.user_id)
        .select_related("script__paper__level__certificate")
        .order_by("number")
    )


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


def scores_of(script: Script) -> dict[str, Score]:
    """Item code → score with its breakdown."""
    return {code: Score.from_json(kept) for code, kept in script.scores.items()}


def unscored_count(plan_level: ExamPlanLevel) -> int:
    """Scripts of a level that are not finished."""
    return Script.objects.filter(session__plan_level=plan_level).exclude(state=ScriptState.SCORED).count()


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


def scripts_of(session: ExamSession) -> QuerySet[Script]:
    return session.scripts.select_related("entry__student", "entry__seat__room").order_by(
        "entry__seat__room__name", "entry__seat__seat_no", "-part"
    )

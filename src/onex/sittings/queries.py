"""Named reads: sessions, seats, and the package a session becomes."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from onex.bank import queries as bank
from onex.bank.models import Paper
from onex.bank.rules import Part
from onex.common.actors import Actor
from onex.common.clock import to_ms
from onex.common.masks import mask_id_number
from onex.common.permits import seen
from onex.registration import queries as registration
from onex.registration.models import ExamPlanLevel
from onex.registration.rules import PlanLevelState
from onex.sittings.models import ExamSession, Seat, SessionStaff
from onex.sittings.rules import SessionFacts, SessionState
from onex.venues.models import ExamSite, SiteRoom


def sessions_seen_by(actor: Actor) -> QuerySet[ExamSession]:
    """Sessions with what the list shows: seats counted, plan, site and slot at hand."""
    return (
        seen("sittings.see", actor, ExamSession.objects.all())
        .select_related(
            "plan_level__plan",
            "plan_level__level__certificate",
            "site__school",
            "slot",
            "theory_paper",
            "practical_paper",
        )
        .annotate(seat_count=Count("seats"))
        .order_by("-slot__starts_at", "site__name")
    )


def levels_to_arrange(actor: Actor) -> QuerySet[ExamPlanLevel]:
    """Levels whose registration is closed and whose seats are not all released yet."""
    return (
        ExamPlanLevel.objects.filter(plan__organisation=actor.organisation_id, state=PlanLevelState.CLOSED)
        .select_related("plan", "level__certificate")
        .order_by("plan__year", "plan__number", "level__certificate__code", "level__level")
    )


def seats_of(session: ExamSession) -> QuerySet[Seat]:
    """Every seat in the order of the rooms."""
    return session.seats.select_related("entry__student__school", "room").order_by("room__name", "seat_no")


def seats_to_print(actor: Actor, session: ExamSession) -> QuerySet[Seat]:
    """The seats whose tickets this actor may print: a school its own students', the organisation all."""
    return seen("sittings.ticket", actor, seats_of(session))


def staff_of(session: ExamSession) -> QuerySet[SessionStaff]:
    return session.staff.select_related("room").order_by("role", "room__name", "name")


def facts_of(session: ExamSession) -> SessionFacts:
    """What the table judges."""
    rooms = {seat.room_id: seat.room.name for seat in seats_of(session)}
    staffed = set(session.staff.exclude(room=None).values_list("room_id", flat=True))
    papers = [paper.title if paper else None for paper in (session.theory_paper, session.practical_paper)]
    return SessionFacts(
        seat_count=session.seats.count(),
        papers=papers,
        rooms_without_staff=sorted(name for pk, name in rooms.items() if pk not in staffed),
        starts_at=session.slot.starts_at,
    )


def papers_for(session: ExamSession, part: Part) -> QuerySet[Paper]:
    """Frozen papers that this session may use."""
    papers = bank.frozen_papers(session.plan_level.level, part)
    return papers.filter(organisation=session.plan_level.plan.organisation_id)


def scheme_of(session: ExamSession) -> Any:
    """The assessment scheme that the sitting names."""
    return registration.scheme_for(session.plan_level.level, session.plan_level.plan.scheme_label)


def sessions_to_load() -> QuerySet[ExamSession]:
    """Published sessions that the room has not taken yet: what the sweep looks for."""
    return ExamSession.objects.filter(state=SessionState.PUBLISHED, loaded_at=None)


def secret_hash(session: ExamSession, code: str) -> str:
    """How a seat code or staff code stands in the package: bound to the session, useless elsewhere."""
    return hashlib.sha256(f"{session.pk}:{code}".encode()).hexdigest()


def package_of(session: ExamSession) -> dict[str, Any]:
    """Package v1 (docs/exam-room.md): everything the sealed room needs, and nothing it must not have."""
    scheme, level = scheme_of(session), session.plan_level.level
    seats = list(seats_of(session))
    forms = [bank.public_form(paper) for paper in (session.theory_paper, session.practical_paper) if paper]
    rooms = {str(seat.room_id): seat.room.name for seat in seats}
    return {
        "version": 1,
        "session": {
            "id": str(session.pk),
            "title": session.plan_level.plan.title,
            "certificate": level.certificate.name,
            "level": level.get_level_display(),
            "site": session.site.name,
            "starts_at": to_ms(session.slot.starts_at),
            "rules": {
                "theory_minutes": scheme.theory_minutes,
                "practical_minutes": scheme.practical_minutes,
                "check_in_opens_minutes": scheme.entry_opens_minutes,
                "latest_entry_minutes": scheme.latest_entry_minutes,
                "earliest_hand_in_minutes": scheme.earliest_hand_in_minutes,
                "grace_seconds": scheme.closing_grace_seconds,
                "absent_theory_bars_practical": True,
            },
        },
        "rooms": [{"id": pk, "name": name} for pk, name in rooms.items()],
        "staff": [
            {
                "ref": str(person.pk),
                "name": person.name,
                "role": person.role,
                "room": str(person.room_id) if person.room_id else None,
                "secret_hash": secret_hash(session, person.code),
            }
            for person in staff_of(session)
        ],
        "forms": forms,
        "candidates": [
            {
                "entry": str(seat.entry_id),
                "ticket_no": seat.ticket_no,
                "name": seat.entry.student.name,
                "masked_id": mask_id_number(seat.entry.student.id_number),
                "photo_hash": "",
                "time_factor": 1.0,
                "room": str(seat.room_id),
                "seat_no": seat.seat_no,
                "seat_code_hash": secret_hash(session, seat.seat_code),
                "forms": {form["part"]: form["id"] for form in forms},
            }
            for seat in seats
        ],
    }


def hash_of(package: dict[str, Any]) -> str:
    """The package's hash: SHA-256 over its canonical JSON."""
    text = json.dumps(package, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def rooms_of(session: ExamSession) -> list[SiteRoom]:
    """The rooms in which somebody sits."""
    return list(SiteRoom.objects.filter(seats__session=session).distinct().order_by("name"))


def staff_names(session: ExamSession) -> dict[UUID | None, list[str]]:
    """Names by room; None is the session itself (the chief)."""
    found: dict[UUID | None, list[str]] = {}
    for person in staff_of(session):
        found.setdefault(person.room_id, []).append(person.name)
    return found


def sites_with_entries(plan_level: ExamPlanLevel) -> QuerySet[ExamSite]:
    """Sites at which somebody accepted sits."""
    entries = registration.accepted_entries(plan_level)
    return ExamSite.objects.filter(pk__in=entries.order_by().values("site")).order_by("name")

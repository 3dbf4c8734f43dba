"""Named reads: sessions, seats, and the package a session becomes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils.translation import override

from onex.bank import queries as bank
from onex.bank.models import Paper
from onex.bank.rules import Part
from onex.catalog.models import AssessmentScheme
from onex.common.actors import Actor
from onex.common.clock import to_ms
from onex.common.masks import mask_id_number
from onex.common.permits import seen
from onex.common.queries import timeline_of
from onex.registration import queries as registration
from onex.registration.models import Entry, ExamPlan, ExamPlanLevel, PlanSlot
from onex.registration.rules import EntryState, PlanLevelState
from onex.sittings.models import ExamSession, Seat, SessionStaff
from onex.sittings.rules import IN_ROOM, TICKETS_OUT, Arranged, SessionFacts, SessionState, SiteLoad
from onex.venues.models import ExamSite, SiteRoom


def sessions_seen_by(actor: Actor, text: str = "", state: str = "") -> QuerySet[ExamSession]:
    """Sessions with what the list shows: seats counted, whether invigilators lack; narrowed by words and state."""
    found = seen("sittings.see", actor, ExamSession.objects.all())
    for word in text.split():
        found = found.filter(
            Q(plan_level__plan__title__icontains=word)
            | Q(plan_level__level__name__icontains=word)
            | Q(site__name__icontains=word)
            | Q(site__school__name__icontains=word)
        )
    if state:
        found = found.filter(state=state)
    at_the_room = SessionStaff.objects.filter(session=OuterRef("session"), room=OuterRef("room"))
    bare = Seat.objects.filter(~Exists(at_the_room), session=OuterRef("pk"))
    return (
        found.select_related(
            "plan_level__plan__organisation",
            "plan_level__level__certificate",
            "plan_level__scheme",
            "site__school",
            "slot",
            "theory_paper",
            "practical_paper",
        )
        .annotate(seat_count=Count("seats"), lacks_staff=Exists(bare))
        .order_by("-slot__starts_at", "site__name")
    )


def sessions_staffed_by(actor: Actor) -> QuerySet[ExamSession]:
    """Sessions whose invigilators this actor names, and whose codes are this actor's to keep."""
    return seen("sittings.staff", actor, ExamSession.objects.all()).select_related(
        "plan_level__plan", "plan_level__level__certificate", "plan_level__scheme", "site", "slot"
    )


def session_counts(actor: Actor) -> dict[str, int]:
    """How many of the sessions this actor sees are in each state."""
    found = seen("sittings.see", actor, ExamSession.objects.all())
    return dict(found.order_by().values_list("state").annotate(n=Count("pk")))


def levels_to_arrange(actor: Actor) -> QuerySet[ExamPlanLevel]:
    """Levels whose registration is closed and whose seats are not all released yet, with their sessions counted."""
    return (
        ExamPlanLevel.objects.filter(plan__organisation=actor.organisation_id, state=PlanLevelState.CLOSED)
        .select_related("plan", "level__certificate")
        .annotate(
            session_count=Count("sessions"),
            out_count=Count("sessions", filter=Q(sessions__state__in=TICKETS_OUT)),
        )
        .order_by("plan__year", "plan__number", "level__certificate__code", "level__level")
    )


def loads_of(levels: Collection[ExamPlanLevel]) -> dict[UUID, list[SiteLoad]]:
    """For each level: its sites with candidates, machines and slots, the fullest first."""
    plans = {level.plan_id for level in levels}
    slots = dict(PlanSlot.objects.filter(plan__in=plans).order_by().values_list("plan").annotate(n=Count("pk")))
    rooms = (
        SiteRoom.objects.filter(site=OuterRef("site"))
        .order_by()
        .values("site")
        .annotate(m=Sum("machine_count"), n=Count("pk"))
    )
    counted = (
        Entry.objects.filter(plan_level__in=levels, state=EntryState.ACCEPTED)
        .values("plan_level", "plan_level__plan", "site__name", "site")
        .annotate(n=Count("pk"), machines=Subquery(rooms.values("m")), rooms=Subquery(rooms.values("n")))
        .order_by("-n", "site__name")
    )
    found: dict[UUID, list[SiteLoad]] = {level.pk: [] for level in levels}
    for row in counted:
        load = SiteLoad(
            row["site__name"], row["n"], row["rooms"] or 0, row["machines"] or 0, slots.get(row["plan_level__plan"], 0)
        )
        found[row["plan_level"]].append(load)
    return found


def arranged_for(plan: ExamPlan) -> Arranged:
    """What would have to be done again if this sitting took place at another time."""
    sessions = ExamSession.objects.filter(plan_level__plan=plan)
    seats = Seat.objects.filter(session__plan_level__plan=plan)
    return Arranged(
        session_count=sessions.count(),
        seat_count=seats.count(),
        ticket_count=seats.filter(session__state__in=TICKETS_OUT).count(),
        in_room_count=sessions.filter(state__in=IN_ROOM).count(),
    )


def seats_of(session: ExamSession) -> QuerySet[Seat]:
    """Every seat in the order of the rooms."""
    return session.seats.select_related("entry__student__school", "room").order_by("room__name", "seat_no")


def seats_seen_by(actor: Actor, session: ExamSession) -> QuerySet[Seat]:
    """The seats of a session that this actor may see: the host and the authorities all, a school its own students'."""
    return seen("sittings.seats", actor, seats_of(session))


def seats_to_print(actor: Actor, session: ExamSession) -> QuerySet[Seat]:
    """The seats whose tickets this actor may print: a school its own students', the organisation all."""
    return seen("sittings.ticket", actor, seats_of(session))


def tickets_of(actor: Actor) -> QuerySet[Seat]:
    """Every seat whose ticket this actor may print, with what a page says of it, the next exam first."""
    rows = Seat.objects.select_related(
        "entry__student__school",
        "room",
        "session__slot",
        "session__site__school",
        "session__plan_level__plan__organisation",
        "session__plan_level__level__certificate",
        "session__plan_level__scheme",
    )
    return seen("sittings.ticket", actor, rows).order_by("session__slot__starts_at")


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


def scheme_of(session: ExamSession) -> AssessmentScheme:
    """The assessment scheme that was frozen when the sitting was opened."""
    return session.plan_level.scheme


def sessions_to_load() -> QuerySet[ExamSession]:
    """Published sessions that the room has not taken yet: what the sweep looks for."""
    return ExamSession.objects.filter(state=SessionState.PUBLISHED, loaded_at=None)


def secret_hash(session: ExamSession, code: str) -> str:
    """How a seat code or staff code stands in the package: bound to the session, useless elsewhere."""
    return hashlib.sha256(f"{session.pk}:{code}".encode()).hexdigest()


def package_of(session: ExamSession) -> dict[str, Any]:
    """Package v1 (docs/exam-room.md): everything the sealed room needs, and nothing it must not have.

    Its words are the product's own language: the sweep must find the same hash as whoever published in English.
    """
    with override(settings.LANGUAGE_CODE):
        return _package_of(session)


def _package_of(session: ExamSession) -> dict[str, Any]:
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


def released_at(session: ExamSession) -> datetime | None:
    """When the tickets of this session were last released; None while they never were."""
    last = timeline_of(session).filter(to_state=SessionState.RELEASED).last()
    return last.at if last is not None else None

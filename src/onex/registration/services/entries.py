"""Entries: registered by the school with their places, decided by the organisation, cancelled before the deadline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError

from onex.accounts.models import School
from onex.common import moves, tx
from onex.common.actors import Actor
from onex.common.permits import demand
from onex.common.text import Refused, Say, say
from onex.pilots.services import release_places, take_places
from onex.registration import queries
from onex.registration.models import Entry, ExamPlanLevel, PlanSlot, Student
from onex.registration.queries import Grant
from onex.registration.rules.entries import ENTRY_FLOW, DeadlineFacts, allot, problems_on_count
from onex.venues.models import ExamSite


class NotEligible(Refused):
    """Refused for the sake of some students: `by_student` gives the reasons of each by primary key."""

    def __init__(self, reasons: Sequence[Say], by_student: Mapping[UUID, Sequence[Say]]) -> None:
        super().__init__(*reasons)
        self.by_student = by_student


def register(
    school: School,
    plan_level: ExamPlanLevel,
    students: Iterable[Student],
    site: ExamSite,
    *,
    slot: PlanSlot | None = None,
    by: Actor,
    at: datetime,
) -> list[Entry]:
    """Enter these students for a level at a site, all or none; places and entries are written in one transaction.

    Raises NotEligible with every reason, those of a student after the student's name.
    """
    demand("registration.entry_create", by, school)
    wanted = {student.pk for student in students}
    try:
        with tx.write():
            # Held in one order everywhere, level before persons before places: nobody waits in a circle, and
            # registration cannot be closed between the check and the entry.
            plan_level = moves.lock(plan_level)
            rows = _locked(wanted)
            offer = queries.offer_to(school, plan_level, site, slot)
            _refuse(offer, rows, len(wanted), slot, at)
            entries = _entries(offer, rows, at)
            Entry.objects.bulk_create(entries)
            for application in {entry.application for entry in entries}:
                count = sum(entry.application_id == application.pk for entry in entries)
                take_places(application, count, subject=plan_level, by=by, at=at, reason=str(say("考试报名")))
            for entry in entries:
                moves.leave_trace(entry, "submit", by=by, at=at, to_state=entry.state)
    except IntegrityError as clash:  # another school entered the same person at this moment
        raise Refused(say("其中有学生刚刚被报名，请刷新后再试。")) from clash
    return entries


def _locked(wanted: set[UUID]) -> list[Student]:
    """The students, held together with every other roster row of the same persons."""
    indexes = set(Student.objects.filter(pk__in=wanted).values_list("id_index", flat=True))
    rows = Student.objects.select_for_update(no_key=True, of=("self",)).filter(id_index__in=indexes).order_by("pk")
    return [student for student in rows if student.pk in wanted]


def _refuse(offer: queries.Offer, students: Sequence[Student], count: int, slot: PlanSlot | None, at: datetime) -> None:
    reasons = offer.problems(at)
    if slot is not None and slot.plan_id != offer.plan_level.plan_id:
        reasons.append(say("所选考试时段不属于该统考"))
    if len(students) != count:
        reasons.append(say("所选学生中有人已不在学生库，请刷新后再选"))
    if not reasons:
        reasons.extend(problems_on_count(count, offer.facts.places_left, offer.facts.seats_left))
    by_student = {one.student.pk: one.reasons for one in queries.rehearse(offer, students) if one.reasons}
    names = {student.pk: student.name for student in students}
    reasons.extend(
        say("{name}：{reason}", name=names[pk], reason=reason) for pk, found in by_student.items() for reason in found
    )
    if reasons:
        raise NotEligible(reasons, by_student)


def _entries(offer: queries.Offer, students: Sequence[Student], at: datetime) -> list[Entry]:
    grants: Sequence[Grant] = offer.grants
    given = allot([student.major_code for student in students], [(grant.left, grant.codes) for grant in grants])
    short = [student for student, n in zip(students, given, strict=True) if n is None]
    if short:
        reason = say("允许其专业的试点申报已没有名额")
        raise NotEligible(
            [say("{name}：{reason}", name=student.name, reason=reason) for student in short],
            {student.pk: [reason] for student in short},
        )
    return [
        Entry(
            plan_level=offer.plan_level,
            student=student,
            id_index=student.id_index,
            application=grants[n].application,
            site=offer.site,
            slot=offer.slot,
            fee_fen=offer.plan_level.level.fee_fen,
            submitted_at=at,
        )
        for student, n in zip(students, given, strict=True)
        if n is not None
    ]


def move_entry(entry: Entry, move: str, *, by: Actor, at: datetime, note: str = "") -> Entry:
    """Accept, return or cancel one entry; a returned or cancelled one gives its place back at once.

    Raises Refused with every reason.
    """
    with tx.write():
        level = moves.lock(entry.plan_level)
        moved = moves.move(ENTRY_FLOW, entry, move, by=by, at=at, note=note, facts=lambda row: deadline_facts(level))
        if move in ("return", "cancel"):
            reason = str(say("报名退回") if move == "return" else say("取消报名"))
            release_places(moved.application, 1, subject=level, by=by, at=at, reason=reason)
    return moved


def deadline_facts(level: ExamPlanLevel) -> DeadlineFacts:
    """What is judged when an entry of this level is decided or cancelled."""
    return DeadlineFacts(level.state, level.registration_closes_at)


def accept_entries(entries: Iterable[Entry], *, by: Actor, at: datetime) -> int:
    """Accept many entries, all or none; answers how many. Raises Refused with the first one's reasons."""
    with tx.write():
        return len([move_entry(entry, "accept", by=by, at=at) for entry in entries])

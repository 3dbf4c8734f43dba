"""Named reads: sittings, rosters, who may be entered and why not, entries, counts and fees."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Sum, When

from onex.accounts.models import EvaluationOrg, Membership, OnceToken, School, User
from onex.accounts.rules import TokenPurpose
from onex.catalog.models import CalendarSitting, CertificateLevel, Major
from onex.catalog.queries import guide_in_force, scheme_in_force
from onex.common.actors import Actor, Role
from onex.common.files import open_bytes
from onex.common.models import Attachment
from onex.common.permits import seen
from onex.common.queries import attachments_of
from onex.common.sealed import blind_index
from onex.common.text import Say
from onex.pilots.models import PilotApplication
from onex.pilots.queries import approved_applications
from onex.registration.models import Entry, ExamPlan, ExamPlanLevel, HeldLevel, PlanSlot, RosterImport, Student
from onex.registration.rules.entries import (
    LIVE,
    EntryFacts,
    EntryState,
    OfferFacts,
    OtherEntry,
    problems_with_candidate,
    problems_with_offer,
)
from onex.registration.rules.plans import (
    ClosingFacts,
    LevelFacts,
    PlanFacts,
    PlanLevelState,
    SiteCount,
    Window,
)
from onex.registration.rules.roster import Judged, Known, Line, Pupil, RosterState, judge
from onex.registration.rules.students import AccountState, ClassKey, account_state
from onex.venues.models import ExamSite
from onex.venues.queries import seats_at_once

ID_SCOPE = "registration.student.id_number"
OVER = (PlanLevelState.PUBLICISED, PlanLevelState.FINISHED)


def id_index(number: str) -> str:
    """The index under which a person is found, whatever school's roster has them."""
    return blind_index(number, ID_SCOPE)


# --- sittings ----------------------------------------------------------------------------------------------------


def plans_seen_by(actor: Actor) -> QuerySet[ExamPlan]:
    """The sittings this actor may see, newest first, with slots; levels come through `levels_seen_by`."""
    rows = ExamPlan.objects.select_related("organisation").prefetch_related("slots")
    return seen("registration.plan_see", actor, rows).order_by("-year", "-number")


def levels_seen_by(actor: Actor) -> QuerySet[ExamPlanLevel]:
    """The levels of sittings this actor may see, with live and accepted entries counted."""
    rows = ExamPlanLevel.objects.select_related("plan__organisation", "level__certificate", "scheme")
    return seen("registration.plan_level_see", actor, rows).order_by(
        "-plan__year", "-plan__number", "level__certificate__code", "level__level"
    )


def with_counts(rows: QuerySet[ExamPlanLevel], school: School | None = None) -> QuerySet[ExamPlanLevel]:
    """Each level with `live_count`, `accepted_count` and `waiting_count`, of one school or of all."""
    own = Q(entries__student__school=school) if school is not None else Q()
    return rows.annotate(
        live_count=Count("entries", filter=own & Q(entries__state__in=LIVE)),
        accepted_count=Count("entries", filter=own & Q(entries__state=EntryState.ACCEPTED)),
        waiting_count=Count("entries", filter=own & Q(entries__state=EntryState.SUBMITTED)),
    )


def plan_facts(plan_level: ExamPlanLevel) -> PlanFacts:
    """What is judged when this level is announced."""
    scheme = plan_level.scheme
    return PlanFacts(
        slots=windows_of(plan_level.plan),
        registration=plan_level.registration,
        minutes_needed=scheme.theory_minutes + scheme.practical_minutes,
        notice_days=scheme.notice_days,
    )


def windows_of(plan: ExamPlan) -> tuple[Window, ...]:
    """The sitting's slots as windows, in the order of time."""
    return tuple(slot.window for slot in plan.slots.all())


def closing_facts(plan_level: ExamPlanLevel, reason: str) -> ClosingFacts:
    """What is judged when registration of this level is closed."""
    return ClosingFacts(
        sites=site_counts(plan_level),
        minimum=plan_level.scheme.minimum_candidates,
        closes_at=plan_level.registration_closes_at,
        reason=reason,
    )


def level_facts(plan_level: ExamPlanLevel, reason: str) -> LevelFacts:
    """Everything the table of a level judges, as it stands now; `reason` is what the organisation wrote."""
    return LevelFacts(
        plan=plan_facts(plan_level),
        closing=closing_facts(plan_level, reason),
        entry_count=Entry.objects.filter(plan_level=plan_level).count(),
    )


def site_counts(plan_level: ExamPlanLevel) -> tuple[SiteCount, ...]:
    """Per site of this level: everybody accepted there in the whole sitting, and who still waits for this level.

    The guide counts the candidates of a site per exam, so all levels of the sitting count together.
    """
    live = Entry.objects.filter(plan_level__plan=plan_level.plan_id, state__in=LIVE)
    rows = (
        live.order_by("site__name")
        .values("site", "site__name")
        .annotate(
            accepted=Count("pk", filter=Q(state=EntryState.ACCEPTED)),
            waiting=Count("pk", filter=Q(state=EntryState.SUBMITTED, plan_level=plan_level)),
            here=Count("pk", filter=Q(plan_level=plan_level)),
        )
    )
    return tuple(SiteCount(row["site__name"], row["accepted"], row["waiting"]) for row in rows if row["here"])


def scheme_labels() -> list[str]:
    """The schemes a sitting may be held under: "" is the one in force for everybody."""
    rows = guide_in_force().schemes.order_by("label").values_list("label", flat=True)
    return list(rows.distinct())


def levels_issued_by(organisation: EvaluationOrg) -> QuerySet[CertificateLevel]:
    """The certificate levels that this organisation may examine."""
    rows = CertificateLevel.objects.select_related("certificate")
    return rows.filter(certificate__issuer=organisation).order_by("certificate__code", "level")


def organisation_of(actor: Actor) -> EvaluationOrg:
    """The evaluation organisation this hat belongs to. Raises EvaluationOrg.DoesNotExist for other hats."""
    return EvaluationOrg.objects.get(organisation__in=[actor.organisation_id])


def calendar_windows(organisation: EvaluationOrg, number: int) -> tuple[tuple[Window, ...], list[CertificateLevel]]:
    """The slots and levels of the guide's sitting of this number, over all certificates of the organisation."""
    rows = CalendarSitting.objects.filter(
        guide=guide_in_force(), number=number, certificate__issuer=organisation
    ).prefetch_related("slots")
    windows = {Window(slot.starts_at, slot.ends_at) for row in rows for slot in row.slots.all()}
    wanted = {(row.certificate_id, level) for row in rows for level in row.levels}
    levels = [one for one in levels_issued_by(organisation) if (one.certificate_id, one.level) in wanted]
    return tuple(sorted(windows)), levels


def next_number(organisation: EvaluationOrg, year: int) -> int:
    """The number the next sitting of the year gets."""
    last = ExamPlan.objects.filter(organisation=organisation, year=year).order_by("-number").first()
    return last.number + 1 if last else 1


# --- rosters -----------------------------------------------------------------------------------------------------


def students_seen_by(actor: Actor) -> QuerySet[Student]:
    """The students of the actor's school, with their live entries counted."""
    rows = Student.objects.annotate(live_count=Count("entries", filter=Q(entries__state__in=LIVE)))
    return seen("registration.student_see", actor, rows).order_by("student_no")


def choices_of(rows: QuerySet[Student]) -> dict[str, list[Any]]:
    """What a roster may be filtered by: its years, majors and classes as they occur."""
    return {
        "years": list(rows.order_by("-entry_year").values_list("entry_year", flat=True).distinct()),
        "majors": list(rows.order_by("major_code").values_list("major_code", "major_name").distinct()),
        "classes": list(rows.order_by("class_name").values_list("class_name", flat=True).distinct()),
    }


def students_picked(rows: QuerySet[Student], year: str, major: str, class_name: str) -> QuerySet[Student]:
    """Those of one year, major and class; an empty word means any."""
    if year.isdigit():
        rows = rows.filter(entry_year=int(year))
    if major:
        rows = rows.filter(major_code=major)
    return rows.filter(class_name=class_name) if class_name else rows


def students_to_reveal(actor: Actor) -> QuerySet[Student]:
    """The students whose numbers this actor may see whole, with a reason."""
    return seen("registration.student_reveal", actor, Student.objects.all())


def students_to_drop(at: datetime) -> QuerySet[Student]:
    """Who was never entered and, five years being the longest course, left at least two years ago."""
    return Student.objects.filter(entries=None, entry_year__lt=at.year - 7)


def previews_to_drop(at: datetime) -> QuerySet[RosterImport]:
    """Uploaded rosters that nobody has confirmed or discarded for a week."""
    return RosterImport.objects.filter(state=RosterState.PREVIEW, created_at__lt=at - timedelta(days=7))


def students_found(rows: QuerySet[Student], words: str) -> QuerySet[Student]:
    """Those whose name, number, class or major contains these words; a whole ID number is found by its index."""
    for word in words.split():
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(student_no__icontains=word)
            | Q(class_name__icontains=word)
            | Q(major_name__icontains=word)
            | Q(major_code__icontains=word)
            | Q(id_index=id_index(word.upper()))
        )
    return rows


def imports_seen_by(actor: Actor) -> QuerySet[RosterImport]:
    """The imports of the actor's school, newest first, without their rows."""
    rows = RosterImport.objects.defer("lines")
    return seen("registration.student_see", actor, rows).order_by("-created_at")


def open_import(school: School) -> RosterImport | None:
    """The preview that waits for the school's confirmation."""
    return RosterImport.objects.defer("lines").filter(school=school, state=RosterState.PREVIEW).first()


def pupil_of(student: Student) -> Pupil:
    """A student as the rules know one."""
    return Pupil(
        name=student.name,
        id_number=student.id_number,
        gender=student.gender,
        birth_on=student.birth_on,
        student_no=student.student_no,
        entry_year=student.entry_year,
        major_code=student.major_code,
        major_name=student.major_name,
        class_name=student.class_name,
        phone=student.phone,
    )


def known_of(school: School) -> list[Known]:
    """The whole roster of a school, with who is entered somewhere; one query."""
    live = Entry.objects.filter(student=OuterRef("pk"), state__in=LIVE)
    rows = Student.objects.filter(school=school).annotate(is_entered=Exists(live))
    return [Known(pupil_of(student), student.is_entered) for student in rows.iterator()]


def known_majors(school: School) -> dict[str, str]:
    """The names of majors by code: the catalogue's, and before it what the school says it offers."""
    return dict(Major.objects.values_list("code", "name")) | dict(school.majors.values_list("code", "name"))


def judged_rows(roster: RosterImport, today: date) -> list[Judged]:
    """The rows of an import judged against the roster as it is now; empty once it is decided."""
    lines = lines_from(roster.lines) if roster.lines else []
    return judge(lines, known_of(roster.school), known_majors(roster.school), today)


def lines_to(lines: Iterable[Line]) -> str:
    """Rows as the text that is sealed between preview and confirmation."""
    return json.dumps([[one.number, dict(one.cells), sorted(one.numeric)] for one in lines], ensure_ascii=False)


def lines_from(text: str) -> list[Line]:
    return [Line(number, cells, frozenset(numeric)) for number, cells, numeric in json.loads(text)]


# --- who may be entered ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Grant:
    """An approved application with the places it leaves and the majors it allows."""

    application: PilotApplication
    left: int
    codes: frozenset[str]
    is_declared: bool


@dataclass(frozen=True)
class Offer:
    """What one registration offers a school: a level of a sitting at a site, in a fixed slot or any."""

    school: School
    plan_level: ExamPlanLevel
    site: ExamSite
    slot: PlanSlot | None
    grants: Sequence[Grant]
    facts: OfferFacts
    windows: tuple[Window, ...]

    @property
    def allowed_major_codes(self) -> frozenset[str]:
        giving = [grant for grant in self.grants if grant.left > 0] or self.grants
        return frozenset().union(*(grant.codes for grant in giving))

    def problems(self, at: datetime) -> list[Say]:
        return problems_with_offer(self.facts, at)


@dataclass(frozen=True)
class Candidate:
    """A student with every reason why they may not be entered; none when they may."""

    student: Student
    reasons: Sequence[Say]

    @property
    def may(self) -> bool:
        return not self.reasons


def grants_of(school: School, plan_level: ExamPlanLevel) -> list[Grant]:
    """The school's approved applications of the sitting's year for this level; one for each batch."""
    level = plan_level.level
    mapped = frozenset(level.majors.values_list("code", flat=True))
    rows = approved_applications(school, level, plan_level.plan.year).prefetch_related("declared_majors")
    found = []
    for row in rows:
        declared = frozenset(major.code for major in row.declared_majors.all())
        found.append(Grant(row, row.left_count, declared or mapped, bool(declared)))
    return found


def offer_to(school: School, plan_level: ExamPlanLevel, site: ExamSite, slot: PlanSlot | None = None) -> Offer:
    """What this school may use of this level at this site; a handful of queries, however many students."""
    grants = grants_of(school, plan_level)
    slots = windows_of(plan_level.plan)
    live = Entry.objects.filter(plan_level__plan=plan_level.plan_id, site=site, state__in=LIVE)
    machines = seats_at_once(site)
    seats_left = machines * len(slots) - live.count()
    if slot is not None:
        seats_left = min(seats_left, machines - live.filter(slot=slot).count())
    facts = OfferFacts(
        state=plan_level.state,
        registration=plan_level.registration,
        places_left=sum(grant.left for grant in grants) if grants else None,
        is_site_active=site.is_active,
        does_site_hold_level=site.levels.filter(pk=plan_level.level_id).exists(),
        is_site_near=site.school.province_id == school.province_id,
        seats_left=max(seats_left, 0),
    )
    return Offer(school, plan_level, site, slot, grants, facts, (slot.window,) if slot is not None else slots)


def rehearse(offer: Offer, students: Iterable[Student]) -> list[Candidate]:
    """Each student with every reason why not; the same number of queries for one and for ten thousand."""
    rows = list(students)
    indexes = [student.id_index for student in rows]
    level = offer.plan_level
    live = Entry.objects.filter(id_index__in=indexes, state__in=LIVE)
    entered = set(live.filter(plan_level=level).values_list("id_index", flat=True))
    held = set(HeldLevel.objects.filter(level=level.level_id, id_index__in=indexes).values_list("id_index", flat=True))
    others = _others(live.exclude(plan_level=level))
    allowed = offer.allowed_major_codes
    declared = any(grant.is_declared for grant in offer.grants)
    found = []
    for student in rows:
        facts = EntryFacts(
            offer=offer.facts,
            is_own_student=student.school_id == offer.school.pk,
            major_code=student.major_code,
            major_name=student.major_name,
            allowed_major_codes=allowed,
            are_majors_declared=declared,
            is_entered=student.id_index in entered,
            holds_level=student.id_index in held,
            windows=offer.windows,
            others=others.get(student.id_index, ()),
        )
        found.append(Candidate(student, problems_with_candidate(facts)))
    return found


def _others(live: QuerySet[Entry]) -> dict[str, list[OtherEntry]]:
    """The other live entries of these people, with the windows each may take."""
    rows = live.exclude(plan_level__state__in=OVER).select_related("slot", "plan_level__plan", "plan_level__level")
    plans: dict[Any, tuple[Window, ...]] = {}
    found: dict[str, list[OtherEntry]] = {}
    entries = list(rows)
    for slot in PlanSlot.objects.filter(plan__in={entry.plan_level.plan_id for entry in entries}):
        plans[slot.plan_id] = (*plans.get(slot.plan_id, ()), slot.window)
    for entry in entries:
        windows = (entry.slot.window,) if entry.slot is not None else plans.get(entry.plan_level.plan_id, ())
        found.setdefault(entry.id_index, []).append(OtherEntry(str(entry.plan_level), windows))
    return found


def sites_for(school: School, plan_level: ExamPlanLevel) -> QuerySet[ExamSite]:
    """The sites where this school may enter candidates for this level: its own first, then others of its province."""
    holds = ExamSite.levels.through.objects.filter(examsite=OuterRef("pk"), certificatelevel=plan_level.level_id)
    rows = ExamSite.objects.filter(
        Exists(holds), is_active=True, organisation=plan_level.plan.organisation_id, school__province=school.province_id
    )
    own = Exists(ExamSite.objects.filter(pk=OuterRef("pk"), school=school))
    return rows.annotate(is_own=own).order_by("-is_own", "name")


# --- entries -----------------------------------------------------------------------------------------------------


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
    for word in words.split():
        rows = rows.filter(
            Q(student__name__icontains=word)
            | Q(student__student_no__icontains=word)
            | Q(student__class_name__icontains=word)
            | Q(student__school__name__icontains=word)
            | Q(site__name__icontains=word)
            | Q(id_index=id_index(word.upper()))
        )
    return rows


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


def scheme_for(level: CertificateLevel, label: str) -> Any:
    """The scheme a sitting freezes for a level. Raises AssessmentScheme.DoesNotExist."""
    return scheme_in_force(level, label or None)


# --- students' own accounts ----------------------------------------------------------------------------------------

PHOTO = "photo"  # the slot of a student's photo


def with_account(rows: QuerySet[Student]) -> QuerySet[Any]:
    """Students with what their account's state follows from: `slip_until` of the unused slip, and `is_enabled`."""
    hat = Membership.objects.filter(
        user=OuterRef("user"), organisation=OuterRef("school"), role=Role.STUDENT, is_active=True, user__is_active=True
    )
    unused = When(slip__used_at__isnull=True, then=F("slip__expires_at"))
    return rows.annotate(slip_until=Case(unused, default=None), is_enabled=Exists(hat))


def accounts_seen_by(actor: Actor) -> QuerySet[Any]:
    """The students whose accounts this actor manages, by class and number."""
    rows = seen("registration.student_account", actor, Student.objects.all())
    return with_account(rows).order_by("-entry_year", "class_name", "student_no")


def account_state_of(student: Any, at: datetime) -> AccountState:
    """How far this student is; `student` comes from `with_account`."""
    return account_state(student.user_id is not None, student.is_enabled, student.slip_until, at)


def accounts_in_state(rows: QuerySet[Any], state: str, at: datetime) -> QuerySet[Any]:
    """Those of `with_account` that are in this state; anything else asks for all."""
    wanted = {
        AccountState.NONE: Q(user=None, slip_until=None),
        AccountState.ISSUED: Q(user=None, slip_until__gt=at),
        AccountState.LAPSED: Q(user=None, slip_until__lte=at),
        AccountState.ACTIVE: Q(user__isnull=False, is_enabled=True),
        AccountState.DISABLED: Q(user__isnull=False, is_enabled=False),
    }
    found = next((condition for key, condition in wanted.items() if key == state), None)
    return rows if found is None else rows.filter(found)


def without_slip(rows: QuerySet[Any], at: datetime) -> QuerySet[Any]:
    """Those of `with_account` who have neither an account nor a slip that is good."""
    # Not `exclude(slip_until__gt=at)`: of an empty date SQL says neither yes nor no.
    return rows.filter(Q(slip_until=None) | Q(slip_until__lte=at), user=None)


def accounts_in_classes(rows: QuerySet[Any], keys: Sequence[ClassKey]) -> QuerySet[Any]:
    """Those of these classes; of no class when none is named."""
    condition = Q(pk__in=[])
    for key in keys:
        condition |= Q(entry_year=key.entry_year, class_name=key.class_name)
    return rows.filter(condition)


def classes_of(rows: QuerySet[Any], at: datetime) -> list[dict[str, Any]]:
    """Each class with how many of its students are in which state: one query, however many students."""

    def count(condition: Q) -> Count:
        return Count("pk", filter=condition)

    counted = (
        rows.order_by()
        .values("entry_year", "class_name")
        .annotate(
            n=Count("pk"),
            issued=count(Q(user=None, slip_until__gt=at)),
            lapsed=count(Q(user=None, slip_until__lte=at)),
            active=count(Q(user__isnull=False, is_enabled=True)),
            disabled=count(Q(user__isnull=False, is_enabled=False)),
        )
        .order_by("-entry_year", "class_name")
    )
    return [
        {
            **row,
            "key": ClassKey(row["entry_year"], row["class_name"]),
            "bare": row["n"] - row["issued"] - row["lapsed"] - row["active"] - row["disabled"],
        }
        for row in counted
    ]


def student_of_slip(token: OnceToken) -> Student | None:
    """Whose slip this is."""
    return Student.objects.select_related("school", "user").filter(slip=token).first()


def open_slip(pk: Any, at: datetime) -> OnceToken | None:
    """A slip that was looked at a moment ago and is still good."""
    return OnceToken.objects.filter(
        pk=pk, purpose=TokenPurpose.STUDENT, used_at__isnull=True, expires_at__gt=at, student__isnull=False
    ).first()


def earlier_account_of(student: Student) -> User | None:
    """The account that this person has already by another school's roster."""
    other = Student.objects.filter(id_index=student.id_index, user__isnull=False).exclude(pk=student.pk)
    found = other.select_related("user").order_by("created_at").first()
    return found.user if found else None


def own_rows(actor: Actor) -> QuerySet[Student]:
    """A student's own rows: one for each school whose roster has them."""
    rows = Student.objects.select_related("school", "user").prefetch_related("guardian_consents")
    return seen("registration.own_data", actor, rows).order_by("created_at")


def students_photographed(actor: Actor) -> QuerySet[Student]:
    """The students whose photos this actor may see."""
    return seen("registration.photo_see", actor, Student.objects.all())


def photo_of(student: Student) -> Attachment | None:
    """The student's photo as it was handed in last."""
    return attachments_of(student, PHOTO).order_by("-created_at", "-id").first()


def photos_for_print(students: Iterable[Student]) -> dict[Any, str]:
    """Photos as data addresses by student, for papers that need the face; whoever prints them leaves a trace.

    The one place where a photo's bytes are read for anything but its own page.
    """
    keys = [student.pk for student in students]
    rows = Attachment.objects.filter(subject_type=Student._meta.label_lower, subject_id__in=keys, slot=PHOTO)
    found: dict[Any, str] = {}
    for row in rows.order_by("created_at", "id"):
        found[row.subject_id] = f"data:{row.content_type};base64,{b64encode(open_bytes(row)).decode()}"
    return found


# --- nothing, for forms before they know whose they are ------------------------------------------------------------


def no_levels() -> QuerySet[CertificateLevel]:
    return CertificateLevel.objects.none()


def no_plan_levels() -> QuerySet[ExamPlanLevel]:
    return ExamPlanLevel.objects.none()


def no_sites() -> QuerySet[ExamSite]:
    return ExamSite.objects.none()


def no_slots() -> QuerySet[PlanSlot]:
    return PlanSlot.objects.none()

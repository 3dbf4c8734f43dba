"""Named reads: applications as each hat sees them, with their materials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Q, QuerySet, Value, When

from onex.accounts.models import School
from onex.catalog.models import CertificateLevel
from onex.common.actors import Actor
from onex.common.models import Attachment, Trace
from onex.common.permits import seen
from onex.common.queries import attachments_of, timeline_of, with_words
from onex.pilots.models import FieldRemark, PilotApplication, PilotPlan
from onex.pilots.rules import ApplicationState

MATERIAL = "material"  # the slot of 其他佐证材料


def applications_seen_by(actor: Actor) -> QuerySet[PilotApplication]:
    """The applications this actor may see, newest first, with what the list shows."""
    rows = PilotApplication.objects.select_related("plan__province", "school__city", "level__certificate")
    return seen("pilots.application_see", actor, rows).order_by("-plan__year", "-plan__batch", "-created_at")


def applications_found(rows: QuerySet[PilotApplication], words: str) -> QuerySet[PilotApplication]:
    """Those whose school or certificate contains these words."""
    # Each name is looked for in its own small table: one condition over both makes PostgreSQL pair every school with
    # every level first.
    for word in words.split():
        schools = with_words(School.objects.order_by(), word, "name").values("pk")
        levels = with_words(CertificateLevel.objects.order_by(), word, "name").values("pk")
        rows = rows.filter(Q(school__in=schools) | Q(level__in=levels))
    return rows


def applications_listed(rows: QuerySet[PilotApplication]) -> QuerySet[PilotApplication]:
    """The same, read with what the list's columns show: thousands are sorted for a page, so their texts stay behind."""
    named = rows.select_related(None).select_related("plan", "school", "level__certificate")
    return named.only(
        "state", "requested_count", "approved_count", "used_count", "submitted_at", "plan__year", "plan__batch",
        "school__name", "level__name", "level__certificate__issuer_name",
    )  # fmt: skip


def application_lines(rows: QuerySet[PilotApplication]) -> Any:
    """The same as plain values, for a sheet of thousands: making seven objects of each row cost most of its time."""
    return rows.select_related(None).values(
        "state", "requested_count", "approved_count", "used_count", "submitted_at", "plan__year", "plan__batch",
        "school__name", "level__name", "level__certificate__issuer_name",
    )  # fmt: skip


def applications_under(rows: QuerySet[PilotApplication], plan: str) -> QuerySet[PilotApplication]:
    """Those of one plan; none when it is no plan's key."""
    try:
        return rows.filter(plan_id=UUID(plan))
    except ValueError:
        return rows.none()


def kinds_in(rows: QuerySet[PilotApplication]) -> dict[str, dict[str, Any]]:
    """What these applications can be narrowed by: parameter → value in the address → what it is called."""
    found: dict[str, dict[str, Any]] = {"year": {}, "batch": {}, "certificate": {}, "level": {}}
    kinds = rows.order_by("-plan__year", "plan__batch", "level__certificate__code", "level__level").values_list(
        "plan__year", "plan__batch", "level__certificate__code", "level__certificate__name", "level__level"
    )
    for year, batch, code, name, level in kinds.distinct():
        found["year"][str(year)] = year
        found["batch"][str(batch)] = batch
        found["certificate"][code] = name
        found["level"][str(level)] = level
    for one in ("batch", "level"):
        found[one] = dict(sorted(found[one].items(), key=lambda pair: pair[1]))
    return found


def applications_narrowed(
    rows: QuerySet[PilotApplication], asked: Mapping[str, str], choices: Mapping[str, Mapping[str, Any]]
) -> QuerySet[PilotApplication]:
    """Those of the rows that have what is asked; what is none of the `choices` narrows nothing."""
    paths = {
        "year": "plan__year",
        "batch": "plan__batch",
        "certificate": "level__certificate__code",
        "level": "level__level",
    }
    wanted = {paths[name]: asked[name] for name in paths if asked.get(name, "") in choices[name]}
    return rows.filter(**wanted)


def no_levels() -> QuerySet[CertificateLevel]:
    """What may be applied for before a plan is chosen."""
    return CertificateLevel.objects.none()


def materials_of(application: PilotApplication) -> QuerySet[Attachment]:
    """其他佐证材料 of this application."""
    return attachments_of(application, MATERIAL)


def all_materials_of(application: PilotApplication) -> QuerySet[Attachment]:
    """Every file of this application: those the plan asks for and the others."""
    return attachments_of(application)


def missing_materials(application: PilotApplication) -> list[str]:
    """The names of the materials the plan asks for that this application has no file for, in the plan's order."""
    asked = application.plan.materials.filter(is_required=True)
    given = set(attachments_of(application).values_list("slot", flat=True)) if asked else set()
    return [one.name for one in asked if one.slot not in given]


def material_of(application: PilotApplication, key: str) -> QuerySet[Attachment]:
    """One of its files by its key; none when it is no key."""
    try:
        return all_materials_of(application).filter(pk=UUID(key))
    except ValueError:
        return all_materials_of(application).none()


def has_other_application(
    plan: PilotPlan, school: School, level: CertificateLevel, besides: UUID | None = None
) -> bool:
    """Whether the school already has a live application for this level in this batch."""
    rows = PilotApplication.objects.filter(plan=plan, school=school, level=level)
    others = rows.exclude(pk=besides) if besides is not None else rows
    return others.exclude(state=ApplicationState.WITHDRAWN).exists()


def counts_by_state(rows: QuerySet[PilotApplication]) -> dict[str, int]:
    """How many of these applications are in each state."""
    return dict(rows.order_by().values_list("state").annotate(n=Count("pk")))


def submission_before(application: PilotApplication) -> dict[str, Any] | None:
    """What the school had handed in the time before the latest, for a reviewer to compare; None the first time."""
    handed_in = list(timeline_of(application).filter(verb="submit"))
    return handed_in[-2].data if len(handed_in) > 1 else None


def last_return_of(application: PilotApplication) -> Trace | None:
    """Why the application came back, while it has not been handed in again."""
    if application.state != ApplicationState.RETURNED:
        return None
    return timeline_of(application).filter(verb="return").last()


def remarks_by_field(application: PilotApplication) -> dict[str, list[FieldRemark]]:
    """What reviewers said of single fields when they returned the latest submission; nothing once it is back."""
    found: dict[str, list[FieldRemark]] = {}
    if application.state == ApplicationState.RETURNED:
        for one in application.remarks.filter(submission=application.submission_count):
            found.setdefault(one.field, []).append(one)
    return found


def last_submission_of(application: PilotApplication) -> dict[str, Any] | None:
    """What the school handed in last; None before the first time."""
    last = timeline_of(application).filter(verb="submit").last()
    return last.data if last is not None else None


def applications_of(plan: PilotPlan, school: School) -> QuerySet[PilotApplication]:
    """The school's own applications under a plan that were not withdrawn."""
    rows = PilotApplication.objects.filter(plan=plan, school=school).exclude(state=ApplicationState.WITHDRAWN)
    return rows.select_related("plan", "school", "level__certificate")


def starts_for(
    school: School, level: CertificateLevel | None = None, besides: UUID | None = None, most: int = 3
) -> list[PilotApplication]:
    """Earlier applications of the school whose texts a new one may begin with: the same level's latest, then others'.

    Of several with the same words the first is enough.
    """
    same = Q(level=level) if level is not None else Q(pk__in=[])
    others = PilotApplication.objects.filter(school=school)
    if besides is not None:
        others = others.exclude(pk=besides)
    rows = (
        others.exclude(Q(teaching_staff="") & Q(facilities=""))
        .select_related("plan", "level")
        .annotate(nearness=Case(When(same, then=Value(0)), default=Value(1)))
        .order_by("nearness", "-plan__year", "-plan__batch", "-created_at")
    )
    found: dict[tuple[Any, ...], PilotApplication] = {}
    for row in rows[:30]:
        found.setdefault((row.teaching_staff, row.facilities, row.machine_count), row)
    return list(found.values())[:most]


def start_of(school: School, key: str) -> PilotApplication | None:
    """One of the school's own applications by its key; None when it is no key of one."""
    try:
        rows = PilotApplication.objects.filter(school=school, pk=UUID(key))
    except ValueError:
        return None
    return rows.select_related("plan", "level").first()


def application_kept(plan: PilotPlan, school: School, level: CertificateLevel) -> PilotApplication | None:
    """The school's live application for this level under this plan."""
    return applications_of(plan, school).filter(level=level).first()

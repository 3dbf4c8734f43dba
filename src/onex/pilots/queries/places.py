"""Named reads: what registration asks about approvals, and the ledger of places."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Case, Exists, F, OuterRef, QuerySet, Sum, Value, When

from onex.accounts.models import School
from onex.catalog.models import CertificateLevel
from onex.common.text import say
from onex.pilots.models import PilotApplication, PlacesMove
from onex.pilots.rules import USING, ApplicationState


def approved_applications(school: School, level: CertificateLevel, year: int) -> QuerySet[PilotApplication]:
    """Every approval of the year for this level; a school may have one in each batch."""
    return (
        PilotApplication.objects.select_related("plan")
        .filter(school=school, level=level, plan__year=year, state=ApplicationState.APPROVED)
        .annotate(is_used_up=Case(When(used_count__gte=F("approved_count"), then=Value(1)), default=Value(0)))
        .order_by("is_used_up", "plan__batch")
    )


def approved_application(school: School, level: CertificateLevel, year: int) -> PilotApplication | None:
    """The approval whose places are taken next: the earliest batch with places left, else any; None without one."""
    return approved_applications(school, level, year).first()


def allowed_major_codes(application: PilotApplication) -> set[str] | None:
    """The major codes whose students may register; None means every major mapped to the level."""
    return set(application.declared_majors.values_list("code", flat=True)) or None


def approved_levels(school: School, year: int) -> QuerySet[CertificateLevel]:
    """The levels for which the school is a pilot this year."""
    approved = PilotApplication.objects.filter(
        level=OuterRef("pk"), school=school, plan__year=year, state=ApplicationState.APPROVED
    )
    return CertificateLevel.objects.select_related("certificate").filter(Exists(approved))


def is_pilot_school(school: School, year: int) -> bool:
    """Whether any application of the year was approved."""
    return PilotApplication.objects.filter(school=school, plan__year=year, state=ApplicationState.APPROVED).exists()


def places_of(application: PilotApplication) -> QuerySet[PlacesMove]:
    """The ledger, newest first."""
    return application.places_moves.order_by("-at", "-id")


def places_held(application: PilotApplication, subject_type: str, subject_id: UUID) -> int:
    """How many places this subject holds now."""
    lines = application.places_moves.filter(kind__in=USING, subject_type=subject_type, subject_id=subject_id)
    held = lines.aggregate(n=Sum("count"))
    return held["n"] or 0


def holders_of(application: PilotApplication, most: int = 5) -> list[str]:
    """What uses places of this application, in words with how many each, the largest first."""
    lines = application.places_moves.filter(kind__in=USING).order_by()
    held = lines.values("subject_label").annotate(n=Sum("count")).filter(n__gt=0).order_by("-n", "subject_label")
    return [str(say("{label} {n} 个", label=one["subject_label"] or say("报名"), n=one["n"])) for one in held[:most]]

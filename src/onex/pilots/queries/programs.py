"""Named reads for programs: applications with the moment they last changed, and whose receivers are told of what."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import DateTimeField, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from onex.accounts.models import Organisation
from onex.catalog.models import CertificateLevel
from onex.common.actors import Actor
from onex.common.models import Trace
from onex.common.queries import LOOKS
from onex.pilots.models import FieldRemark, PilotApplication, PilotPlan, PlacesMove
from onex.pilots.queries.applications import applications_seen_by
from onex.pilots.queries.plans import plans_seen_by
from onex.pilots.rules import GRANTED


def applications_for_programs(actor: Actor) -> QuerySet[Any]:
    """The applications this actor may see by key, which is the order they were made in, each with `updated_at`.

    That is the latest of what was done to it and what was taken of its places: a program asks for what changed since.
    """
    traces = Trace.objects.filter(subject_type=PilotApplication._meta.label_lower, subject_id=OuterRef("pk")).exclude(
        verb__in=LOOKS
    )
    lines = PlacesMove.objects.filter(application=OuterRef("pk"))
    moments = [
        Coalesce(Subquery(rows.order_by("-at").values("at")[:1], output_field=DateTimeField()), "created_at")
        for rows in (traces, lines)
    ]
    rows = applications_seen_by(actor).annotate(updated_at=Greatest(*moments, Coalesce("saved_at", "created_at")))
    return rows.order_by("pk")


def whole_applications(actor: Actor) -> QuerySet[Any]:
    """The same with what one application's answer tells: its majors and the remarks on its fields."""
    remarks = Prefetch("remarks", FieldRemark.objects.order_by("at", "id"))
    return applications_for_programs(actor).prefetch_related("declared_majors", remarks)


def after(rows: QuerySet[Any], key: UUID | None) -> QuerySet[Any]:
    """What comes after this key, in the order of keys."""
    return rows.filter(pk__gt=key) if key is not None else rows


def level_by_key(key: UUID) -> CertificateLevel | None:
    """The certificate level, if there is one."""
    return CertificateLevel.objects.select_related("certificate").filter(pk=key).first()


def told_of_application(application: PilotApplication) -> QuerySet[Organisation]:
    """Who is told what happens to an application: who may see it (pilots.application_see).

    A draft is its school's own business.
    """
    everybody = Q(pk__in=concerned_by(application))
    if application.submitted_at is not None:
        everybody |= Q(kind="operator")
    return Organisation.objects.filter(everybody).order_by()


def concerned_by(application: PilotApplication) -> set[Any]:
    """The keys of whom `told_of_application` names beside the operator."""
    concerned = {application.school_id}
    if application.submitted_at is not None:
        concerned.add(application.plan.province_id)
        if application.plan.requires_city_approval:
            concerned.add(application.school.city_id)
        if application.state in GRANTED:
            concerned.add(application.level.certificate.issuer_id)
    return concerned - {None}


def operators() -> set[Any]:
    """The keys of who runs the platform."""
    return set(Organisation.objects.filter(kind="operator").values_list("pk", flat=True))


def told_of_plan(plan: PilotPlan) -> QuerySet[Organisation]:
    """Who is told what happens to a published plan: its province with its schools and cities, and who trains."""
    province = plan.province_id
    inside = Q(pk=province) | Q(as_school__province=province) | Q(as_city__province=province)
    return Organisation.objects.filter(inside | Q(kind__in=("evaluation_org", "operator"))).order_by()


def plans_for_programs(actor: Actor, at: datetime) -> QuerySet[Any]:
    """The plans this actor may see, in the order they were made in."""
    return plans_seen_by(actor, at).order_by("pk")

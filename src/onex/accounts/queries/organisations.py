"""Named reads: organisations of every kind."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from onex.accounts.models import (
    City,
    Membership,
    Organisation,
    Province,
)
from onex.accounts.rules import (
    HEADS,
    OrganisationKind,
)
from onex.common.actors import Actor
from onex.common.permits import seen
from onex.common.queries import with_words
from onex.common.text import say


def provinces() -> QuerySet[Province]:
    """Every jurisdiction that publishes plans, by code."""
    return Province.objects.filter(is_active=True).order_by("code")


def cities() -> QuerySet[City]:
    """Every city with its province, by code."""
    return City.objects.filter(is_active=True).select_related("province").order_by("province__code", "code")


def organisation_named(name: str) -> Organisation | None:
    """The one school or site of this full name."""
    rows = Organisation.objects.filter(name=name, kind__in=[OrganisationKind.SCHOOL, OrganisationKind.SITE])
    return rows.first()


def operator() -> Organisation | None:
    """The organisation that runs this installation."""
    return Organisation.objects.filter(kind=OrganisationKind.OPERATOR).first()


def organisations_seen_by(actor: Actor) -> QuerySet[Organisation]:
    """Every organisation this actor may look at, with its `head_count` of administrators who can come in."""
    heads = Q()
    for kind, roles in HEADS.items():
        heads |= Q(kind=kind, memberships__role__in=roles)
    able = Q(memberships__is_active=True, memberships__user__is_active=True)
    rows = seen("accounts.organisation_see", actor, Organisation.objects.all())
    counted = Count("memberships__user", filter=heads & able, distinct=True)
    return rows.select_related("parent").annotate(head_count=counted).order_by("name", "pk")


def organisations_found(rows: QuerySet[Organisation], words: str) -> QuerySet[Organisation]:
    """Those whose name or code contains these words."""

    def by_its_code(word: str) -> Q:
        return (
            Q(as_school__school_code__startswith=word)
            | Q(as_evaluation_org__org_code__istartswith=word)
            | Q(as_province__code__startswith=word)
            | Q(as_city__code__startswith=word)
        )

    return with_words(rows, words, "name", also=by_its_code)


def kind_counts(actor: Actor) -> dict[str, int]:
    """How many organisations of each kind this actor may look at."""
    rows = seen("accounts.organisation_see", actor, Organisation.objects.all())
    return dict(rows.order_by().values_list("kind").annotate(n=Count("pk")))


def organisations_without_head() -> int:
    """Organisations in use that nobody looks after."""
    heads = Q()
    for kind, roles in HEADS.items():
        heads |= Q(organisation__kind=kind, role__in=roles)
    looked_after = Membership.objects.filter(heads, is_active=True, organisation=OuterRef("pk"))
    return Organisation.objects.filter(~Exists(looked_after), is_active=True).count()


def facts_of_organisation(row: Organisation) -> list[tuple[Any, str]]:
    """What is known of an organisation of its kind: (label, value)."""
    kind = OrganisationKind(row.kind)
    if kind == OrganisationKind.EVALUATION_ORG:
        org = row.as_evaluation_org
        return [(say("组织机构代码"), org.org_code), (say("简称"), org.short_name)]
    if kind == OrganisationKind.PROVINCE:
        return [(say("省份"), row.as_province.region_name), (say("行政区划代码"), row.as_province.code)]
    if kind == OrganisationKind.CITY:
        city = row.as_city
        return [(say("所属省份"), city.province.region_name), (say("行政区划代码"), city.code)]
    if kind == OrganisationKind.SCHOOL:
        school = row.as_school
        place = f"{school.province.region_name} {school.city.region_name if school.city else ''}"
        codes = [(say("学校标识码"), school.school_code or "—"), (say("统一社会信用代码"), school.credit_code)]
        return [(say("所属地区"), place), *codes]
    if kind == OrganisationKind.SITE and row.parent is not None:
        return [(say("所属院校"), row.parent.name)]
    return []

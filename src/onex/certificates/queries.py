"""Named reads: what is due, what an actor may see, what the public may ask."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet

from onex.certificates import signing
from onex.certificates.models import Certificate
from onex.certificates.rules import IssueFacts, clean_number, is_number
from onex.common.actors import Actor
from onex.common.permits import seen
from onex.results import queries as results
from onex.results.models import Result, ResultRelease
from onex.results.rules import ReleaseState


def releases_seen_by(actor: Actor) -> QuerySet[ResultRelease]:
    """Releases that are out, with passes and certificates counted."""
    return (
        seen("certificates.issue", actor, ResultRelease.objects.filter(state=ReleaseState.RELEASED))
        .select_related("plan_level__plan", "plan_level__level__certificate")
        .annotate(
            pass_count=Count("results", filter=Q(results__passed=True)),
            certificate_count=Count("results__certificate"),
        )
        .order_by("-released_at")
    )


def due(release: ResultRelease) -> QuerySet[Result]:
    """Passes without a certificate."""
    return results.released_passes(release).filter(certificate=None)


def facts_to_issue(release: ResultRelease) -> IssueFacts:
    return IssueFacts(release.state == ReleaseState.RELEASED, due(release).count())


def certificates_seen_by(actor: Actor, text: str = "", state: str = "") -> QuerySet[Certificate]:
    """Certificates this actor may see, narrowed by name, number, student number or school, and by state."""
    found = seen("certificates.see", actor, Certificate.objects.all())
    for word in text.split():
        found = found.filter(
            Q(number__icontains=clean_number(word))
            | Q(name__icontains=word)
            | Q(result__entry__student__student_no__icontains=word)
            | Q(result__entry__student__school__name__icontains=word)
        )
    if state:
        found = found.filter(state=state)
    return found.select_related("result__entry__student__school", "result__entry__plan_level__plan").order_by(
        "-issued_on", "number"
    )


def certificate_counts(actor: Actor) -> dict[str, int]:
    """How many of the certificates this actor sees are in each state."""
    found = seen("certificates.see", actor, Certificate.objects.all())
    return dict(found.order_by().values_list("state").annotate(n=Count("pk")))


def certificates_to_print(actor: Actor) -> QuerySet[Certificate]:
    return seen("certificates.print", actor, Certificate.objects.all()).order_by("number")


def verify(number: str, name: str) -> Certificate | None:
    """The certificate with this number **and** this holder's name; None tells nothing about which was wrong."""
    number, name = clean_number(number), name.strip()
    # Both are always looked up in one query: an unknown number and a wrong name take the same path.
    return Certificate.objects.filter(number=number if is_number(number) else "", name=name).first()


def verify_token(token: str) -> Certificate | None:
    """The certificate of a QR code that we signed."""
    number = signing.number_in(token)
    return Certificate.objects.filter(number=number).first() if number else None


def certificates_of(entries: Iterable[Any]) -> QuerySet[Certificate]:
    """The certificates that stand on these entries."""
    return Certificate.objects.filter(result__entry__in=entries).order_by("number")

"""Which rows each address is about, and by which permit they are seen. A new address without a line here fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet
from django.urls import URLPattern, URLResolver, get_resolver

from onex.common.actors import Actor
from onex.common.models import Attachment
from onex.common.permits import seen
from onex.marking.queries import IN_ROOM
from onex.sittings.rules import TICKETS_OUT


@dataclass(frozen=True)
class About:
    """What an address is about: "app.Model", and the permit that shows such rows (default: the address's own)."""

    model: str
    permit: str = ""
    where: tuple[tuple[str, Any], ...] = ()  # other rows are not what this address is about, whoever asks
    via: str = ""  # the permit is asked of what this path leads to
    own: str = ""  # seen by the person that this path leads to, in whatever hat

    @property
    def rows(self) -> QuerySet[Any]:
        model: type[Model] = apps.get_model(self.model)
        return model._base_manager.filter(**dict(self.where)).order_by("pk")

    def seen_by(self, actor: Actor, permit: str) -> QuerySet[Any]:
        """Those of the rows that this hat may see."""
        rows = self.rows
        if self.own:
            return rows.filter(**{self.own: actor.user_id})
        if self.via:
            above = rows.model._meta.get_field(self.via).related_model
            return rows.filter(**{f"{self.via}__in": seen(permit, actor, above._base_manager.all())})
        return rows if permit == "public" else seen(permit, actor, rows)


@dataclass(frozen=True)
class Address:
    """One address of the product: its name, what it takes, and which permit stands at its door."""

    name: str
    keywords: tuple[str, ...]
    permit: str

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.keywords)})" if self.keywords else self.name


# The rows that `pk` (or the named keyword) of an address means, by the beginning of its name; the longest one counts.
ROWS: dict[str, About] = {
    "accounts:registration-": About("accounts.InstitutionRegistration", "accounts.registration_see"),
    "accounts:registration-reveal": About("accounts.InstitutionRegistration"),
    "accounts:change-": About("accounts.InstitutionChange", "accounts.change_see"),
    "accounts:institution-": About("accounts.School", "accounts.institution_see"),
    "accounts:organisation-": About("accounts.Organisation", "accounts.organisation_see"),
    "accounts:person-": About("accounts.Organisation", "", (("memberships__is_active", True),)),
    "accounts:person-reveal": About("accounts.User", "", (("memberships__is_active", True),)),
    "accounts:department-": About("accounts.Department", via="school"),
    "catalog:major-": About("accounts.SchoolMajor", via="school"),
    "accounts:network-": About("accounts.NetworkRange"),
    "accounts:factor-": About("accounts.Authenticator", own="user"),
    "accounts:invitation-": About("accounts.Membership", where=(("invited_at__isnull", False),), own="user"),
    "integrations:token-": About("integrations.ApiToken"),
    "integrations:webhook-": About("integrations.WebhookEndpoint"),
    "integrations:delivery-": About("integrations.WebhookDelivery", via="endpoint"),
    "registration:slip-": About("registration.Student"),
    "registration:account-": About("registration.Student"),
    "registration:photo-": About("registration.Student", "registration.student_see"),
    "registration:student-photo": About("registration.Student", "", (("user__isnull", False),)),
    "registration:student-reveal": About("registration.Student"),
    "registration:entry-reveal": About("registration.Entry"),
    "venues:application-reveal": About("venues.SiteApplication"),
    "venues:site-reveal": About("venues.ExamSite"),
    "sittings:ticket": About("sittings.Seat", "", (("session__state__in", TICKETS_OUT),)),
    "portal:audit-": About("common.Trace"),
    "portal:student-": About("registration.Student"),
    "portal:erasure-": About("portal.ErasureRequest", "portal.erasure_see"),
    "accounts:institution-reveal": About("accounts.School"),
    "accounts:change-reveal": About("accounts.InstitutionChange"),
    "pilots:application-create": About("pilots.PilotPlan"),
    "pilots:application-several": About("pilots.PilotPlan"),
    "pilots:major-choose": About("pilots.PilotPlan"),
    "pilots:application-": About("pilots.PilotApplication"),
    "pilots:places-": About("pilots.PilotApplication"),
    "pilots:material-": About("pilots.PilotApplication"),
    "pilots:mapping-": About("catalog.CertificateLevel"),
    "pilots:batch-": About("pilots.DecisionBatch"),
    "pilots:approval-list-": About("pilots.ApprovalList"),
    "pilots:approval-list-create": About("pilots.PilotPlan"),
    "pilots:plan-": About("pilots.PilotPlan", "pilots.plan_see"),
    "venues:application-": About("venues.SiteApplication", "venues.application_see"),
    "venues:file-": About("venues.SiteApplication"),
    "venues:site-": About("venues.ExamSite", "venues.site_see"),
    "bank:item-": About("bank.Item"),
    "bank:paper-": About("bank.Paper"),
    "registration:plan-level-": About("registration.ExamPlanLevel", "registration.plan_level_see"),
    "registration:plan-": About("registration.ExamPlan", "registration.plan_see"),
    "registration:student-": About("registration.Student", "registration.student_see"),
    "registration:places-": About("pilots.PilotApplication"),
    "registration:import-": About("registration.RosterImport", "registration.student_see"),
    "registration:entry-": About("registration.Entry", "registration.entry_see"),
    "sittings:level-": About("registration.ExamPlanLevel", "registration.plan_manage", (("state", "closed"),)),
    "sittings:plan-": About("registration.ExamPlan"),
    "sittings:session-": About("sittings.ExamSession", "sittings.see"),
    "sittings:session-room-": About("sittings.ExamSession", "sittings.staff"),
    "marking:session-": About("sittings.ExamSession", "", (("state__in", IN_ROOM),)),
    "marking:job-": About("marking.MarkingJob"),
    "results:level-": About("registration.ExamPlanLevel", "registration.plan_manage", (("state", "scoring"),)),
    "results:release-": About("results.ResultRelease"),
    "certificates:release-": About("results.ResultRelease"),
    "certificates:certificate-": About("certificates.Certificate", "certificates.see"),
    "certificates:certificate-paper": About("certificates.Certificate"),
    "notices:notice-": About("notices.Notice", own="user"),
    "notices:sending-": About("notices.Sending"),
    "examroom:room-": About("examroom.Room"),
    "examroom:seat-": About("examroom.Candidate"),
}
# Operations of the API; the walk over them fails for one that its document has and this table lacks.
BEHIND_TOKENS = {
    "api:read_token",
    "api:list_plans",
    "api:read_plan",
    "api:list_applications",
    "api:create_application",
    "api:read_application",
    "api:update_application",
    "api:read_places",
    "api:submit_application",
    "api:withdraw_application",
}
# Keywords that are no rows: values to try, for addresses whose secret or public word is the whole key.
WORDS: dict[str, str] = {
    "accounts:registration-status": "token",
    "accounts:registration-edit": "token",
    "accounts:registration-print": "token",
    "accounts:registration-link": "token",
    "accounts:captcha-picture": "token",
    "accounts:password-reset": "token",
    "accounts:activate": "token",
    "certificates:verify-qr": "token",
    "portal:standard-detail": "code",
    "portal:news-detail": "slug",
    "notices:template-edit": "code",
    "notices:template-reset": "code",
}


def addresses() -> list[Address]:
    """Every address there is, but the developers' gallery, which no server has, and what needs a token.

    Programs come to the API with a token and not with a session: test_api_walk goes there, over the API's own document.
    """
    return [one for one in _addresses(get_resolver()) if one.name != "dev-gallery" and one.name not in BEHIND_TOKENS]


def _addresses(resolver: URLResolver, namespace: str = "") -> Iterator[Address]:
    for one in resolver.url_patterns:
        if isinstance(one, URLPattern):
            permit = getattr(one.callback, "permit", "public")  # the API's own views are public
            yield Address(f"{namespace}{one.name}", tuple(one.pattern.converters), permit)
        else:
            yield from _addresses(one, f"{one.namespace}:" if one.namespace else namespace)


def about(address: Address) -> About | None:
    """The rows of an address, or None for one without rows. Raises LookupError when the table has no line for it."""
    if not set(address.keywords) - {"kind"} or address.name in WORDS:
        return None
    found = max((start for start in ROWS if address.name.startswith(start)), key=len, default="")
    if not found:
        raise LookupError(f"{address}: no line in tests/walks/table.py says which rows it is about")
    return ROWS[found]


MOVES = {"accounts:person-move": "suspend", "accounts:person-secure": "unlock"}  # others are refused as unknown moves
# Which number is asked for where a number is revealed.
FIELDS = {
    "registration.student": "phone",
    "registration.entry": "id_number",
    "accounts.institutionchange": "person_phone",
    "accounts.user": "phone",
}
# What these answer to whoever is let in, when nothing was chosen.
BY_THEMSELVES: dict[str, tuple[int, ...]] = {
    "accounts:sign-out": (302,),  # to the door, where else
    "accounts:hat-switch": (404,),  # no hat was named
    "accounts:person-secure": (302, 404),  # not for oneself, nor without the right to the act
    "accounts:session-end": (404,),  # no session was named
    "accounts:second-factor": (302,),  # nobody waits for it
    "accounts:passkey-enrol": (404,),  # not for an address of numbers
    "accounts:post-resume": (302,),  # nothing was kept
    "api:api-root": (404,),  # only the name under which the API hangs together
    "registration:photo-waiting": (200, 404),  # most students have no photo that waits
    "accounts:captcha-picture": (200, 404),  # the picture is the stranger's: for other browsers it is not there
}


def arguments(address: Address, row: Any) -> dict[str, Any] | None:
    """The keywords of an address for one row: its key, a move, a file of its own; None when it has no file."""
    found: dict[str, Any] = {}
    for keyword in address.keywords:
        if keyword == "move":
            found[keyword] = MOVES.get(address.name, "approve")
        elif keyword == "kind":
            found[keyword] = "name"
        elif keyword == "field":
            found[keyword] = FIELDS.get(row._meta.label_lower, "contact_phone")
        elif keyword == "user":
            hat = row.memberships.filter(is_active=True).exclude(role="student").first()
            if hat is None:
                return None
            found[keyword] = hat.user_id
        elif keyword == "file":
            file = Attachment.objects.filter(subject_type=row._meta.label_lower, subject_id=row.pk).first()
            if file is None:
                return None
            found[keyword] = file.pk
        else:
            found[keyword] = row.pk
    return found

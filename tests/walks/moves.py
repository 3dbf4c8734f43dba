"""Where each move of each flow is asked for, and the acts beside the flows. A new flow without a line here fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from onex.accounts.models import Membership
from onex.common.actors import Actor
from onex.common.permits import seen
from onex.common.workflow import FLOWS
from tests.walks.table import About, Address, about, addresses

# The address of each flow's moves, and which of that address's rows are in this flow.
FLOW_AT: dict[str, tuple[str, dict[str, Any]]] = {
    "accounts.administrator_change": ("accounts:change-move", {"kind": "administrator"}),
    "accounts.name_change": ("accounts:change-move", {"kind": "name"}),
    "accounts.recovery": ("accounts:change-move", {"kind": "recovery"}),
    "accounts.registration": ("accounts:registration-move", {}),
    "accounts.school": ("accounts:institution-move", {}),
    "bank.paper": ("bank:paper-move", {}),
    "certificates.certificate": ("certificates:certificate-move", {}),
    "marking.job": ("marking:job-mark", {}),
    "pilots.application": ("pilots:application-move", {"plan__requires_city_approval": False}),
    "pilots.application_by_city": ("pilots:application-move", {"plan__requires_city_approval": True}),
    "pilots.decision_batch": ("pilots:batch-move", {}),
    "pilots.plan": ("pilots:plan-move", {}),
    "portal.erasure": ("portal:erasure-move", {}),
    "registration.entry": ("registration:entry-move", {}),
    "registration.plan_level": ("registration:plan-level-move", {}),
    "registration.roster_import": ("registration:import-move", {}),
    "results.release": ("results:release-move", {}),
    "sittings.session": ("sittings:session-move", {}),
    "venues.site": ("venues:site-move", {}),
    "venues.site_application": ("venues:application-move", {}),
}
# Its moves are made by the program when papers are collected and marked: there is no address to ask.
WITHOUT_ADDRESS = {"marking.script": "marking.Script"}
# What changes a row beside the flows: for each value of `move` the permit, and the path to what it is asked of.
ACTS: dict[str, dict[str, tuple[str, str]]] = {
    "accounts:person-move": {
        "suspend": ("accounts.people_manage", "organisation"),
        "restore": ("accounts.people_manage", "organisation"),
        "remove": ("accounts.people_manage", "organisation"),
        "disable": ("accounts.account_disable", "user"),
        "enable": ("accounts.account_disable", "user"),
    },
    "accounts:person-secure": {
        "unlock": ("accounts.unlock", "user"),
        "end-sessions": ("accounts.session_end", "user"),
        "reset-factor": ("accounts.factor_reset", "user"),
    },
    "accounts:organisation-move": {
        "suspend": ("accounts.organisation_manage", ""),
        "restore": ("accounts.organisation_manage", ""),
    },
    "catalog:major-move": {
        "remove": ("accounts.school_edit", "school"),
        "renew": ("accounts.school_edit", "school"),
    },
    "registration:account-move": {
        "revoke": ("registration.student_account", ""),
        "disable": ("registration.student_account", ""),
        "enable": ("registration.student_account", ""),
    },
}
OF_PEOPLE = ("accounts:person-move", "accounts:person-secure")  # about a person in an organisation, so about a hat


@dataclass(frozen=True)
class Asked:
    """One move as it is asked for over the web."""

    flow: str  # "" for an act beside the flows
    address: Address
    name: str
    permit: str
    rows: QuerySet[Any]
    path: str = ""  # from the row to what the permit is asked of
    sources: tuple[str, ...] = ()  # the states it is made from

    def __str__(self) -> str:
        return f"{self.flow or self.address.name} {self.name}"

    @property
    def about(self) -> About:
        found = about(self.address)
        assert found is not None
        return found

    def visible(self, actor: Actor) -> QuerySet[Any]:
        """Those of the rows that the address shows to this hat."""
        if self.address.name in OF_PEOPLE:
            return _through(self.rows, "organisation", self.address.permit, actor)
        return self.rows.filter(pk__in=self.about.seen_by(actor, self.about.permit or self.address.permit).values("pk"))

    def reached(self, actor: Actor) -> QuerySet[Any]:
        """Those of the rows on which the permits table lets this hat make the move."""
        return _through(self.rows, self.path, self.permit, actor)

    def url(self, row: Any) -> str:
        kwargs = {"pk": row.pk}
        if self.address.name in OF_PEOPLE:
            kwargs = {"pk": row.organisation_id, "user": row.user_id}
        if "move" in self.address.keywords:
            kwargs["move"] = self.name
        return reverse(self.address.name, kwargs=kwargs)


def _through(rows: QuerySet[Any], path: str, permit: str, actor: Actor) -> QuerySet[Any]:
    if not path:
        return seen(permit, actor, rows)
    above = rows.model._meta.get_field(path).related_model
    return rows.filter(**{f"{path}__in": seen(permit, actor, above._base_manager.all()).order_by().values("pk")})


def moves() -> Iterator[Asked]:
    """Every move of every flow that has an address, and every act beside them.

    Raises LookupError for a flow that has neither an address nor a reason, and for an address with moves of no flow.
    """
    by_name = {one.name: one for one in addresses()}  # of two that differ in their keywords the longer one is the later
    for code, flow in sorted(FLOWS.items()):
        if code in WITHOUT_ADDRESS:
            continue
        if code not in FLOW_AT:
            raise LookupError(f"{code}: no line in tests/walks/moves.py says where its moves are asked for")
        name, where = FLOW_AT[code]
        rows = about(by_name[name]).rows.filter(**where)
        for move in flow.moves:
            yield Asked(code, by_name[name], move.name, move.permit, rows, sources=tuple(map(str, move.sources)))
    for address in addresses():
        if "move" in address.keywords and address.name not in {*ACTS, *(name for name, _ in FLOW_AT.values())}:
            raise LookupError(f"{address}: no line in tests/walks/moves.py says which moves it takes")
    hats = Membership.objects.filter(is_active=True).exclude(role="student").order_by("pk")
    for name, acts in ACTS.items():
        rows = hats if name in OF_PEOPLE else about(by_name[name]).rows
        for act, (permit, path) in acts.items():
            yield Asked("", by_name[name], act, permit, rows, path)

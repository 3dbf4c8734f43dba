"""What the pages of applications and of sites have in common: the tabs, the contact's facts, the timeline."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from onex.accounts.queries import school_of
from onex.common import reveal
from onex.common.actors import Role
from onex.common.masks import mask_email, mask_phone
from onex.common.permits import holds
from onex.common.queries import timeline_of
from onex.common.text import say
from onex.common.workflow import Workflow
from onex.venues import queries
from onex.venues.rules import CHECKS_KEPT, FLOW, VERBS, problems_on_apply

PERSONAL = {
    "contact_phone": reveal.Fact(say("联系人电话"), "contact_phone", mask_phone),
    "contact_email": reveal.Fact(say("联系人邮箱"), "contact_email", mask_email),
}


def tabs(request: Any, current: str) -> list[dict[str, Any]]:
    if not holds("venues.application_see", request.actor):
        return []  # a site's own people have nothing to do with how it came to be
    return [
        {
            "label": say("申报记录"),
            "url": reverse("venues:application-list"),
            "current": current == "application",
            "count": queries.applications_seen_by(request.actor).count(),
        },
        {
            "label": say("已设站点"),
            "url": reverse("venues:site-list"),
            "current": current == "site",
            "count": queries.sites_seen_by(request.actor).count(),
        },
    ]


def may_apply(request: Any) -> dict[str, Any] | None:
    """For a school: whether it may apply to any organisation, and if not, why not. None for others."""
    if not holds("venues.application_create", request.actor):
        return None
    school, reasons = school_of(request.actor), []
    for organisation in queries.organisations():
        found = problems_on_apply(
            queries.is_pilot_for(school, organisation, request.at), queries.is_site(school, organisation)
        )
        if not found and queries.open_application(school, organisation) is None:
            return {"may": True, "reasons": []}
        reasons.extend(found)
    return {"may": False, "reasons": list(dict.fromkeys(reasons))}


def told(row: Any, flow: Workflow = FLOW) -> list[dict[str, Any]]:
    """The timeline in words, newest first; saving and uploading again in one sitting is told once."""
    found: list[dict[str, Any]] = []
    for trace in timeline_of(row):
        move = next((step.label for step in flow.moves if step.name == trace.verb), None)
        quiet = trace.verb == "update"
        if quiet and found and found[-1]["verb"] == "update" and found[-1]["who"] == trace.actor_label:
            found.pop()
        found.append(
            {
                "verb": trace.verb,
                "who": trace.actor_label,
                "at": trace.at,
                "what": move or VERBS.get(trace.verb) or flow.act(trace.verb),
                "note": _note_of(trace),
                "hat": Role(trace.hat).label,
                "state": flow.word(trace.to_state) if move else "",
                "tone": flow.tone(trace.to_state) if move else "neutral",
            }
        )
    return found[::-1]


def _note_of(trace: Any) -> Any:
    """What was said, and what the reviewer confirmed of the stamped form."""
    kept = [str(CHECKS_KEPT[tick]) for tick in CHECKS_KEPT if tick in trace.data.get("checked", ())]
    confirmed = str(say("已核对盖章版：{what}", what="、".join(kept))) if kept else ""
    return "\n".join(one for one in (confirmed, trace.note) if one)

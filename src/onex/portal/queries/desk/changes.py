"""What others did lately to rows that somebody may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q

from onex.accounts.models import InstitutionChange, InstitutionRegistration
from onex.accounts.rules import ADMINISTRATOR_CHANGE, CHANGE_KIND_LABELS, REGISTRATION, ChangeKind
from onex.bank.models import Paper
from onex.bank.rules import PAPER
from onex.common.actors import Actor
from onex.common.models import Trace
from onex.common.permits import holds, seen
from onex.common.text import Say, say
from onex.common.workflow import Workflow
from onex.pilots.models import PilotApplication, PilotPlan
from onex.pilots.rules import (
    APPLICATION_BY_CITY,
    PLAN,
    batch_label,
)
from onex.portal.rules import Change
from onex.registration.models import ExamPlanLevel
from onex.registration.rules.plans import LEVEL_FLOW
from onex.results.models import ResultRelease
from onex.results.rules import RELEASE
from onex.sittings.models import ExamSession
from onex.sittings.rules import SESSION
from onex.venues.models import SiteApplication
from onex.venues.rules import FLOW as SITE_FLOW

LATELY = timedelta(days=7)
SHOWN_CHANGES = 8


@dataclass(frozen=True)
class Subject:
    """A kind of row whose moves are told to those who may see it."""

    model: Any
    permit: str
    flow: Workflow
    address: str
    words: Callable[[Any], Say]  # how a change names its row
    related: tuple[str, ...] = ()
    key: str = "pk"  # what the address takes
    with_note: bool = False  # the reason is written for whoever may see the row


def _level_words(plan_level: ExamPlanLevel) -> dict[str, Any]:
    return {"plan": plan_level.plan.title, "level": Say(plan_level.level.name)}


SUBJECTS = (
    Subject(
        PilotPlan,
        "pilots.plan_see",
        PLAN,
        "pilots:plan-detail",
        lambda row: say("{year} 年{batch}证书申报计划", year=row.year, batch=batch_label(row.batch)),
    ),
    Subject(
        PilotApplication,
        "pilots.application_see",
        APPLICATION_BY_CITY,
        "pilots:application-detail",
        lambda row: say("{school} · {level}", school=row.school.name, level=Say(row.level.name)),
        ("school", "level"),
        with_note=True,
    ),
    Subject(
        InstitutionRegistration,
        "accounts.registration_see",
        REGISTRATION,
        "accounts:registration-detail",
        lambda row: say("院校注册：{name}", name=row.name),
        with_note=True,
    ),
    Subject(
        InstitutionChange,
        "accounts.change_see",
        ADMINISTRATOR_CHANGE,  # the longest of the three tables
        "accounts:change-detail",
        lambda row: say("{kind}：{school}", kind=CHANGE_KIND_LABELS[ChangeKind(row.kind)], school=row.school.name),
        ("school",),
        with_note=True,
    ),
    Subject(
        SiteApplication,
        "venues.application_see",
        SITE_FLOW,
        "venues:application-detail",
        lambda row: say("考核站点申请：{name}", name=row),
        with_note=True,
    ),
    Subject(
        ExamPlanLevel,
        "registration.plan_level_see",
        LEVEL_FLOW,
        "registration:plan-detail",
        lambda row: say("{plan} · {level}", **_level_words(row)),
        ("plan", "level"),
        key="plan_id",
    ),
    Subject(
        ExamSession,
        "sittings.see",
        SESSION,
        "sittings:session-detail",
        lambda row: say("{plan} · {level} · {site}", **_level_words(row.plan_level), site=row.site.name),
        ("plan_level__plan", "plan_level__level", "site"),
    ),
    Subject(
        ResultRelease,
        "results.manage",
        RELEASE,
        "results:release-detail",
        lambda row: say("成绩：{plan} · {level}", **_level_words(row.plan_level)),
        ("plan_level__plan", "plan_level__level"),
    ),
    Subject(Paper, "bank.see", PAPER, "bank:paper-detail", lambda row: say("试卷：{title}", title=row.title)),
)


def changes_for(actor: Actor, at: datetime) -> list[Change]:
    """What others did in the last days to rows this actor may see, the newest first.

    One query for the traces and one for each kind of row among them, whatever their number.
    """
    kinds = {one.model._meta.label_lower: one for one in SUBJECTS if holds(one.permit, actor)}
    if not kinds:
        return []
    visible = Q()
    for label, kind in kinds.items():
        rows = seen(kind.permit, actor, kind.model.objects.all()).order_by().values("pk")
        visible |= Q(subject_type=label, subject_id__in=rows)
    traces = Trace.objects.filter(visible, at__gt=at - LATELY, at__lte=at).exclude(actor_id=actor.user_id)
    moves = traces.exclude(from_state="").exclude(from_state=F("to_state"))
    found = list(moves.order_by("-at", "-id")[:SHOWN_CHANGES])
    subjects = _subjects_of(found, kinds)
    return [_change(trace, kinds[trace.subject_type], subjects[trace.subject_id]) for trace in found]


def _subjects_of(traces: Iterable[Trace], kinds: dict[str, Subject]) -> dict[Any, Any]:
    wanted: dict[str, set[Any]] = {}
    for trace in traces:
        wanted.setdefault(trace.subject_type, set()).add(trace.subject_id)
    found: dict[Any, Any] = {}
    for label, keys in wanted.items():
        rows = kinds[label].model.objects.filter(pk__in=keys)
        related = kinds[label].related
        found |= {row.pk: row for row in (rows.select_related(*related) if related else rows)}
    return found


def _change(trace: Trace, kind: Subject, row: Any) -> Change:
    flow = kind.flow
    verbs = {move.name: move.label for move in flow.moves}
    is_known = trace.to_state in {state.value for state in flow.states}
    return Change(
        at=trace.at,
        who=trace.actor_label,
        what=verbs.get(trace.verb, Say(trace.verb)),
        state=flow.word(trace.to_state) if is_known else Say(trace.to_state),
        tone=flow.tone(trace.to_state) if is_known else "neutral",
        subject=kind.words(row),
        note=trace.note if kind.with_note else "",
        address=kind.address,
        args=(getattr(row, kind.key),),
    )

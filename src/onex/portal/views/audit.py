"""The log for auditors and the security administrator, and the daily roots for everybody."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import resolve, reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe

from onex.common import audit_chain, audit_check, exports, sheets
from onex.common.actors import Actor
from onex.common.masks import mask_numbers
from onex.common.models import Trace
from onex.common.pages import get_or_404, page_of, permit, public, sorted_by
from onex.common.permits import holds
from onex.common.text import Say, say
from onex.common.ui.words import role_word
from onex.portal.queries import audit as queries
from onex.portal.rules import ALARM_VERBS, ALARMS, DATA_WORDS, OUTCOMES, state_word, verb_choices, verb_word

SORTS = {"at": "at", "who": "actor_label"}
CHIPS: tuple[tuple[Say, str], ...] = (
    (say("全部"), ""),
    (say("告警"), "alarm"),
    (say("被拒绝与失败"), "trouble"),
    (say("登录与身份"), "door"),
    (say("导出与打印"), "out"),
    (say("试卷与启封"), "secret"),
    (say("评分与成绩"), "score"),
)
COLUMNS = (
    sheets.Column("at", say("时间"), 20),
    sheets.Column("who", say("操作人"), 32),
    sheets.Column("hat", say("身份"), 14),
    sheets.Column("address", say("来源地址"), 18),
    sheets.Column("verb", say("操作"), 16),
    sheets.Column("outcome", say("结果"), 10),
    sheets.Column("subject", say("对象类型"), 18),
    sheets.Column("row", say("对象"), 38),
    sheets.Column("from_state", say("原状态"), 12),
    sheets.Column("to_state", say("新状态"), 12),
    sheets.Column("note", say("说明"), 40),
    sheets.Column("data", say("附加数据"), 60),
    sheets.Column("id", say("记录编号"), 38),
)
SHOWN_ROOTS, TOLD_ROOTS = 30, 1_200  # days: on the page; in the JSON, three years


def _found(request: Any) -> Any:
    rows = queries.traces_found(queries.traces_seen_by(request.actor), queries.Asked.of(request.GET))
    return sorted_by(request, rows, SORTS)


@permit("portal.audit_see")
def audit_list(request: Any) -> HttpResponse:
    asked = queries.Asked.of(request.GET)
    page = page_of(request, _found(request), size=50)
    context = {
        "page": page,
        "lines": [_line(trace) for trace in page],
        "chips": [{"label": label, "value": value} for label, value in CHIPS],
        "asked": asked,
        "verbs": verb_choices(),
        "subjects": queries.subject_choices(),
        "outcomes": [(value, word) for value, (word, _) in OUTCOMES.items()],
        "alarm_count": queries.alarm_count(request.actor, request.at),
        "days": queries.ALARM_DAYS,
        "export": reverse("portal:audit-export"),
    }
    return render(request, "portal/audit_list.html", context)


def _line(trace: Trace) -> dict[str, Any]:
    outcome, tone = OUTCOMES.get(trace.outcome, (trace.outcome, "neutral"))
    is_alarm = trace.verb in ALARM_VERBS
    return {
        "trace": trace,
        "verb": verb_word(trace.verb, trace.subject_type),
        "hat": role_word(trace.hat),
        "outcome": outcome,
        "tone": "bad" if is_alarm else tone,
        "is_alarm": is_alarm,
        "alarm": ALARMS.get(str(trace.data.get("kind", "")), "") if is_alarm else "",
        "subject": queries.subject_word(trace.subject_type),
        "note": mask_numbers(trace.note),
    }


@permit("portal.audit_see")
def audit_export(request: Any) -> Any:
    """Exactly the list that is shown, as Excel."""
    return exports.respond(request, f"{say('审计日志')}.xlsx", COLUMNS, _found(request), _sheet_line)


def _sheet_line(trace: Trace) -> dict[str, Any]:
    line = _line(trace)
    return {
        "at": f"{localtime(trace.at):%Y-%m-%d %H:%M:%S}",
        "who": trace.actor_label,
        "hat": line["hat"],
        "address": trace.address,
        "verb": line["alarm"] or line["verb"],
        "outcome": line["outcome"],
        "subject": line["subject"],
        "row": trace.subject_id or "",
        "from_state": _state(trace.from_state, trace)[0],
        "to_state": _state(trace.to_state, trace)[0],
        "note": line["note"],
        "data": json.dumps(trace.data, ensure_ascii=False) if trace.data else "",
        "id": trace.pk,
    }


def _state(state: str, trace: Trace) -> tuple[Any, str]:
    return state_word(state, trace.subject_type) if state else ("", "neutral")


@permit("portal.audit_see")
def audit_detail(request: Any, pk: str) -> HttpResponse:
    """One record: what, who, from where, before and after, its data, and whether it is as it was written."""
    trace = get_or_404(queries.traces_seen_by(request.actor), pk=pk)
    context = {
        **_line(trace),
        "before": _state(trace.from_state, trace),
        "after": _state(trace.to_state, trace),
        "data": [(DATA_WORDS.get(key, key), _told(value)) for key, value in trace.data.items()],
        "place": audit_check.place_of(trace),
        "url": _address_of(trace, request.actor),
    }
    return render(request, "portal/audit_detail.html", context)


def _told(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _address_of(trace: Trace, actor: Actor) -> str:
    """The page of the row the trace is about, for the kinds that have one, when this hat may open it."""
    kind = queries.subject_in_reach(trace, actor)
    if kind is None or kind.key != "pk":
        return ""
    url = reverse(kind.address, args=[trace.subject_id])
    return url if holds(getattr(resolve(url).func, "permit", ""), actor) else ""


@public
@require_safe
def root_list(request: Any) -> HttpResponse:
    """审计存证: the head of the log at the end of each day, for everybody to copy."""
    context = {"roots": audit_chain.roots(SHOWN_ROOTS)}
    return render(request, "portal/root_list.html", context)


@public
@require_safe
def root_data(request: Any) -> HttpResponse:
    """The same as JSON, for three years: what `audit verify --roots` takes."""
    told = [
        {"day": root.day.isoformat(), "seq": root.seq, "digest": root.digest, "made_at": root.made_at.isoformat()}
        for root in audit_chain.roots(TOLD_ROOTS)
    ]
    answer = JsonResponse({"algorithm": "sha256-chain-1", "roots": told}, json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = 'attachment; filename="onex-audit-roots.json"'
    return answer

"""审核工作台: what waits for this reviewer, who has it in hand, and how much each signal counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onex.accounts.queries import province_of
from onex.catalog.rules import LEVEL_LABELS, Level
from onex.common.actors import Role
from onex.common.pages import ActorRequest, page_of, permit, typed
from onex.common.text import Refused, say
from onex.pilots import queries, services
from onex.pilots.models import PilotApplication
from onex.pilots.queries import Waiting
from onex.pilots.rules import (
    MOST_WEIGHT,
    POSSIBLE,
    SIGNAL_LABELS,
    SIGNAL_MARKS,
    ApplicationState,
    Decision,
    Signal,
    batch_label,
)
from onex.pilots.views.deciding import CANNED
from onex.pilots.views.queueing import address_of, asked_of, chosen

SHOWN = 50  # on one page: an officer with 300 to decide wants few pages


@permit("pilots.queue_see")
def review_queue(request: ActorRequest) -> HttpResponse:
    """The waiting applications by risk and age, with filters, assignment and decisions on many at once."""
    return queue_page(request)


def queue_page(request: ActorRequest, problems: Any = (), status: int = 200) -> HttpResponse:
    everything = queries.queue_of(request.actor, typed(request.GET, "q"))
    queue = chosen(everything, request)
    page = page_of(request, queue, SHOWN)
    asked = asked_of(request.GET)
    by_key = {one.pk: one for one in page}
    rows = queries.applications_by_key(request.actor, list(by_key))
    context = {
        "page": page,
        "lines": [_line(row, by_key[row.pk], asked) for row in rows],
        "total": len(everything),
        "requested": sum(one.requested_count for one in queue),
        "marked": sum(bool(one.signals) for one in queue),
        "oldest_days": max(((request.at - one.submitted_at).days for one in queue), default=0),
        "whose": _whose(request, chosen(everything, request, besides="who")),
        "signals": _signal_chips(chosen(everything, request, besides="signal")),
        "filters": _filters(everything, request),
        "colleagues": queries.colleagues_of(request.actor),
        "decisions": _decisions(request.actor.role),
        "canned": CANNED["return"] + CANNED["reject"],
        "is_province": request.actor.role == Role.PROVINCE,
        "asked": asked,
        "chosen": set(request.POST.getlist("pk")),
        "typed_note": typed(request.POST, "note"),
        "problems": problems,
    }
    return render(request, "pilots/review_queue.html", context, status=status)


def _line(row: Any, light: Waiting, asked: str) -> dict[str, Any]:
    return {
        "row": row,
        "batch": batch_label(row.plan.batch),
        "url": address_of(row.pk, asked),
        "signals": [
            {"mark": SIGNAL_MARKS[signal], "label": SIGNAL_LABELS[signal]}
            for signal in Signal
            if signal in light.signals
        ],
        "risk": light.risk,
        "is_conflict": light.is_conflict,
    }


def _whose(request: ActorRequest, queue: list[Waiting]) -> list[dict[str, Any]]:
    mine = sum(one.assignee_id == request.actor.user_id for one in queue)
    free = sum(one.assignee_id is None for one in queue)
    return [
        {"label": _("全部"), "value": "", "count": len(queue)},
        {"label": _("我的"), "value": "mine", "count": mine},
        {"label": _("未分派"), "value": "free", "count": free},
    ]


def _signal_chips(queue: list[Waiting]) -> list[dict[str, Any]]:
    counts = queries.signal_counts(queue)
    found = [
        {"label": SIGNAL_LABELS[signal], "value": signal.value, "count": counts[signal]}
        for signal in Signal
        if counts[signal]
    ]
    plain = sum(not one.signals for one in queue)
    if not found:
        return []
    every = {"label": _("不限提示"), "value": "", "count": len(queue)}
    return [every, *found, {"label": _("无提示"), "value": "none", "count": plain}]


def _filters(queue: list[Waiting], request: ActorRequest) -> list[dict[str, Any]]:
    """The choices there are in the queue, each with how many it would leave; one that chooses nothing is left out."""
    choices: tuple[tuple[str, Any, Iterable[tuple[Any, Any]]], ...] = (
        ("plan", _("申报计划"), ((one.plan_id, f"{one.year} {batch_label(one.batch)}") for one in queue)),
        ("batch", _("申报批次"), ((one.batch, batch_label(one.batch)) for one in queue)),
        ("certificate", _("证书"), ((one.certificate_id, one.certificate) for one in queue)),
        ("level", _("等级"), ((one.level, LEVEL_LABELS[Level(one.level)]) for one in queue)),
        ("city", _("地市"), ((one.city_id, one.city) for one in queue if one.city_id)),
    )
    found = []
    for name, label, pairs in choices:
        counts = Counter((str(value), str(word)) for value, word in pairs)
        if len(counts) > 1 or typed(request.GET, name):
            now = typed(request.GET, name)
            options = [
                {"value": value, "label": word, "count": n, "chosen": value == now}
                for (value, word), n in sorted(counts.items(), key=lambda one: one[0][1])
            ]
            found.append({"name": name, "label": label, "options": options})
    return found


def _decisions(role: Role) -> list[dict[str, Any]]:
    state = ApplicationState.CITY_REVIEW if role == Role.CITY else ApplicationState.PROVINCE_REVIEW
    labels = {
        Decision.APPROVE: say("按申请人数通过"),
        Decision.PASS: say("同意并报省级审核"),
        Decision.RETURN: say("退回修改"),
        Decision.REJECT: say("不予通过"),
    }
    return [{"value": one.value, "label": labels[one]} for one in POSSIBLE[state]]


# --- who has it in hand --------------------------------------------------------------------------------------------


@permit("pilots.assign")
@require_POST
def review_assign(request: ActorRequest) -> HttpResponse:
    """The ticked applications go to a colleague: `to` is a person's key, "me", or "" for nobody; `take` one's own."""
    who: dict[str, Any] = {"by": request.actor, "at": request.at}
    back = reverse("pilots:review-queue") + (f"?{asked}" if (asked := asked_of(request.GET)) else "")
    keys = [request.POST["take"]] if request.POST.get("take") else request.POST.getlist("pk")
    try:
        rows = still_waiting(request, keys)
        if not rows:
            raise Refused(say("没有选中任何待审核的申报，请先勾选。"))
        if request.POST.get("take"):
            services.take_application(rows[0], **who)
            messages.success(request, _("已领取“%(school)s”的申报。") % {"school": rows[0].school.name})
            return redirect(back)
        to = typed(request.POST, "to")
        person = queries.colleague_by_key(request.actor, str(request.actor.user_id) if to == "me" else to)
        if to and person is None:
            raise Refused(say("只能分派给本机构同一身份的同事。"))
        n = services.assign_applications(rows, person, **who)
    except Refused as refused:
        return queue_page(request, refused.reasons, status=409)
    if n:
        told = _("已把 %(n)s 份分派给%(name)s。") if person else _("已取消 %(n)s 份的分派。")
        messages.success(request, told % {"n": n, "name": person.name if person else ""})
    else:
        messages.info(request, _("经办人没有变化。"))
    return redirect(back)


def still_waiting(request: ActorRequest, texts: Iterable[str]) -> list[PilotApplication]:
    """The ticked applications that wait for this reviewer; of the others it is said that there are some.

    Raises Refused when none of them waits any more.
    """
    keys = _keys_of(texts)
    rows = queries.applications_by_key(request.actor, keys)
    if keys and not rows:
        raise Refused(say("所选的申报都已不在待审核之列，下面是现在的情况，请重新选择。"))
    if gone := len(set(keys)) - len(rows):
        messages.warning(request, _("所选的申报中有 %(n)s 份已不在待审核之列，没有包括在内。") % {"n": gone})
    return rows


def _keys_of(texts: Iterable[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


# --- how much each signal counts -------------------------------------------------------------------------------------


@permit("pilots.signals_manage")
def signal_weights(request: ActorRequest) -> HttpResponse:
    """审核提示权重 of the actor's province; `then=reset` goes back to the defaults."""
    province = province_of(request.actor)
    who: dict[str, Any] = {"by": request.actor, "at": request.at}
    problems: Any = ()
    if request.method == "POST":
        try:
            if request.POST.get("then") == "reset":
                services.reset_weights(province, **who)
                messages.success(request, _("已恢复默认权重。"))
            else:
                services.set_weights(province, {one: _weight(typed(request.POST, one)) for one in Signal}, **who)
                messages.success(request, _("权重已保存，审核工作台已按新权重排序。"))
            return redirect("pilots:signal-weights")
        except Refused as refused:
            problems = refused.reasons
    now, defaults = queries.weights_of(province.pk), queries.default_weights()
    lines = [
        {
            "signal": one,
            "label": SIGNAL_LABELS[one],
            "help": SIGNAL_HELP[one],
            "default": defaults[one],
            "value": typed(request.POST, one) if problems else now[one],
        }
        for one in Signal
    ]
    context = {"lines": lines, "most": MOST_WEIGHT, "is_default": now == defaults, "problems": problems}
    return render(request, "pilots/signal_weights.html", context, status=422 if problems else 200)


def _weight(text: str) -> int:
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 4 else -1


SIGNAL_HELP = {
    Signal.MORE_THAN_ROSTER: say("申请人数多于学生名单中拟申报专业（未填则全部对应专业）的在籍学生。"),
    Signal.LITTLE_USED: say("同一院校同一证书等级，上年度各批次使用的名额合计不到批准的一半。"),
    Signal.SAME_TEXT: say("师资情况或场地情况去掉空格和标点后，与其他院校任一年度提交的完全相同。"),
    Signal.FEW_MACHINES: say("填写了学生机台数，且不到申请人数的四分之一。"),
    Signal.MATERIAL_MISSING: say("申报计划要求必须上传的材料，有一项没有文件。"),
}

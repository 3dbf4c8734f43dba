"""Pages of marking: the organisation's progress, the assessor's queue and marking page."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from onex import items
from onex.bank import services as bank
from onex.bank.rules import Part
from onex.common.pages import chips_of, get_or_404, page_of, permit, sorted_by, typed
from onex.common.queries import timeline_of
from onex.common.text import Refused, say
from onex.marking import queries, services
from onex.marking.forms import MarkForm
from onex.marking.rules import CHAIN_LABELS, SCRIPT, STRAY_LABELS, JobState
from onex.sittings.rules import SESSION, SessionState

SORTS = {"starts_at": "slot__starts_at", "site": "site__name", "waiting": "waiting_count"}


@permit("marking.collect")
def session_list(request: Any) -> HttpResponse:
    text, state = typed(request.GET, "q").strip(), typed(request.GET, "state")
    found = sorted_by(request, queries.sessions_seen_by(request.actor, text, state), SORTS)
    counts = queries.session_counts(request.actor)
    words = {SessionState.PUBLISHED: say("待收卷"), SessionState.ENDED: say("已收卷")}
    chips = chips_of(counts, words)
    context = {"page": page_of(request, found), "flow": SESSION, "chips": chips}
    return render(request, "marking/session_list.html", context)


@permit("marking.collect")
def session_detail(request: Any, pk: str) -> HttpResponse:
    return _detail(request, get_or_404(queries.sessions_seen_by(request.actor), pk=pk))


def _detail(request: Any, session: Any, problems: Any = (), status: int = 200) -> HttpResponse:
    progress = queries.progress_of(session)
    is_collected = session.state == SessionState.ENDED
    page = page_of(request, queries.seats_with_scripts(session), size=50)
    context = {
        "session": session,
        "session_flow": SESSION,
        "flow": SCRIPT,
        "page": page,
        "lines": [(seat, _scripts_of(seat)) for seat in page],
        "chains": CHAIN_LABELS,
        "strays": [(stray, STRAY_LABELS.get(stray.reason, stray.reason)) for stray in queries.strays_of(session)],
        "progress": progress,
        "is_collected": is_collected,
        "steps": _steps(is_collected, progress),
        "timeline": timeline_of(session).reverse(),
        "problems": problems,
    }
    return render(request, "marking/session_detail.html", context, status=status)


def _scripts_of(seat: Any) -> list[Any]:
    """The candidate's scripts in the order of the parts; None for a part that has not come."""
    found = {script.part: script for script in seat.entry.scripts.all()}
    return [found.get(part.value) for part in Part]


def _steps(is_collected: bool, progress: dict[str, int]) -> list[dict[str, Any]]:
    """考试 → 收卷与机器评分 → 考评员评分 → 完成, and where the session stands."""
    words = [say("考试"), say("收卷与机器评分"), say("考评员评分"), say("全部评完")]
    place = 1 if not is_collected else 2 if progress["waiting"] else 4
    notes = {2: say("还有 {n} 份答卷待评分", n=progress["waiting"])} if progress["waiting"] else {}
    return [
        {
            "label": word,
            "state": "done" if n < place else "current" if n == place else "todo",
            "note": notes.get(n, ""),
        }
        for n, word in enumerate(words)
    ]


@permit("marking.collect")
@require_POST
def session_collect(request: Any, pk: str) -> HttpResponse:
    session = get_or_404(queries.sessions_seen_by(request.actor), pk=pk)
    try:
        new = services.collect(session, by=request.actor, at=request.at)
    except Refused as refused:
        return _detail(request, session, refused.reasons, status=409)
    messages.success(request, str(say("已收卷：新收 {n} 份答卷。", n=new)))
    return redirect("marking:session-detail", pk=session.pk)


@permit("marking.mark")
def job_list(request: Any) -> HttpResponse:
    queue = queries.queue_of(request.actor)
    bank.note_list([row["item"] for row in queue], by=request.actor, at=request.at)
    context = {
        "queue": queue,
        "waiting_count": queries.jobs_for(request.actor).count(),
        "marked_count": queries.marked_count(request.actor),
        "first": queries.jobs_for(request.actor).first(),
    }
    return render(request, "marking/job_list.html", context)


@permit("marking.mark")
def job_mark(request: Any, pk: str) -> HttpResponse:
    """One job: the task and the answer at the left, the criteria at the right, the next one after."""
    job = get_or_404(queries.jobs_seen_by(request.actor), pk=pk)
    if job.state != JobState.WAITING:
        # The page was open while somebody else, or the same person elsewhere, marked it.
        return _already_marked(request, job)
    score = queries.scores_of(job.script)[job.item]
    form = MarkForm(request.POST or None, score=score)
    problems: tuple[Any, ...] = ()
    status = 200 if request.method == "GET" else 422
    before, after = queries.neighbours_of(request.actor, job)
    if request.method == "POST" and form.is_valid():
        try:
            services.mark(job, form.points(), remark=form.cleaned_data["remark"], by=request.actor, at=request.at)
        except Refused as refused:
            problems, status = refused.reasons, 409
        else:
            messages.success(request, str(say("{number} 号已评分。", number=job.number)))
            return redirect("marking:job-mark", pk=after.pk) if after else redirect("marking:job-list")
    services.note_view(job, by=request.actor, at=request.at)
    content = queries.content_of(job)
    context = {
        "job": job,
        "content": content,
        "shown": items.public(content),
        "answer": job.script.answers.get(job.item, ""),
        "notes": score.notes,
        "form": form,
        "total": f"{sum((c.points for c in form.criteria), Decimal(0)).normalize():f}",
        "problems": problems,
        "waiting_count": queries.jobs_for(request.actor).count(),
        "before": before,
        "after": after,
    }
    return render(request, "marking/job_mark.html", context, status=status)


def _already_marked(request: Any, job: Any) -> HttpResponse:
    context = {
        "job": job,
        "problems": [say("这份答卷已评分，您刚才填写的分数没有保存。")] if request.method == "POST" else [],
        "following": queries.jobs_for(request.actor).first(),
    }
    return render(request, "marking/job_done.html", context, status=409 if request.method == "POST" else 200)

"""Pages of marking: the organisation's progress, the assessor's queue and marking page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from onex import items
from onex.common.pages import get_or_404, page_of, permit
from onex.common.text import Refused, say
from onex.marking import queries, services
from onex.marking.forms import MarkForm
from onex.marking.rules import SCRIPT
from onex.sittings.rules import SESSION


@permit("marking.collect")
def session_list(request: Any) -> HttpResponse:
    context = {"page": page_of(request, queries.sessions_seen_by(request.actor)), "flow": SESSION}
    return render(request, "marking/session_list.html", context)


@permit("marking.collect")
def session_detail(request: Any, pk: str) -> HttpResponse:
    return _detail(request, get_or_404(queries.sessions_seen_by(request.actor), pk=pk))


def _detail(request: Any, session: Any, problems: Any = (), status: int = 200) -> HttpResponse:
    context = {
        "session": session,
        "session_flow": SESSION,
        "flow": SCRIPT,
        "scripts": queries.scripts_of(session),
        "problems": problems,
    }
    return render(request, "marking/session_detail.html", context, status=status)


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
    context = {
        "page": page_of(request, queries.jobs_for(request.actor)),
        "marked_count": queries.marked_count(request.actor),
    }
    return render(request, "marking/job_list.html", context)


@permit("marking.mark")
def job_mark(request: Any, pk: str) -> HttpResponse:
    """One job: the task and the answer at the left, the criteria at the right, the next one after."""
    job = get_or_404(queries.jobs_for(request.actor), pk=pk)
    content = queries.content_of(job)
    score = queries.scores_of(job.script)[job.item]
    form = MarkForm(request.POST or None, score=score)
    problems: tuple[Any, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            services.mark(job, form.points(), remark=form.cleaned_data["remark"], by=request.actor, at=request.at)
        except Refused as refused:
            problems = refused.reasons
        else:
            messages.success(request, str(say("{number} 号已评分。", number=job.number)))
            following = queries.jobs_for(request.actor).first()
            return redirect("marking:job-mark", pk=following.pk) if following else redirect("marking:job-list")
    context = {
        "job": job,
        "content": content,
        "shown": items.public(content),
        "answer": job.script.answers.get(job.item, ""),
        "notes": score.notes,
        "form": form,
        "problems": problems,
        "waiting_count": queries.jobs_for(request.actor).count(),
    }
    return render(request, "marking/job_mark.html", context, status=200 if request.method == "GET" else 422)

"""The home of a role: what waits, what changed, three figures, one next step."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from onex.common.pages import signed_in
from onex.common.permits import holds
from onex.portal.queries.desk import LATELY, desk_of
from onex.portal.rules import Task, greeting


@signed_in
def desk(request: Any) -> HttpResponse:
    """Everything in the order it should be done."""
    found = desk_of(request.actor, request.at)
    following = found.next_task
    context = {
        "desk": found,
        "heading": greeting(request.actor.name, found.count),
        "tasks": [{"task": task, "url": url_of(task), "is_next": task is following} for task in found.tasks],
        "figures": [{"figure": figure, "url": reverse(figure.address)} for figure in found.figures],
        "changes": [{"change": change, "url": reverse(change.address, args=change.args)} for change in found.changes],
        "days": LATELY.days,
        "may_subscribe": holds("registration.plan_see", request.actor),
        "start_url": reverse(found.start.address, args=found.start.args),
    }
    return render(request, "portal/desk.html", context)


def url_of(task: Task) -> str:
    """Where the task is done."""
    return reverse(task.address, args=task.args) + task.query

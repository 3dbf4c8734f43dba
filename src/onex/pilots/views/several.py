"""一次申报多个级别: levels ticked with a number each, what they share written once; one application for each level."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from onex.accounts.queries import school_of
from onex.common.pages import ActorRequest, get_or_404, permit, typed
from onex.common.text import Refused
from onex.pilots import queries, services
from onex.pilots.forms import SeveralForm, initial_of_start
from onex.pilots.rules import EDITABLE, batch_label
from onex.pilots.views import filing_shown as shown


@permit("pilots.application_create")
def application_several(request: ActorRequest, plan: UUID) -> HttpResponse:
    """Every level open under the plan as a line; `?start=<application>` begins with the texts of an earlier one."""
    found = get_or_404(queries.plans_seen_by(request.actor, request.at), pk=plan)
    school = school_of(request.actor)
    if request.method == "POST":
        form = SeveralForm(request.POST, request.FILES, plan=found, school=school)
        return _kept_by_itself(request, form) if request.headers.get("X-Autosave") else _kept(request, form)
    problems = shown.window_problems(found, request.at)
    if problems:
        raise Refused(*problems)
    start = queries.start_of(school, typed(request.GET, "start"))
    form = SeveralForm(plan=found, school=school, initial=initial_of_start(start))
    return _page(request, form, started=shown.label_of(start) if start is not None else "")


def _kept(request: ActorRequest, form: SeveralForm) -> HttpResponse:
    if not form.is_sound() or not form.picked:
        return _page(request, form, problems=_mistakes(form), status=422)
    submit = request.POST.get("then") != "save"
    kept = services.keep_levels(
        form.plan, form.inputs(), by=request.actor, at=request.at, submit=submit, uploads=form.uploads()
    )
    _drop(request, form)
    refused = _tell(form, kept)
    done = [one for one in kept if one.is_submitted] if submit else [one for one in kept if one.is_kept]
    if done:
        names = "、".join(one.level.short_name for one in done)
        words = (
            _("已提交 %(n)s 个级别，等待审核：%(names)s。")
            if submit
            else _("已保存 %(n)s 个级别为草稿，尚未提交：%(names)s。")
        )
        messages.success(request, words % {"n": len(done), "names": names})
    if not refused:
        return redirect(reverse("pilots:application-list") + f"?plan={form.plan.pk}")
    if done:
        sentence = _("%(n)s 个级别没有办成，原因写在各级别下面；其余的已经办好。") % {"n": refused}
    elif any(one.is_kept for one in kept):
        sentence = _("已保存为草稿，但没有提交，原因写在各级别下面。")
    else:
        sentence = _("没有保存，原因写在各级别下面。")
    return _page(request, form, problems=[sentence], status=409)


def _mistakes(form: SeveralForm) -> list[str]:
    """What the head of the page says of mistakes that stand further down, beside their levels."""
    if not form.picked:
        return [_("请至少勾选一个级别。")]
    n = sum(1 for line in form.picked if line.errors)
    if not n:
        return []
    words = ngettext(
        "%(n)s 个级别填写有误，已在该级别下面写明；您填写的内容都还在，还没有保存。",
        "%(n)s 个级别填写有误，已在该级别下面写明；您填写的内容都还在，还没有保存。",
        n,
    )
    return [words % {"n": n}]


def _tell(form: SeveralForm, kept: list[services.LevelKept]) -> int:
    """Write into each line what became of it; answers how many were refused something."""
    lines = {line.level.pk: line for line in form.lines}
    data: Any = form.data.copy()  # type: ignore[attr-defined]
    for one in kept:
        line = lines[one.level.pk]
        line.refuse(one.reasons)
        line.found = one.application
        if one.application is not None:
            data[line.add_prefix("kept")] = str(one.application.pk)
            if one.is_kept:
                data[line.add_prefix("revision")] = str(one.application.revision)
        if one.is_submitted:
            line.others, line.found = one.application, None
        line.data = data
    return sum(1 for one in kept if one.reasons)


def _drop(request: ActorRequest, form: SeveralForm) -> None:
    """A level that is not ticked any more goes with the draft this page made of it, unless it was changed elsewhere."""
    for line in form.dropped:
        row = line.found
        if row is None or str(row.revision) != str(line["revision"].value()):
            continue
        try:
            services.discard_draft(row, by=request.actor, at=request.at)
        except Refused:  # handed in elsewhere meanwhile: it is not this page's any more
            line.others = row
        line.found = None


def _kept_by_itself(request: ActorRequest, form: SeveralForm) -> JsonResponse:
    """Drafts of what is ticked, kept while somebody types; the answer names them, so that the next save finds them."""
    sound = form.is_sound()
    if not form.picked:
        return JsonResponse({"problem": _("勾选级别后自动保存"), "waits": True}, status=202)
    kept = services.keep_levels(form.plan, form.inputs(), by=request.actor, at=request.at, by_itself=True)
    _drop(request, form)
    refused = [reason for one in kept for reason in one.reasons]
    if not any(one.is_kept for one in kept):
        return JsonResponse({"problem": " ".join(map(str, refused))}, status=409)
    fields: dict[str, str] = {}
    lines = {line.level.pk: line for line in form.lines}
    for one in kept:
        if one.is_kept and one.application is not None:
            line = lines[one.level.pk]
            fields[line.add_prefix("kept")] = str(one.application.pk)
            fields[line.add_prefix("revision")] = str(one.application.revision)
    note = "" if sound else _("有填写有误的地方没有保存")
    if refused:
        note = " ".join(map(str, dict.fromkeys(map(str, refused))))
    return JsonResponse({"saved": shown.clock(request.at), "note": note, "fields": fields})


def _page(
    request: ActorRequest, form: SeveralForm, *, problems: Any = (), status: int = 200, started: str = ""
) -> HttpResponse:
    lines: list[dict[str, Any]] = []
    for line in form.lines:
        name = line.level.certificate.name
        if not lines or lines[-1]["certificate"] != name:
            lines.append({"certificate": name, "levels": []})
        lines[-1]["levels"].append(line)
    earlier = queries.starts_for(form.school)
    context = {
        "form": form,
        "plan": form.plan,
        "batch": batch_label(form.plan.batch),
        "certificates": lines,
        "slots": [form[one.slot] for one in form.asked] + [form["materials"]],
        "action": reverse("pilots:application-several", args=[form.plan.pk]),
        "single": reverse("pilots:application-create", args=[form.plan.pk]),
        "started": started,
        "starts": [{"pk": one.pk, "label": shown.label_of(one)} for one in earlier] if not form.is_bound else [],
        "flow": shown.FLOW,
        "editable": EDITABLE,
        "problems": problems,
    }
    return render(request, "pilots/application_several.html", context, status=status)

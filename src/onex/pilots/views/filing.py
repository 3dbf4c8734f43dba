"""申报证书试点: the guide's form, kept as it is typed, handed in when it is complete."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onex.accounts.queries import school_of
from onex.common.pages import ActorRequest, get_or_404, permit, typed
from onex.common.text import Refused
from onex.pilots import queries, services
from onex.pilots.forms import ApplicationForm, initial_of_application, initial_of_start
from onex.pilots.models import PilotApplication
from onex.pilots.rules import EDITABLE, batch_label, problems_by_field
from onex.pilots.services import ChangedMeanwhile, Locked
from onex.pilots.services.moving import application_facts
from onex.pilots.views import filing_shown as shown


@permit("pilots.application_create")
def application_create(request: ActorRequest, plan: UUID) -> HttpResponse:
    """The guide's form for one plan of the school's province, while it is open.

    `?start=<application>` begins with the texts of an earlier one, `?level=` with a certificate level.
    """
    found = get_or_404(queries.plans_seen_by(request.actor, request.at), pk=plan)
    school = school_of(request.actor)
    if request.method == "POST":
        return _posted(request, ApplicationForm(request.POST, request.FILES, plan=found, school=school))
    problems = shown.window_problems(found, request.at)
    if problems:
        raise Refused(*problems)
    start = queries.start_of(school, typed(request.GET, "start"))
    initial = {"level": typed(request.GET, "level")} | initial_of_start(start)
    form = ApplicationForm(plan=found, school=school, initial=initial)
    form.started = start
    return _form_page(request, form)


@permit("pilots.application_file")
def application_edit(request: ActorRequest, pk: UUID) -> HttpResponse:
    """A draft or a returned application; `?remove=<file>` takes one material away and keeps what was typed."""
    row = get_or_404(queries.applications_seen_by(request.actor), pk=pk)
    known: dict[str, Any] = {"plan": row.plan, "school": row.school, "application": row}
    if request.method == "POST":
        return _posted(request, ApplicationForm(request.POST, request.FILES, **known))
    if row.state not in EDITABLE:
        return redirect("pilots:application-detail", pk)
    return _form_page(request, ApplicationForm(initial=initial_of_application(row), **known))


@permit("pilots.application_file")
@require_POST
def application_discard(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Delete a draft that was never handed in."""
    row = get_or_404(queries.applications_seen_by(request.actor), pk=pk)
    services.discard_draft(row, by=request.actor, at=request.at)
    messages.success(request, _("已删除草稿：%(name)s。") % {"name": shown.label_of(row)})
    return redirect("pilots:application-list")


def _posted(request: ActorRequest, form: ApplicationForm) -> HttpResponse:
    if request.headers.get("X-Autosave"):
        return _kept_by_itself(request, form)
    if "start" in request.POST:
        return _started(request, form)
    return _kept(request, form)


# --- the buttons -----------------------------------------------------------------------------------------------------


def _kept(request: ActorRequest, form: ApplicationForm) -> HttpResponse:
    """保存, 保存并提交, 保存并再申报一个级别, and taking a file away: all of them keep what was typed first."""
    if not form.is_valid():
        if request.POST.get("then") == "submit":
            form.show_blanks()
        return _form_page(request, form, status=422)
    who: Any = {"by": request.actor, "at": request.at}
    row = form.application
    try:
        if row is None:
            row = services.create_application(form.plan, form.values(), **who)
        else:
            row = services.update_application(row, form.values(), revision=form.screen_revision(), **who)
        form = _as_kept(form, row)
        for slot, uploads in form.uploads().items():
            for upload in uploads:
                services.add_material(row, upload, slot=slot, **who)
        if removed := request.GET.get("remove"):
            services.remove_material(row, get_or_404(queries.material_of(row, removed)), **who)
            return redirect("pilots:application-edit", row.pk)
    except ChangedMeanwhile as changed:
        return _changed_page(request, form, changed.now)
    except Refused as refused:
        is_locked = isinstance(refused, Locked)
        return _form_page(request, form, problems=refused.reasons, status=409, is_locked=is_locked)
    then = request.POST.get("then")
    if then == "save":
        messages.success(request, _saved_sentence(row, request.at))
        return redirect("pilots:application-detail", row.pk)
    if then == "another":
        messages.success(
            request, _("已保存草稿：%(name)s。下面沿用它的师资和场地情况。") % {"name": shown.label_of(row)}
        )
        return redirect(reverse("pilots:application-create", args=[row.plan_id]) + f"?start={row.pk}")
    try:
        services.move_application(row, "submit", **who)
    except Refused as refused:
        return _not_handed_in(request, form, row, refused)
    messages.success(request, _("已提交，等待审核。"))
    return redirect("pilots:application-detail", row.pk)


def _as_kept(form: ApplicationForm, row: PilotApplication) -> ApplicationForm:
    """The same form as the form of the row that it has become, at the row's revision."""
    form.application = row
    form.data = form.data.copy()  # type: ignore[attr-defined]
    form.data["revision"] = str(row.revision)  # type: ignore[index]
    return form


def _saved_sentence(row: PilotApplication, at: Any) -> str:
    if problems_by_field(application_facts(row), at).get(""):
        return _("已保存。申报时间已结束：草稿会保留，可作为以后申报的起点，但不能提交。")
    return _("已保存为草稿，尚未提交。请在申报结束前提交。")


def _not_handed_in(
    request: ActorRequest, form: ApplicationForm, row: PilotApplication, refused: Refused
) -> HttpResponse:
    problems = problems_by_field(application_facts(row), request.at)
    form.show_problems(problems)
    # What concerns the whole is a refusal; what concerns a field is a mistake beside it.
    whole = () if form.errors else refused.reasons
    status = 409 if whole or "" in problems else 422
    return _form_page(request, form, problems=whole, status=status, is_kept=True)


def _changed_page(request: ActorRequest, form: ApplicationForm, now: PilotApplication) -> HttpResponse:
    """Both versions of each field that differs; saving again keeps what then stands in the fields."""
    conflicts = shown.conflict_shown(form, now)
    return _form_page(request, _as_kept(form, now), status=409, conflicts=conflicts, changed=now)


def _started(request: ActorRequest, form: ApplicationForm) -> HttpResponse:
    """The empty fields filled from an earlier application; what was typed stays, nothing is kept yet."""
    start = queries.start_of(form.school, typed(request.POST, "start"))
    typed_now: dict[str, Any] = shown.typed_of(form) | {"revision": typed(request.POST, "revision")}
    filled = {name: value for name, value in initial_of_start(start).items() if not typed_now[name]}
    fresh = ApplicationForm(
        initial=typed_now | filled, plan=form.plan, school=form.school, application=form.application
    )
    fresh.started = start
    return _form_page(request, fresh)


# --- by itself -------------------------------------------------------------------------------------------------------


def _kept_by_itself(request: ActorRequest, form: ApplicationForm) -> JsonResponse:
    """A draft kept while somebody types. The answer says what the page becomes: it is the draft's own from now on."""
    mistakes = len(form.errors)
    if "level" in form.errors:
        waits = not typed(request.POST, "level")
        sentence = _("选择试点证书后自动保存") if waits else str(form.errors["level"][0])
        return JsonResponse({"problem": sentence, "waits": waits}, status=202 if waits else 422)
    row = form.application
    who: Any = {"by": request.actor, "at": request.at}
    try:
        if row is None:
            row = services.create_application(form.plan, form.values_so_far(), **who)
        else:
            revision = form.screen_revision()
            row = services.update_application(row, form.values_so_far(), revision=revision, by_itself=True, **who)
    except ChangedMeanwhile as changed:
        return JsonResponse({"problem": f"{changed} {_('点击“保存”后可以对照两份内容。')}"}, status=409)
    except Refused as refused:
        return JsonResponse({"problem": str(refused)}, status=409)
    note = _("有 %(n)s 处填写有误，没有保存") % {"n": mistakes} if mistakes else ""
    if problems_by_field(application_facts(row), request.at).get(""):
        note = _("申报时间已结束，草稿保留，但不能提交")
    edit = reverse("pilots:application-edit", args=[row.pk])
    return JsonResponse(
        {
            "saved": shown.clock(request.at),
            "note": note,
            "fields": {"revision": str(row.revision)},
            "address": edit,
            "replace": shown.replaced(request, form, row),
        }
    )


# --- the page --------------------------------------------------------------------------------------------------------


def _form_page(
    request: ActorRequest,
    form: ApplicationForm,
    *,
    problems: Any = (),
    status: int = 200,
    is_locked: bool = False,
    conflicts: Any = None,
    changed: PilotApplication | None = None,
    is_kept: bool = False,
) -> HttpResponse:
    plan, row = form.plan, form.application
    action = reverse("pilots:application-create", args=[plan.pk])
    cancel = reverse("pilots:plan-list")
    if row is not None:
        action = reverse("pilots:application-edit", args=[row.pk])
        cancel = reverse("pilots:application-detail", args=[row.pk])
    facts = shown.facts_in(form)
    window = problems_by_field(facts, request.at).get("", []) if facts is not None else []
    context = {
        "form": form,
        "plan": plan,
        "batch": batch_label(plan.batch),
        "application": row,
        "action": action,
        # Which of two versions counts is chosen by a button, never by itself.
        "draft": "" if is_locked or changed is not None else action,
        "cancel": cancel,
        "majors_url": _majors_url(form),
        "majors": shown.majors_shown(form),
        "slots": _slots(form, action),
        "remarks": shown.remarks_shown(row),
        "returned": queries.last_return_of(row) if row is not None else None,
        "started": shown.label_of(form.started) if form.started is not None else "",
        "is_started_here": "start" in request.POST,
        "starts": [] if is_locked or changed is not None else shown.starts_shown(form),
        "twin": None if row is not None or not problems else shown.twin_of(form),
        "label": shown.label_of(row) if row is not None else "",
        "checklist": shown.checklist_shown(plan, facts, request.at),
        "was_kept": is_kept,
        "may_discard": row is not None and row.state == "draft" and not row.submission_count and not is_locked,
        "is_locked": is_locked,
        "is_over": bool(window),
        "window": window,
        "conflicts": conflicts or {},
        "changed": changed,
        "problems": problems,
    }
    return render(request, "pilots/application_form.html", context, status=status)


def _majors_url(form: ApplicationForm) -> str:
    about = f"?of={form.application.pk}" if form.application is not None else ""
    return reverse("pilots:major-choose", args=[form.plan.pk]) + about


def _slots(form: ApplicationForm, action: str) -> list[dict[str, Any]]:
    """The places for files: those the plan asks for by name, then 其他佐证材料; each with what is in it."""
    row = form.application
    kept: dict[str, list[dict[str, Any]]] = {}
    for one in queries.all_materials_of(row) if row is not None else ():
        url = reverse("pilots:material-download", args=[one.subject_id, one.pk])
        kept.setdefault(one.slot, []).append({"file": one, "url": url, "remove": f"{action}?remove={one.pk}"})
    slots = [{"field": form[one.slot], "files": kept.get(one.slot, [])} for one in form.asked]
    return [*slots, {"field": form["materials"], "files": kept.get(queries.MATERIAL, [])}]


@permit("pilots.application_create")
def major_choose(request: ActorRequest, plan: UUID) -> HttpResponse:
    """选择专业 for the level just chosen: the fragment that the form shows again; `remove` takes one away."""
    found = get_or_404(queries.plans_seen_by(request.actor, request.at), pk=plan)
    removed = typed(request.GET, "remove")
    asked = {
        "level": typed(request.GET, "level"),
        "declared_majors": [one for one in request.GET.getlist("declared_majors") if one != removed],
        "requested_count": typed(request.GET, "requested_count"),
    }
    school = school_of(request.actor)
    kept = queries.start_of(school, typed(request.GET, "of"))
    form = ApplicationForm(initial=asked, plan=found, school=school, application=kept)
    context = {
        "form": form,
        "majors_url": _majors_url(form),
        "majors": shown.majors_shown(form, is_picking="picking" in request.GET),
    }
    return render(request, "pilots/_majors.html", context)

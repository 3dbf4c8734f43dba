"""Pages of site applications: the school files, the organisation decides, everybody concerned looks."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST

from onex.accounts.queries import school_of
from onex.common import exports, files, reveal, sheets
from onex.common.actors import Role
from onex.common.masks import mask_phone
from onex.common.moves import offers
from onex.common.pages import chips_of, get_or_404, page_of, permit, sorted_by, typed
from onex.common.permits import allows
from onex.common.queries import attachments_of, timeline_of
from onex.common.text import Refused, say
from onex.venues import queries, services
from onex.venues.forms import ApplicationForm, RoomTable
from onex.venues.models import SiteApplication
from onex.venues.rules import (
    CHECKS,
    FLOW,
    MATERIAL,
    SLOTS,
    STAMPED_FORM,
    Checked,
    Difference,
    SiteState,
    capacity_of,
    suggested_name,
)
from onex.venues.views.shared import PERSONAL, may_apply, tabs, told

RETURN_REASONS = (
    say("未上传盖章版申请表，请打印申请表盖章后上传"),
    say("申请表未盖学校公章"),
    say("考场机器数量与简介不一致，请核实"),
)
SORTS = {
    "school": "school__name",
    "name": "name",
    "machines": "machine_count",
    "submitted": "submitted_at",
}


@permit("venues.application_see")
def application_list(request: Any) -> HttpResponse:
    rows = _filtered(request)
    counts = queries.application_counts(request.actor)
    chips = chips_of(counts, FLOW.labels)
    context = {
        "page": page_of(request, rows),
        "chips": chips,
        "flow": FLOW,
        "tabs": tabs(request, "application"),
        "is_school": request.actor.role == Role.SCHOOL,
        "apply": may_apply(request),
        "export": reverse("venues:application-export"),
    }
    return render(request, "venues/application_list.html", context)


def _filtered(request: Any) -> Any:
    rows = queries.applications_found(queries.applications_seen_by(request.actor), typed(request.GET, "q"))
    if (state := request.GET.get("state", "")) in {s.value for s in SiteState}:
        rows = rows.filter(state=state)
    return sorted_by(request, rows, SORTS)


@permit("venues.application_see")
def application_export(request: Any) -> HttpResponse:
    columns = (
        sheets.Column("school", say("院校"), 28),
        sheets.Column("name", say("考核站点名称"), 48),
        sheets.Column("organisation", say("申报对象"), 28),
        sheets.Column("levels", say("考核证书"), 40),
        sheets.Column("address", say("考核站点地址"), 40),
        sheets.Column("contact", say("联系人"), 24),
        sheets.Column("rooms", say("考场数"), 10, as_text=False),
        sheets.Column("machines", say("考试机数量"), 12, as_text=False),
        sheets.Column("state", say("状态"), 12),
        sheets.Column("submitted", say("提交时间"), 20),
    )

    def line(row: Any) -> dict[str, Any]:
        return {
            "school": row.school.name,
            "name": row.name,
            "organisation": row.organisation.name,
            "levels": "、".join(level.name for level in row.levels.all()),
            "address": f"{row.region}{row.address}",
            "contact": f"{row.contact_name} {mask_phone(row.contact_phone)}",
            "rooms": row.room_count,
            "machines": row.machine_count,
            "state": str(FLOW.word(row.state)),
            "submitted": _local(row.submitted_at),
        }

    return exports.respond(request, str(say("考核站点申报.xlsx")), columns, _filtered(request), line)


def _local(at: Any) -> str:
    return f"{localtime(at):%Y-%m-%d %H:%M}" if at else ""


@permit("venues.application_create")
def application_create(request: Any) -> HttpResponse:
    school = school_of(request.actor)
    if request.method == "POST":
        return _save(request, school, None)
    begun = queries.begun_application(school)
    if begun is not None:  # two clicks on 申报考核站点 lead to one application
        return redirect("venues:application-edit", pk=begun.pk)
    apply = may_apply(request)
    form = ApplicationForm(school=school, initial=_first_words(request, school))
    reasons = apply["reasons"] if apply and not apply["may"] else ()
    return _form_page(request, form, RoomTable(), None, problems=reasons)


def _first_words(request: Any, school: Any) -> dict[str, Any]:
    """What can be known before the school writes: its own contact, its region, a name after the guide's pattern."""
    chosen = request.GET.get("organisation") or next((str(o.pk) for o in queries.organisations()), "")
    regions = queries.regions_of(school)
    city = school.city.region_name if school.city else ""
    return {
        "organisation": chosen,
        "region": next((one for one in regions if city and one.endswith(city)), regions[-1]),
        "address": school.address,
        "contact_name": school.contact_name,
        "contact_phone": school.contact_phone,
        "contact_email": school.contact_email,
        "levels": [level.pk for level in queries.pilot_levels(school, request.at)],
        "name": suggested_name(school.name, queries.pilot_words(school, request.at)),
    }


@permit("venues.application_file")
def application_edit(request: Any, pk: str) -> HttpResponse:
    application = get_or_404(queries.applications_seen_by(request.actor), pk=pk)
    if not application.is_editable:
        raise Refused(say("申请正在审核或已经通过，不能再修改。"))
    if request.method == "POST":
        return _save(request, application.school, application)
    initial = {name: getattr(application, name) for name in services.ApplicationInput.__dataclass_fields__}
    initial["levels"] = [level.pk for level in application.levels.all()]
    form = ApplicationForm(school=application.school, application=application, initial=initial)
    return _form_page(request, form, RoomTable(rooms=queries.rooms_written(application)), application)


def _save(request: Any, school: Any, application: SiteApplication | None) -> HttpResponse:
    """Keep what was typed, also when it may not be submitted yet: nothing typed or uploaded is lost."""
    form = ApplicationForm(request.POST, request.FILES, school=school, application=application)
    table = RoomTable(request.POST)
    is_right = form.is_valid()
    if not table.is_valid() or not is_right:
        return _form_page(request, form, table, application, problems=table.problems, status=422)
    try:
        levels = list(form.cleaned_data["levels"])
        who = {"by": request.actor, "at": request.at}
        if application is None:
            organisation = form.cleaned_data["organisation"]
            application = services.create_application(school, organisation, form.values, levels, table.rooms, **who)
        else:
            application = services.update_application(application, form.values, levels, table.rooms, **who)
        for slot in (STAMPED_FORM, MATERIAL):
            if form.cleaned_data[slot]:
                services.attach_file(application, slot, form.cleaned_data[slot], **who)
        unwanted = _uuid(request.GET.get("remove"))
        for one in attachments_of(application).filter(pk=unwanted) if unwanted else ():
            services.remove_file(application, one, **who)
    except Refused as refused:
        return _form_page(request, form, table, application, problems=refused.reasons, status=409)
    if request.POST.get("then") != "submit":
        messages.success(request, str(say("已保存。打印申请表、盖章并上传后即可提交。")))
        return redirect("venues:application-edit", pk=application.pk)
    return _submit(request, form, table, application)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _submit(request: Any, form: ApplicationForm, table: RoomTable, application: SiteApplication) -> HttpResponse:
    has_form = attachments_of(application, STAMPED_FORM).exists()
    if not form.ask_for_all(table.rooms, has_form):
        return _form_page(request, form, table, application, status=422)
    try:
        services.move_application(application, "submit", by=request.actor, at=request.at)
    except Refused as refused:
        return _form_page(request, form, table, application, problems=refused.reasons, status=409)
    messages.success(request, str(say("已提交，等待{organisation}审核。", organisation=application.organisation.name)))
    return redirect("venues:application-detail", pk=application.pk)


def _form_page(
    request: Any,
    form: ApplicationForm,
    table: RoomTable,
    application: SiteApplication | None,
    *,
    problems: Any = (),
    status: int = 200,
) -> HttpResponse:
    form.mark_starred()
    action = reverse("venues:application-create")
    kept: list[tuple[Any, str]] = []
    if application is not None:
        action = reverse("venues:application-edit", args=[application.pk])
        kept = [(one, f"{action}?remove={one.pk}") for one in attachments_of(application)]
    context = {
        "form": form,
        "rooms": table.rows,
        "room_pattern": table.pattern,
        "application": application,
        "problems": problems,
        "stamped": [pair for pair in kept if pair[0].slot == STAMPED_FORM],
        "materials": [pair for pair in kept if pair[0].slot == MATERIAL],
        "action": action,
        "returned": timeline_of(application).filter(verb="return").last()
        if application and application.state == SiteState.RETURNED
        else None,
    }
    return render(request, "venues/application_form.html", context, status=status)


@permit("venues.application_see")
def application_detail(request: Any, pk: str) -> HttpResponse:
    application = get_or_404(queries.applications_seen_by(request.actor), pk=pk)
    return _record(request, application)


def _record(request: Any, application: SiteApplication, problems: Any = (), status: int = 200) -> HttpResponse:
    actor, kept = request.actor, list(attachments_of(application))
    rooms = list(application.rooms.all())
    open_moves = offers(
        FLOW, application, actor, request.at, facts=lambda row: queries.facts_if_checked(row, request.at)
    )
    waiting = [str(one) for one in queries.applications_waiting_for(actor).values_list("pk", flat=True)]
    context = {
        "application": application,
        "masked": reveal.masked(PERSONAL, application),
        "may_reveal": allows("venues.application_reveal", actor, application),
        "flow": FLOW,
        "steps": _steps(application),
        "files": [(SLOTS[slot], [one for one in kept if one.slot == slot]) for slot in SLOTS],
        "rooms": rooms,
        "seats": capacity_of(room.machine_count for room in rooms),
        "offers": open_moves,
        "canned": {"return": RETURN_REASONS},
        "checks": CHECKS,
        "submission": application.submitted_at.isoformat() if application.submitted_at else "",
        "entries": told(application),
        "site": _site_of(actor, application),
        "changes": _shown_changes(application),
        "next": _after(waiting, str(application.pk)),
        "may_edit": application.is_editable and allows("venues.application_file", actor, application),
        "problems": problems,
    }
    return render(request, "venues/application_detail.html", context, status=status)


def _site_of(actor: Any, application: SiteApplication) -> Any:
    """The site that this application made or changes, if the actor may see it."""
    sites = queries.sites_seen_by(actor)
    if application.changes_id is not None:
        return sites.filter(pk=application.changes_id).first()
    return sites.filter(application=application).first()


def _shown_changes(application: SiteApplication) -> list[Difference]:
    """What a change application changes, with the contact's numbers masked as on the whole page."""
    if application.state == SiteState.APPROVED:
        return []  # the site is so by now
    masks = {str(fact.label.msgid): fact.mask for fact in PERSONAL.values()}
    found = []
    for one in queries.changes_of(application):
        mask = masks.get(one.what.msgid)
        found.append(Difference(one.what, mask(one.before), mask(one.after)) if mask else one)
    return found


def _after(waiting: list[str], now: str) -> str:
    """The next one in the queue after this one; empty when there is none."""
    others = [one for one in waiting if one != now]
    if now not in waiting:
        return others[0] if others else ""
    place = waiting.index(now)
    return (waiting[place + 1 :] + waiting[:place] + [""])[0]


def _steps(application: SiteApplication) -> list[dict[str, Any]]:
    state = application.state
    filed = state in (SiteState.PENDING, SiteState.APPROVED)
    return [
        {"label": say("填写申请"), "state": "done" if filed else "current"},
        {"label": say("上传盖章版申请表并提交"), "state": "done" if filed else "todo"},
        {
            "label": say("培训评价组织审核"),
            "state": {"pending": "current", "approved": "done", "returned": "stopped"}.get(state, "todo"),
        },
        {"label": say("成为考核站点"), "state": "done" if state == SiteState.APPROVED else "todo"},
    ]


@permit("venues.application_see")
@require_POST
def application_move(request: Any, pk: str, move: str = "") -> HttpResponse:
    application = get_or_404(queries.applications_seen_by(request.actor), pk=pk)
    name, note = move or request.POST.get("move", ""), request.POST.get("note", "")
    try:
        moved = services.move_application(
            application, name, by=request.actor, at=request.at, note=note, checked=_checked(request.POST)
        )
    except Refused as refused:
        application.refresh_from_db()
        return _record(request, application, problems=refused.reasons, status=409)
    messages.success(request, str(say("已办理：{state}", state=FLOW.word(moved.state))))
    return redirect("venues:application-detail", pk=pk)


def _checked(sent: Any) -> Checked:
    try:
        looked_at = datetime.fromisoformat(sent.get("checked_of", ""))
    except ValueError:
        looked_at = None
    return Checked(frozenset(sent.getlist("checked")) & frozenset(CHECKS), looked_at)


@permit("venues.application_reveal")
@require_POST
def application_reveal(request: Any, pk: str, field: str) -> HttpResponse:
    return reveal.answer(request, get_or_404(queries.applications_to_reveal(request.actor), pk=pk), PERSONAL, field)


@permit("venues.application_see")
def file_download(request: Any, pk: str, file: str) -> Any:
    application = get_or_404(queries.applications_seen_by(request.actor), pk=pk)
    return files.respond(get_or_404(attachments_of(application), pk=file))

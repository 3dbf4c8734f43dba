"""Pages of exam sites: the school files, the organisation decides, everybody concerned looks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST

from onex.accounts.queries import school_of
from onex.common import exports, files, pdf, reveal, sheets
from onex.common.actors import Role
from onex.common.masks import mask_email, mask_phone
from onex.common.moves import offers
from onex.common.pages import chips_of, get_or_404, page_of, permit, sorted_by, typed
from onex.common.permits import allows, holds
from onex.common.queries import attachments_of, timeline_of
from onex.common.text import Refused, say
from onex.venues import queries, services
from onex.venues.forms import ApplicationForm, RoomTable
from onex.venues.models import SiteApplication
from onex.venues.rules import (
    FLOW,
    MATERIAL,
    SLOTS,
    STAMPED_FORM,
    VERBS,
    SiteState,
    capacity_of,
    problems_on_apply,
    suggested_name,
)

PERSONAL = {
    "contact_phone": reveal.Fact(say("联系人电话"), "contact_phone", mask_phone),
    "contact_email": reveal.Fact(say("联系人邮箱"), "contact_email", mask_email),
}
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


# --- applications ------------------------------------------------------------------------------------------------


@permit("venues.application_see")
def application_list(request: Any) -> HttpResponse:
    rows = _filtered(request)
    counts = queries.application_counts(request.actor)
    chips = chips_of(counts, FLOW.labels)
    context = {
        "page": page_of(request, rows),
        "chips": chips,
        "flow": FLOW,
        "tabs": _tabs(request, "application"),
        "is_school": request.actor.role == Role.SCHOOL,
        "apply": _may_apply(request),
        "export": reverse("venues:application-export"),
    }
    return render(request, "venues/application_list.html", context)


def _filtered(request: Any) -> Any:
    rows = queries.applications_found(queries.applications_seen_by(request.actor), typed(request.GET, "q"))
    if (state := request.GET.get("state", "")) in {s.value for s in SiteState}:
        rows = rows.filter(state=state)
    return sorted_by(request, rows, SORTS)


def _tabs(request: Any, current: str) -> list[dict[str, Any]]:
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


def _may_apply(request: Any) -> dict[str, Any] | None:
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
    apply = _may_apply(request)
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
    open_moves = offers(FLOW, application, actor, request.at, facts=lambda row: queries.facts_of(row, request.at))
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
        "entries": _told(application),
        "site": queries.sites_seen_by(actor).filter(application=application).first(),
        "next": _after(waiting, str(application.pk)),
        "may_edit": application.is_editable and allows("venues.application_file", actor, application),
        "problems": problems,
    }
    return render(request, "venues/application_detail.html", context, status=status)


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


def _told(row: Any) -> list[dict[str, Any]]:
    """The timeline in words, newest first; saving and uploading again in one sitting is told once."""
    found: list[dict[str, Any]] = []
    for trace in timeline_of(row):
        move = next((step.label for step in FLOW.moves if step.name == trace.verb), None)
        quiet = trace.verb == "update"
        if quiet and found and found[-1]["verb"] == "update" and found[-1]["who"] == trace.actor_label:
            found.pop()
        found.append(
            {
                "verb": trace.verb,
                "who": trace.actor_label,
                "at": trace.at,
                "what": move or VERBS.get(trace.verb, trace.verb),
                "note": trace.note,
                "hat": Role(trace.hat).label,
                "state": FLOW.word(trace.to_state) if move else "",
                "tone": FLOW.tone(trace.to_state) if move else "neutral",
            }
        )
    return found[::-1]


@permit("venues.application_see")
@require_POST
def application_move(request: Any, pk: str, move: str = "") -> HttpResponse:
    application = get_or_404(queries.applications_seen_by(request.actor), pk=pk)
    name, note = move or request.POST.get("move", ""), request.POST.get("note", "")
    try:
        moved = services.move_application(application, name, by=request.actor, at=request.at, note=note)
    except Refused as refused:
        application.refresh_from_db()
        return _record(request, application, problems=refused.reasons, status=409)
    messages.success(request, str(say("已办理：{state}", state=FLOW.word(moved.state))))
    return redirect("venues:application-detail", pk=pk)


@permit("venues.application_reveal")
@require_POST
def application_reveal(request: Any, pk: str, field: str) -> HttpResponse:
    return reveal.answer(request, get_or_404(queries.applications_to_reveal(request.actor), pk=pk), PERSONAL, field)


@permit("venues.site_reveal")
@require_POST
def site_reveal(request: Any, pk: str, field: str) -> HttpResponse:
    return reveal.answer(request, get_or_404(queries.sites_to_reveal(request.actor), pk=pk), PERSONAL, field)


@permit("venues.application_see")
def application_print(request: Any, pk: str) -> HttpResponse:
    """考核站点申请表, filled in from the form, to be printed and stamped by the school; others print it masked."""
    application = get_or_404(queries.applications_seen_by(request.actor), pk=pk)
    is_own = allows("venues.application_file", request.actor, application)
    contact = reveal.masked(PERSONAL, application)
    if is_own:
        contact = {name: fact.of(application) for name, fact in PERSONAL.items()}
    rooms = list(application.rooms.all())
    data = {
        "school": application.school.name,
        "organisation": application.organisation.name,
        "name": application.name,
        "address": f"{application.region}{application.address}",
        "contact_name": application.contact_name,
        **contact,
        "levels": [
            {"code": level.certificate.code, "name": level.name}
            for level in application.levels.select_related("certificate")
        ],
        "rooms": [{"name": room.name, "machines": room.machine_count, "spares": room.spare_count} for room in rooms],
        "seats": capacity_of(room.machine_count for room in rooms),
        "description": application.description,
        "number": str(application.pk)[-12:].upper(),
    }
    try:
        document = pdf.render("venues/site_application.typ", data)
    except pdf.GlyphMissing as missing:
        raise Refused(say("申请内容里有无法打印的字符（例如表情符号），请改掉后再打印。")) from missing
    if is_own:
        services.note_print(application, by=request.actor, at=request.at)
    response = HttpResponse(document, content_type="application/pdf")
    answered: HttpResponse = files.as_download(response, str(say("考核站点申请表.pdf")))
    return answered


@permit("venues.application_see")
def file_download(request: Any, pk: str, file: str) -> Any:
    application = get_or_404(queries.applications_seen_by(request.actor), pk=pk)
    return files.respond(get_or_404(attachments_of(application), pk=file))


# --- sites -------------------------------------------------------------------------------------------------------


@permit("venues.site_see")
def site_list(request: Any) -> HttpResponse:
    context = {
        "page": page_of(request, _sites(request)),
        "tabs": _tabs(request, "site"),
        "chips": [
            {"label": say("全部"), "value": ""},
            {"label": say("在用"), "value": "1"},
            {"label": say("已停用"), "value": "0"},
        ],
        "is_school": request.actor.role == Role.SCHOOL,
        "apply": _may_apply(request),
        "export": reverse("venues:site-export"),
    }
    return render(request, "venues/site_list.html", context)


def _sites(request: Any) -> Any:
    rows = queries.sites_found(queries.sites_seen_by(request.actor), typed(request.GET, "q"))
    if (active := request.GET.get("active", "")) in ("0", "1"):
        rows = rows.filter(is_active=active == "1")
    return rows


@permit("venues.site_see")
def site_export(request: Any) -> HttpResponse:
    columns = (
        sheets.Column("name", say("考核站点名称"), 48),
        sheets.Column("school", say("院校"), 28),
        sheets.Column("levels", say("考核证书"), 40),
        sheets.Column("address", say("考核站点地址"), 40),
        sheets.Column("contact", say("联系人"), 24),
        sheets.Column("rooms", say("考场数"), 10, as_text=False),
        sheets.Column("machines", say("考试机数量"), 12, as_text=False),
        sheets.Column("spares", say("备用机数量"), 12, as_text=False),
        sheets.Column("active", say("状态"), 10),
    )

    def line(row: Any) -> dict[str, Any]:
        return {
            "name": row.name,
            "school": row.school.name,
            "levels": "、".join(level.name for level in row.levels.all()),
            "address": f"{row.region}{row.address}",
            "contact": f"{row.contact_name} {mask_phone(row.contact_phone)}",
            "rooms": row.room_count,
            "machines": row.machine_count,
            "spares": row.spare_count,
            "active": str(say("在用") if row.is_active else say("已停用")),
        }

    return exports.respond(request, str(say("考核站点.xlsx")), columns, _sites(request), line)


@permit("venues.site_see")
def site_detail(request: Any, pk: str) -> HttpResponse:
    return _site_page(request, get_or_404(queries.sites_seen_by(request.actor), pk=pk))


def _site_page(request: Any, site: Any, problems: Any = (), status: int = 200) -> HttpResponse:
    context = {
        "site": site,
        "masked": reveal.masked(PERSONAL, site),
        "may_reveal": allows("venues.site_reveal", request.actor, site),
        "rooms": list(site.rooms.all()),
        "entries": _told(site),
        "may_manage": allows("venues.site_manage", request.actor, site),
        "may_see_application": holds("venues.application_see", request.actor)
        and allows("venues.application_see", request.actor, site.application),
        "problems": problems,
    }
    return render(request, "venues/site_detail.html", context, status=status)


@permit("venues.site_manage")
@require_POST
def site_move(request: Any, pk: str) -> HttpResponse:
    """`move` is suspend or restore, with its reason in `note`."""
    site = get_or_404(queries.sites_seen_by(request.actor), pk=pk)
    move, note = request.POST.get("move", ""), request.POST.get("note", "")
    try:
        if move not in ("suspend", "restore"):
            raise Refused(say("没有这个操作"))
        services.set_site_active(site, move == "restore", by=request.actor, at=request.at, note=note)
    except Refused as refused:
        return _site_page(request, site, problems=refused.reasons, status=409)
    messages.success(request, str(say("考核站点已停用") if move == "suspend" else say("考核站点已恢复启用")))
    return redirect("venues:site-detail", pk=pk)

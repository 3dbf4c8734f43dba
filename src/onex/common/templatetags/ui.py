"""`{% load ui %}`: the components every page of OneX is made of. Each tag's docstring shows how it is used."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.forms import (
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    FileInput,
    HiddenInput,
    RadioSelect,
    Select,
    Textarea,
)
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()

HERE = Path(__file__).resolve().parents[1]
TONE_ICONS = {
    "neutral": "circle-dashed",
    "info": "progress-check",
    "good": "circle-check",
    "warn": "alert-triangle",
    "bad": "circle-x",
}


# --- the page's assets -------------------------------------------------------------------------------------------
@register.simple_tag
def ui_assets() -> SafeString:
    """The built style sheet and script: `{% ui_assets %}` in <head>, once.

    Raises ImproperlyConfigured when the front end has not been built (tests of pages do without).
    """
    entry = _manifest_entry()
    if entry is None:
        if getattr(settings, "TESTING", False):
            return SafeString("")
        raise ImproperlyConfigured("frontend/dist/site is missing: run `npm run build` in frontend/")
    links = format_html_join(
        "\n", '<link rel="stylesheet" href="{}">', ((static(f"site/{f}"),) for f in entry.get("css", []))
    )
    return format_html('{}\n<script type="module" src="{}"></script>', links, static(f"site/{entry['file']}"))


def _manifest_entry() -> dict[str, Any] | None:
    for finder in settings.STATICFILES_DIRS:
        prefix, folder = finder if isinstance(finder, (tuple, list)) else ("", finder)
        manifest = Path(folder) / "manifest.json"
        if prefix == "site" and manifest.is_file():
            return _read_manifest(str(manifest), manifest.stat().st_mtime_ns)["main.ts"]  # type: ignore[no-any-return]
    return None


@cache
def _read_manifest(path: str, _changed: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(path).read_text("utf-8"))
    return found


# --- small words -------------------------------------------------------------------------------------------------
@cache
def _icons() -> dict[str, str]:
    drawn: dict[str, str] = json.loads((HERE / "icons.json").read_text("utf-8"))
    return drawn


@register.simple_tag
def ui_icon(name: str, label: str = "") -> SafeString:
    """An icon of the set: `{% ui_icon "send" %}`; with words only when it stands alone: `{% ui_icon "x" label="关闭" %}`.

    Raises KeyError for a name that is not in icons.json (`npm run icons -- <name>` adds it).
    """
    spoken = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="ox-icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75"'
        ' stroke-linecap="round" stroke-linejoin="round" {}>{}</svg>',
        spoken,
        mark_safe(_icons()[name]),  # noqa: S308 - our own checked-in drawings
    )


@register.filter
def ui_number(value: Any) -> str:
    """Thousands separated, "—" for nothing: `{{ count|ui_number }}` → 12,345."""
    if value is None or value == "":
        return "—"
    return f"{value:,}" if isinstance(value, (int, float)) or hasattr(value, "as_tuple") else str(value)


@register.filter
def ui_fen(value: int | None) -> str:
    """Money kept in fen, shown in yuan: `{{ fee_fen|ui_fen }}` → 280 or 1,280.50 (the unit stands in the header)."""
    if value is None:
        return "—"
    yuan, fen = divmod(int(value), 100)
    return f"{yuan:,}.{fen:02d}" if fen else f"{yuan:,}"


def _weekday(day: date) -> str:
    return (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))[day.weekday()]


@register.filter
def ui_date(value: date | datetime | None) -> str:
    """A day with its weekday: `{{ plan.opens_on|ui_date }}` → 2026年12月27日 周日; "—" for none."""
    if value is None:
        return "—"
    day = timezone.localtime(value).date() if isinstance(value, datetime) else value
    return _("%(year)d年%(month)d月%(day)d日 %(weekday)s") % {
        "year": day.year,
        "month": day.month,
        "day": day.day,
        "weekday": _weekday(day),
    }


@register.filter
def ui_time(value: datetime | None) -> str:
    """A moment: `{{ trace.at|ui_time }}` → 2026年12月27日 周日 18:00; "—" for none."""
    if value is None:
        return "—"
    return f"{ui_date(value)} {timezone.localtime(value):%H:%M}"


@register.filter
def ui_size(value: int | None) -> str:
    """Bytes as people say them: `{{ attachment.size|ui_size }}` → 1.2 MB."""
    if value is None:
        return "—"
    if value < 1024 * 1024:
        return f"{max(1, round(value / 1024))} KB"
    return f"{value / 1024 / 1024:.1f} MB"


@register.filter
def ui_get(mapping: Mapping[Any, Any], key: Any) -> Any:
    """An entry by a variable key: `{{ totals|ui_get:row.pk }}`; empty when there is none."""
    return mapping.get(key, "")


def say_left(until: datetime, at: datetime) -> tuple[str, str]:
    """How far away a deadline is, in words, and its tone."""
    gap = until - at
    if gap < timedelta(0):
        days = (-gap).days
        return (_("已截止 %(days)d 天") % {"days": days} if days else _("今日已截止")), "neutral"
    days, minutes = gap.days, gap.seconds // 60
    hours = minutes // 60
    if days >= 10:
        return _("还剩 %(days)d 天") % {"days": days}, "info"
    if days:
        left = _("还剩 %(days)d 天 %(hours)d 小时") % {"days": days, "hours": hours}
        return left, "warn" if days < 3 else "info"
    if hours:
        return _("还剩 %(hours)d 小时 %(minutes)d 分") % {"hours": hours, "minutes": minutes % 60}, "bad"
    return _("还剩 %(minutes)d 分钟") % {"minutes": max(1, minutes)}, "bad"


@register.simple_tag(takes_context=True)
def ui_deadline(context: template.Context, until: datetime | None, label: str = "") -> SafeString:
    """A deadline with what is left of it: `{% ui_deadline plan.closes_at %}`; reads the time from `request.at`."""
    if until is None:
        return SafeString("—")
    at = getattr(context.get("request"), "at", None) or context.get("at") or timezone.now()
    left, tone = say_left(until, at)
    return format_html(
        '<span class="ox-deadline ox-tone-{}">{}<time datetime="{}">{}</time>'
        '<span class="ox-deadline-left">{} {}</span></span>',
        tone,
        format_html("{} ", label) if label else "",
        timezone.localtime(until).isoformat(timespec="minutes"),
        ui_time(until),
        ui_icon("clock"),
        left,
    )


@register.simple_tag
def ui_state(label: Any, tone: str = "neutral", icon: str = "") -> SafeString:
    """A state as word, icon and colour: `{% ui_state row.state_word row.state_tone %}`.

    Tones: neutral (not begun), info (under way), good (done well), warn (needs somebody), bad (refused, failed).
    """
    tone = tone if tone in TONE_ICONS else "neutral"
    return format_html('<span class="ox-state ox-tone-{}">{}{}</span>', tone, ui_icon(icon or TONE_ICONS[tone]), label)


@register.simple_tag
def ui_flow_state(flow: Any, state: str) -> SafeString:
    """The state of a row in its workflow: `{% ui_flow_state flow row.state %}` (flow: `onex.common.workflow.Workflow`)."""
    return ui_state(flow.word(state), flow.tone(state))


def _attributes(values: Mapping[str, Any]) -> SafeString:
    """Keyword arguments as attributes: `hx_post=url` → hx-post; True stands alone, None and False are left out."""
    return flatatt({name.rstrip("_").replace("_", "-"): value for name, value in values.items() if value is not None})


@register.simple_tag
def ui_button(
    label: Any,
    tone: str = "plain",
    icon: str = "",
    href: str | None = None,
    size: str = "",
    confirm: str | None = None,
    type: str = "submit",
    **attributes: Any,
) -> SafeString:
    """A button, or a link that looks like one.

    `{% ui_button "保存" tone="primary" %}` · `{% ui_button "新建申报" icon="plus" href=url %}` ·
    `{% ui_button "作废 3 张证书" tone="danger" confirm="作废后不可恢复。确定作废这 3 张证书？" name="move" value="void" %}`
    Tones: primary (one per page), plain, quiet, danger. Sizes: "", "sm", "lg". Other arguments become attributes.
    """
    classes = " ".join(part for part in ("btn", f"btn-{tone}", f"btn-{size}" if size else "") if part)
    words = format_html("{}{}", ui_icon(icon) if icon else "", label)
    if confirm:
        attributes["data-confirm"] = confirm
    if href is not None:
        return format_html('<a class="{}" href="{}"{}>{}</a>', classes, href, _attributes(attributes), words)
    return format_html('<button type="{}" class="{}"{}>{}</button>', type, classes, _attributes(attributes), words)


# --- frames ------------------------------------------------------------------------------------------------------
@register.simple_block_tag
def ui_card(
    content: str,
    title: Any = "",
    icon: str = "",
    note: Any = "",
    link: str = "",
    link_label: Any = "",
    flush: bool = False,
    id: str = "",
) -> SafeString:
    """A card: `{% ui_card "基本信息" icon="school" %}…{% endui_card %}`; `flush=True` for a table inside."""
    return mark_safe(render_to_string("common/ui/card.html", locals()))  # noqa: S308


@register.simple_block_tag
def ui_alert(content: str, tone: str = "info", title: Any = "", closable: bool = False) -> SafeString:
    """A message in place: `{% ui_alert "warn" "本场不足 40 人" %}<p>可说明理由后继续。</p>{% endui_alert %}`."""
    icon = {"info": "info-circle", "neutral": "info-circle"}.get(tone, TONE_ICONS.get(tone, "info-circle"))
    return mark_safe(render_to_string("common/ui/alert.html", {**locals()}))  # noqa: S308


@register.inclusion_tag("common/ui/problems.html")
def ui_problems(reasons: Iterable[Any] | None, title: Any = "") -> dict[str, Any]:
    """Why something was refused: `{% ui_problems problems %}` (reasons of `Refused`); nothing when there are none."""
    found = list(reasons or [])
    return {"reasons": found, "title": title or ngettext("未能办理，原因如下", "未能办理，原因如下", len(found))}


@register.inclusion_tag("common/ui/empty.html")
def ui_empty(
    title: Any, text: Any = "", icon: str = "inbox", action: Any = "", href: str = "", level: str = "p"
) -> dict[str, Any]:
    """Nothing here, and how to begin: `{% ui_empty "还没有申报" "省里发布计划后即可申报。" action="查看申报计划" href=url %}`."""
    return {"title": title, "text": text, "icon": icon, "action": action, "href": href, "level": level}


@register.simple_block_tag
def ui_facts(content: str) -> SafeString:
    """Facts in two columns: `{% ui_facts %}{% ui_fact "学校" row.school %}…{% endui_facts %}`."""
    return format_html('<dl class="ox-facts">{}</dl>', mark_safe(content))  # noqa: S308


@register.simple_tag
def ui_fact(label: Any, value: Any, note: Any = "", wide: bool = False) -> SafeString:
    """One fact inside `ui_facts`: `{% ui_fact "申请人数" 120 note="人" %}`; "—" when there is no value."""
    return format_html(
        '<div class="ox-fact{}"><dt>{}</dt><dd>{}{}</dd></div>',
        " is-wide" if wide else "",
        label,
        "—" if value in (None, "") else value,
        format_html("<small>{}</small>", note) if note else "",
    )


@register.inclusion_tag("common/ui/figure.html")
def ui_figure(value: Any, label: Any, unit: Any = "", note: Any = "", href: str = "", tone: str = "") -> dict[str, Any]:
    """A figure that matters: `{% ui_figure 88 "已使用培训数" unit="人" note="批准 100 人" href=url %}`."""
    return {"value": value, "label": label, "unit": unit, "note": note, "href": href, "tone": tone}


@register.inclusion_tag("common/ui/tabs.html")
def ui_tabs(tabs: Iterable[Mapping[str, Any]], label: Any = "") -> dict[str, Any]:
    """Parts of one thing, each with its address: `{% ui_tabs tabs %}`; tabs: [{label, url, current, count}]."""
    return {"tabs": tabs, "label": label or _("分页")}


@register.inclusion_tag("common/ui/hats.html", takes_context=True)
def ui_hats(context: template.Context) -> dict[str, Any]:
    """The role switcher of the top bar: `{% ui_hats %}`; posts `hat` (a membership's id) to accounts:hat-switch."""
    request = context.get("request")
    actor = getattr(request, "actor", None)
    hats = [
        {
            "id": hat.pk,
            "role": _role_word(hat.role),
            "organisation": hat.organisation.name,
            "current": actor is not None
            and (hat.role, hat.organisation_id) == (str(actor.role), actor.organisation_id),
        }
        for hat in getattr(request, "hats", [])
    ]
    return {"actor": actor, "hats": hats, "csrf_token": context.get("csrf_token")}


# --- a record's life ---------------------------------------------------------------------------------------------
@register.inclusion_tag("common/ui/steps.html")
def ui_steps(steps: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The flow as steps: `{% ui_steps steps %}`; steps: [{label, state: done|current|todo|stopped, note}]."""
    return {"steps": list(steps)}


@dataclass(frozen=True)
class _Entry:
    who: Any
    at: Any
    what: Any
    note: Any
    hat: Any
    tone: str
    state: Any


@register.inclusion_tag("common/ui/timeline.html")
def ui_timeline(entries: Iterable[Any], flow: Any = None) -> dict[str, Any]:
    """Who did what, when and why: `{% ui_timeline traces flow=flow %}` for rows of `common.Trace`, newest first,
    or `{% ui_timeline entries %}` with [{who, at, what, note, hat, tone, state}].
    """
    return {"entries": [_entry(one, flow) for one in entries]}


def _entry(one: Any, flow: Any) -> _Entry:
    if isinstance(one, Mapping):
        return _Entry(
            one.get("who", ""), one.get("at"), one.get("what", ""), one.get("note", ""), one.get("hat", ""),
            one.get("tone", "neutral"), one.get("state", ""),
        )  # fmt: skip
    what: Any = one.verb
    tone, state = "neutral", ""
    if flow is not None:
        what = next((m.label for m in flow.moves if m.name == one.verb), one.verb)
        if one.to_state in {s.value for s in flow.states}:
            tone, state = flow.tone(one.to_state), flow.word(one.to_state)
    return _Entry(one.actor_label, one.at, what, one.note, _role_word(one.hat), tone, state)


def _role_word(hat: str) -> Any:
    from onex.common.actors import Role

    return Role(hat).label if hat in {role.value for role in Role} else hat


@register.inclusion_tag("common/ui/moves.html", takes_context=True)
def ui_moves(
    context: template.Context,
    offers: Iterable[Any],
    address: str,
    *args: Any,
    subject: Any = "",
    primary: str = "",
    canned: Mapping[str, Iterable[Any]] | Iterable[Any] | None = None,
    number_on: str = "",
    number_name: str = "number",
    number_label: Any = "",
    number_value: Any = "",
    number_max: Any = None,
    target: str = "",
    keys: bool = False,
) -> dict[str, Any]:
    """The moves this person may make: `{% ui_moves offers "pilots:application-move" row.pk subject=row.title %}`.

    `offers` are `common.moves.offers(...)`; each posts to `address` reversed with the given arguments and the move's
    name as the last one, sending `note` when the move needs a reason and `number_name` on the move `number_on`.
    `canned`: reasons that can be edited. `target`: a selector that the answer replaces (htmx), else the page loads.
    """
    shown = list(offers)
    rows = [
        {
            "offer": offer,
            "url": f"{address}{offer.name}" if address[0] in "/?" else reverse(address, args=[*args, offer.name]),
            "tone": "danger"
            if offer.is_grave
            else "primary"
            if offer.name == primary or (not primary and n == 0)
            else "plain",
            "with_number": offer.name == number_on,
            "canned": canned.get(offer.name, []) if isinstance(canned, Mapping) else (canned or []),
            "id": f"move-{offer.name}-{n}",
            "key": {"approve": "approve", "pass": "approve", "return": "return"}.get(offer.name, "") if keys else "",
        }
        for n, offer in enumerate(offer for offer in shown if offer.is_open)
    ]
    return {
        "rows": rows,
        "blocked": [offer for offer in shown if not offer.is_open],
        "subject": subject,
        "target": target,
        "number": {"name": number_name, "label": number_label, "value": number_value, "max": number_max},
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("common/ui/checklist.html")
def ui_checklist(items: Iterable[Mapping[str, Any]], title: Any = "") -> dict[str, Any]:
    """What is still missing: `{% ui_checklist items %}`; items: [{label, done, url, note}]."""
    found = list(items)
    return {"items": found, "title": title, "missing": sum(1 for one in found if not one.get("done"))}


@register.inclusion_tag("common/ui/file.html")
def ui_file(
    name: Any, href: str = "", size: int | None = None, note: Any = "", preview: str = "", remove: str = ""
) -> dict[str, Any]:
    """An attachment's row inside <ul class="ox-files">: `{% ui_file a.original_name href=url size=a.size note=a.actor_label %}`."""
    suffix = str(name).rpartition(".")[2].lower()
    icon = {"pdf": "file-type-pdf", "xlsx": "file-spreadsheet", "xls": "file-spreadsheet", "csv": "file-spreadsheet",
            "zip": "file-zip", "jpg": "photo", "jpeg": "photo", "png": "photo", "webp": "photo"}.get(suffix, "file-text")  # fmt: skip
    return {"name": name, "href": href, "size": size, "note": note, "preview": preview, "remove": remove, "icon": icon}


@register.inclusion_tag("common/ui/progress.html")
def ui_progress(done: int, total: int, label: Any = "", url: str = "", id: str = "progress") -> dict[str, Any]:
    """How far a job is: `{% ui_progress job.done job.total "正在导入" url=fragment_url %}`; asks `url` every 2 s until done.

    The fragment at `url` is this same tag again; leave `url` out when the job has ended.
    """
    share = round(100 * done / total) if total else 0
    return {
        "done": done,
        "total": total,
        "label": label,
        "url": url,
        "id": id,
        "share": share,
        "is_done": total > 0 and done >= total,
    }


# --- lists -------------------------------------------------------------------------------------------------------
def _address(context: template.Context, **changes: Any) -> str:
    request = context.get("request")
    query = request.GET.copy() if request is not None else None
    if query is None:
        return "?"
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return "?" + query.urlencode()


@register.simple_block_tag
def ui_table(content: str, caption: Any = "", id: str = "", paste: str = "") -> SafeString:
    """A table that scrolls inside itself, its head stays:

    `{% ui_table "申报列表" %}<thead><tr>{% ui_th "年度" sort="year" %}{% ui_th "人数" number=True %}</tr></thead>
    <tbody>…</tbody>{% endui_table %}`; numbers: `<td class="ox-num">`; actions: `<td class="ox-acts">`.
    """
    return format_html(
        '<div class="ox-table"{} tabindex="0" role="region" aria-label="{}"><table{}>'
        '<caption class="visually-hidden">{}</caption>{}</table></div>',
        format_html(' id="{}"', id) if id else "",
        caption or _("表格"),
        format_html(' data-paste="{}"', paste) if paste else "",
        caption,
        mark_safe(content),  # noqa: S308
    )


@register.simple_tag(takes_context=True)
def ui_th(
    context: template.Context, label: Any, sort: str = "", number: bool = False, hidden: bool = False
) -> SafeString:
    """A column's head; with `sort` a link that sorts by it and keeps the filters: `{% ui_th "提交时间" sort="submitted_at" %}`.

    The view reads `request.GET["sort"]`: "submitted_at" or "-submitted_at".
    """
    classes = mark_safe(' class="ox-num"') if number else ""
    if hidden:
        return format_html('<th scope="col"{}><span class="visually-hidden">{}</span></th>', classes, label)
    if not sort:
        return format_html('<th scope="col"{}>{}</th>', classes, label)
    request = context.get("request")
    now = request.GET.get("sort", "") if request is not None else ""
    is_up, is_down = now == sort, now == f"-{sort}"
    url = _address(context, sort=f"-{sort}" if is_up else sort, page=None)
    return format_html(
        '<th scope="col"{} aria-sort="{}"><a href="{}">{}{}</a></th>',
        classes,
        "ascending" if is_up else "descending" if is_down else "none",
        url,
        label,
        ui_icon("chevron-up" if is_up else "chevron-down" if is_down else "arrows-sort"),
    )


@register.simple_tag
def ui_no_rows(columns: int, text: Any) -> SafeString:
    """The row of an empty table: `{% for … %}…{% empty %}{% ui_no_rows 6 "没有符合条件的申报" %}{% endfor %}`."""
    return format_html(
        '<tr><td colspan="{}"><div class="ox-empty">{}<p>{}</p></div></td></tr>', columns, ui_icon("inbox"), text
    )


@register.inclusion_tag("common/ui/chips.html", takes_context=True)
def ui_chips(
    context: template.Context, name: str, chips: Iterable[Mapping[str, Any]], label: Any = ""
) -> dict[str, Any]:
    """Saved filters kept in the address: `{% ui_chips "state" chips %}`; chips: [{label, value, count}], value "" is all."""
    request = context.get("request")
    now = request.GET.get(name, "") if request is not None else ""
    return {
        "label": label or _("筛选"),
        "chips": [
            {
                "label": chip["label"],
                "count": chip.get("count"),
                "current": str(chip.get("value", "")) == now,
                "url": _address(context, **{name: chip.get("value", ""), "page": None}),
            }
            for chip in chips
        ],
    }


@register.simple_block_tag(takes_context=True)
def ui_filters(
    context: template.Context, content: str, placeholder: Any = "", name: str = "q", keep: str = "", export: str = ""
) -> SafeString:
    """Search and further fields, sent as a GET so that the address keeps them:

    `{% ui_filters "学校、证书名称" keep="state sort" %}<select name="level" class="form-select" …>…{% endui_filters %}`
    `keep`: names of other parameters to carry along; `export`: address of the file of exactly what is shown.
    """
    request = context.get("request")
    given = request.GET if request is not None else {}
    return mark_safe(  # noqa: S308
        render_to_string(
            "common/ui/filters.html",
            {
                "content": mark_safe(content),  # noqa: S308
                "placeholder": placeholder,
                "name": name,
                "value": given.get(name, ""),
                "kept": [(one, given.get(one)) for one in keep.split() if given.get(one)],
                "is_filtered": bool(given.get(name)),
                "clear": _address(context, **{name: None, "page": None}),
                "export": export + _address(context, page=None) if export else "",
            },
        )
    )


@register.inclusion_tag("common/ui/pages.html", takes_context=True)
def ui_pages(context: template.Context, page: Any) -> dict[str, Any]:
    """The pager below a list: `{% ui_pages page %}` (page: django's Page, see common.pages.page_of)."""
    paginator = page.paginator
    numbers = [
        {"number": n, "current": n == page.number, "url": _address(context, page=n)} if isinstance(n, int) else None
        for n in paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    ]
    return {
        "page": page,
        "count": paginator.count,
        "numbers": numbers,
        "many": paginator.num_pages > 1,
        "previous": _address(context, page=page.number - 1) if page.has_previous() else "",
        "next": _address(context, page=page.number + 1) if page.has_next() else "",
    }


# --- forms -------------------------------------------------------------------------------------------------------
@register.simple_block_tag(takes_context=True)
def ui_form(
    context: template.Context,
    content: str,
    form: Any = None,
    action: str = "",
    submit: Any = "",
    cancel: str = "",
    guard: bool = True,
    autosave: str = "",
    id: str = "form",
    target: str = "",
    wide: bool = False,
    checklist: Any = None,
) -> SafeString:
    """A form with its summary of mistakes, token and foot:

    `{% ui_form form submit="保存并提交" cancel=url %}{% ui_field form.headcount unit="人" %}…{% endui_form %}`
    An empty block shows every field. Further buttons: write them in the block with `class="btn"` and `name`/`value`.
    `target`: a selector that the answer replaces by htmx (409, 422 and 200 alike); `autosave`: address of the draft.
    """
    fields = SafeString(content)
    if not content.strip() and form is not None:
        fields = format_html_join("", "{}", ((render_field(bound),) for bound in form.visible_fields()))
    return mark_safe(  # noqa: S308
        render_to_string(
            "common/ui/form.html",
            {
                "form": form,
                "fields": fields,
                "hidden": form.hidden_fields() if form is not None else [],
                "mistakes": mistakes_of(form) if form is not None else [],
                "action": action,
                "submit": submit,
                "cancel": cancel,
                "guard": guard,
                "autosave": autosave,
                "id": id,
                "target": target,
                "wide": wide,
                "checklist": checklist,
                "multipart": form.is_multipart() if form is not None else False,
                "csrf_token": context.get("csrf_token"),
            },
        )
    )


def mistakes_of(form: Any) -> list[dict[str, Any]]:
    """Every mistake of a form with the id of its field, in the order of the page, for the summary at the top."""
    if not form.is_bound:
        return []
    whole = [{"href": "", "label": "", "text": text} for text in form.non_field_errors()]
    return whole + [
        {"href": f"#field-{bound.html_name}", "label": bound.label, "text": text}
        for bound in form
        for text in bound.errors
    ]


@register.simple_tag
def ui_field(
    field: BoundField,
    label: Any = "",
    help: Any = "",
    unit: Any = "",
    short: bool = False,
    across: bool = False,
    **attributes: Any,
) -> SafeString:
    """One field with label, help and its mistakes beside it: `{% ui_field form.headcount unit="人" %}`.

    Every widget of Django's is dressed; `across=True` puts options in one line; other arguments become attributes
    of the widget (`autofocus=True`, `autocomplete="name"`, `inputmode="numeric"`).
    """
    return render_field(field, label, help, unit, short, across, attributes)


def render_field(
    field: BoundField,
    label: Any = "",
    help: Any = "",
    unit: Any = "",
    short: bool = False,
    across: bool = False,
    attributes: Mapping[str, Any] | None = None,
) -> SafeString:
    """The one way a field is drawn (`ui_field`, `ui_form`)."""
    widget = field.field.widget
    if isinstance(widget, HiddenInput):
        return SafeString(str(field))
    kind = _kind(widget)
    ids = f"field-{field.html_name}"
    described = [f"{ids}-help"] if help or field.help_text else []
    described += [f"{ids}-error"] if field.errors else []
    dress: dict[str, Any] = {name.replace("_", "-"): value for name, value in (attributes or {}).items()}
    existing = str(widget.attrs.get("class", ""))
    dress["class"] = f"{existing} {_DRESS[kind]}".strip()
    if described:
        dress["aria-describedby"] = " ".join(described)
    if field.errors:
        dress["aria-invalid"] = "true"
    if kind == "textarea":
        rows = str(widget.attrs.get("rows", ""))
        dress.setdefault("rows", 4 if rows in ("", "10") else rows)  # 10 is Django's own default
    context = {
        "field": field,
        "kind": kind,
        "ids": ids,
        "label": label or field.label,
        "help": help or field.help_text,
        "unit": unit,
        "short": short,
        "across": across,
        "required": field.field.required,
        "options": _options(field, dress) if kind in ("radio", "checks") else [],
        "widget": "" if kind in ("radio", "checks") else field.as_widget(attrs=dress),
        "most": getattr(field.field, "most_bytes", None),
        "initial_file": getattr(field.initial, "name", "") if kind == "file" else "",
    }
    return mark_safe(render_to_string("common/ui/field.html", context))  # noqa: S308


_DRESS = {
    "input": "form-control",
    "textarea": "form-control",
    "file": "form-control",
    "select": "form-select",
    "checkbox": "form-check-input",
    "radio": "form-check-input",
    "checks": "form-check-input",
}


def _kind(widget: Any) -> str:
    for kind, classes in (
        ("checks", CheckboxSelectMultiple),
        ("radio", RadioSelect),
        ("checkbox", CheckboxInput),
        ("file", FileInput),
        ("textarea", Textarea),
        ("select", Select),
    ):
        if isinstance(widget, classes):
            return kind
    return "input"


def _options(field: BoundField, dress: Mapping[str, Any]) -> list[dict[str, Any]]:
    described = {k: v for k, v in dress.items() if k != "class"}
    return [
        {"input": _option_input(one, described), "label": one.choice_label, "id": one.id_for_label} for one in field
    ]


def _option_input(one: Any, described: Mapping[str, Any]) -> SafeString:
    attributes = {**one.data["attrs"], **described, "class": "form-check-input"}
    return format_html(
        '<input type="{}" name="{}" value="{}"{}{}>',
        one.data["type"],
        one.data["name"],
        one.data["value"],
        mark_safe(" checked") if one.data["selected"] else "",
        flatatt({k: v for k, v in attributes.items() if k != "checked"}),
    )


# --- charts ------------------------------------------------------------------------------------------------------
@register.inclusion_tag("common/ui/chart.html")
def ui_chart(title: Any, spec: Mapping[str, Any], id: str, note: Any = "") -> dict[str, Any]:
    """A chart that answers one question, its table one click away: `{% ui_chart "各省已用名额" spec "quota" %}`.

    spec: {"kind": "bar"|"line"|"stacked", "unit": "人", "category": "省份", "categories": [...],
    "series": [{"name": "已使用", "values": [...], "colour": 0}]}; `colour` (0–5) keeps an entity's colour everywhere.
    """
    series = list(spec["series"])
    categories = [str(one) for one in spec["categories"]]
    plain = {
        "kind": spec.get("kind", "bar"),
        "title": str(title),
        "unit": str(spec.get("unit", "")),
        "categories": categories,
        "series": [
            {"name": str(s["name"]), "values": list(s["values"]), **({"colour": s["colour"]} if "colour" in s else {})}
            for s in series
        ],
    }
    rows = [(name, [s["values"][n] for s in series]) for n, name in enumerate(categories)]
    return {
        "title": title,
        "note": note,
        "id": f"chart-{id}",
        "spec": plain,
        "rows": rows,
        "names": [s["name"] for s in plain["series"]],
        "category": spec.get("category", ""),
        "unit": plain["unit"],
        "is_empty": not categories,
    }

"""Words, figures, dates, states and buttons."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django import template
from django.forms.utils import flatatt
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from onex.common.actors import Role
from onex.common.ui.library import register

HERE = Path(__file__).resolve().parents[1]
TONE_ICONS = {
    "neutral": "circle-dashed",
    "info": "progress-check",
    "good": "circle-check",
    "warn": "alert-triangle",
    "bad": "circle-x",
}


@cache
def _icons() -> dict[str, str]:
    drawn: dict[str, str] = json.loads((HERE / "icons.json").read_text("utf-8"))
    return drawn


@register.simple_tag
def ui_icon(name: str, label: str = "") -> SafeString:
    """An icon of the set: `{% ui_icon "send" %}`; with words only when alone: `{% ui_icon "x" label="关闭" %}`.

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
    """The state of a row in its workflow: `{% ui_flow_state flow row.state %}` (a `Workflow`)."""
    return ui_state(flow.word(state), flow.tone(state))


def attributes_of(values: Mapping[str, Any]) -> SafeString:
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
    `{% ui_button "作废 3 张证书" tone="danger" confirm="确定作废这 3 张证书？" name="move" value="void" %}`
    Tones: primary (one per page), plain, quiet, danger. Sizes: "", "sm", "lg". Other arguments become attributes.
    """
    classes = " ".join(part for part in ("btn", f"btn-{tone}", f"btn-{size}" if size else "") if part)
    words = format_html("{}{}", ui_icon(icon) if icon else "", label)
    if confirm:
        attributes["data-confirm"] = confirm
    if href is not None:
        return format_html('<a class="{}" href="{}"{}>{}</a>', classes, href, attributes_of(attributes), words)
    return format_html('<button type="{}" class="{}"{}>{}</button>', type, classes, attributes_of(attributes), words)


def role_word(hat: str) -> Any:
    return Role(hat).label if hat in {role.value for role in Role} else hat

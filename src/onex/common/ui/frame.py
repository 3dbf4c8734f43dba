"""A page's assets, cards, messages, facts, tabs and the role switcher."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from onex.common.ui.library import register
from onex.common.ui.words import TONE_ICONS, role_word


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
            return _read_manifest(str(manifest), manifest.stat().st_mtime_ns)["main.ts"]
    return None


@cache
def _read_manifest(path: str, _changed: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(path).read_text("utf-8"))
    return found


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
    """Nothing here, and how to begin: `{% ui_empty "还没有申报" "发布计划后可申报。" action="查看计划" href=url %}`."""
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
            "role": role_word(hat.role),
            "organisation": hat.organisation.name,
            "current": actor is not None
            and (hat.role, hat.organisation_id) == (str(actor.role), actor.organisation_id),
        }
        for hat in getattr(request, "hats", [])
    ]
    return {"actor": actor, "hats": hats, "csrf_token": context.get("csrf_token")}

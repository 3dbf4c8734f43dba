"""A record's life: steps, moves, timeline, what is missing, files, progress."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import reverse

from onex.common.text import say
from onex.common.ui.library import register
from onex.common.ui.words import role_word

FILE_ICONS = {
    "pdf": "file-type-pdf",
    "zip": "file-zip",
    **dict.fromkeys(("xlsx", "xls", "csv"), "file-spreadsheet"),
    **dict.fromkeys(("jpg", "jpeg", "png", "webp"), "photo"),
}


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
        what = flow.act(one.verb)
        if one.to_state in {s.value for s in flow.states}:
            tone, state = flow.tone(one.to_state), flow.word(one.to_state)
    return _Entry(one.actor_label, one.at, what, one.note, role_word(one.hat), tone, state)


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
    ticks_on: str = "",
    ticks: Mapping[str, Any] | None = None,
    ticks_name: str = "checked",
    ticks_of: Any = "",
    target: str = "",
    keys: bool = False,
) -> dict[str, Any]:
    """The moves this person may make: `{% ui_moves offers "pilots:application-move" row.pk subject=row.title %}`.

    `offers` are `common.moves.offers(...)`; each posts to `address` reversed with the given arguments and the move's
    name as the last one, sending `note` when the move needs a reason and `number_name` on the move `number_on`.
    `canned`: reasons that can be edited. `ticks`: {value: sentence} to be confirmed one by one on the move `ticks_on`,
    sent as `ticks_name`, with `ticks_of` as `<ticks_name>_of`: which state of the row was on the screen.
    `target`: a selector that the answer replaces (htmx), else the page loads.
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
            "with_ticks": offer.name == ticks_on,
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
        "ticks": {"name": ticks_name, "rows": (ticks or {}).items(), "of": ticks_of},
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("common/ui/checklist.html")
def ui_checklist(items: Iterable[Mapping[str, Any]], title: Any = "") -> dict[str, Any]:
    """What is still missing: `{% ui_checklist items %}`; items: [{label, done, url, note}]."""
    found = list(items)
    return {"items": found, "title": title, "missing": sum(1 for one in found if not one.get("done"))}


@register.inclusion_tag("common/ui/file.html")
def ui_file(
    name: Any,
    href: str = "",
    size: int | None = None,
    note: Any = "",
    preview: str = "",
    remove: str = "",
    scan: str = "",
) -> dict[str, Any]:
    """An attachment's row in <ul class="ox-files">.

    `{% ui_file name href=url size=a.size note=a.actor_label scan=a.scan_state %}`: in quarantine it is no link.
    """
    if scan == "quarantined":
        href, preview, note = "", "", say("已隔离：查毒没有完成或发现病毒，暂不能下载")
    suffix = str(name).rpartition(".")[2].lower()
    icon = FILE_ICONS.get(suffix, "file-text")
    return {"name": name, "href": href, "size": size, "note": note, "preview": preview, "remove": remove, "icon": icon}


@register.inclusion_tag("common/ui/progress.html")
def ui_progress(done: int, total: int, label: Any = "", url: str = "", id: str = "progress") -> dict[str, Any]:
    """How far a job is: `{% ui_progress job.done job.total "正在导入" url=fragment_url %}`; asks `url` until done.

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

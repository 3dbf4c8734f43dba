"""Tables, filters that stay in the address, the pager."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from onex.common.ui.library import register
from onex.common.ui.words import ui_icon


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
    """A column's head; with `sort` a link that sorts and keeps the filters: `{% ui_th "时间" sort="submitted_at" %}`.

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
    """Saved filters kept in the address: `{% ui_chips "state" chips %}`; chips: [{label, value, count}], "" is all."""
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
    context: template.Context,
    content: str,
    placeholder: Any = "",
    name: str = "q",
    keep: str = "",
    export: str = "",
    filters: str = "",
) -> SafeString:
    """Search and further fields, sent as a GET so that the address keeps them:

    `{% ui_filters "学校、证书名称" keep="state sort" %}<select name="level" class="form-select" …>…{% endui_filters %}`
    `keep`: names of other parameters to carry along; `filters`: names of the further fields, which 清除 empties too;
    `export`: address of the file of exactly what is shown.
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
                "is_filtered": any(given.get(one) for one in (name, *filters.split())),
                "clear": _address(context, **dict.fromkeys((name, *filters.split(), "page"))),
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

"""A chart answers one question; its table is one click away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onex.common.ui.library import register


@register.inclusion_tag("common/ui/chart.html")
def ui_chart(title: Any, spec: Mapping[str, Any], id: str, note: Any = "") -> dict[str, Any]:
    """A chart that answers one question, its table one click away: `{% ui_chart "各省已用名额" spec "quota" %}`.

    spec: {"kind": "bar"|"line"|"stacked"|"rows", "unit": "人", "category": "省份", "categories": [...],
    "series": [{"name": "已使用", "values": [...], "colour": 0}]}; `colour` (0–5) keeps an entity's colour everywhere.
    "rows" are bars that lie, for names too long to stand under a bar. A "rest" {"name": "其余 12 省", "values": [...]}
    is the table's last row alone: all that the chart leaves out, so that the table adds up.
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
    if rest := spec.get("rest"):
        rows.append((rest["name"], list(rest["values"])))
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

"""How the figures of an overseer are shown: which charts a role has, and each of them with its table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from onex.catalog.rules import LEVEL_LABELS, Level
from onex.common import sheets
from onex.common.actors import Role
from onex.common.text import Say, say
from onex.pilots import queries
from onex.pilots.rules import APPLICATION_BY_CITY, batch_label

MOST = 20  # bars of one chart; the table has a line for the others together, the list and the sheet have them all
MONTHS = 24
# The same thing has the same colour in every chart.
GREY, BLUE, GREEN, ORANGE = 4, 0, 2, 1
FLOW = APPLICATION_BY_CITY  # both tables have the same words


@dataclass(frozen=True)
class Dimension:
    """What places are added up by: its name, the question its chart answers, and how a value is read."""

    label: Say
    question: Say
    others: Say | None = None
    word: Callable[[Any], Any] = lambda value: value or _("未登记")


def _level_word(value: Any) -> str:
    return str(LEVEL_LABELS[Level(value)])


DIMENSIONS = {
    "year": Dimension(say("申报年度"), say("历年申请、批准、使用了多少名额")),
    "province": Dimension(say("省份"), say("各省份申请、批准、使用了多少名额"), say("其余 {n} 个省份")),
    "city": Dimension(say("城市"), say("各城市申请、批准、使用了多少名额"), say("其余 {n} 个城市")),
    "school": Dimension(say("院校"), say("各院校申请、批准、使用了多少名额"), say("其余 {n} 所院校")),
    "certificate": Dimension(say("证书"), say("各证书申请、批准、使用了多少名额"), say("其余 {n} 种证书")),
    "level": Dimension(say("等级"), say("各等级申请、批准、使用了多少名额"), None, _level_word),
}
TIMES = {
    "step": (say("审核环节"), say("地市、省级各环节每次审核用了多少天")),
    "batch": (say("申报批次"), say("各批次从提交到审核结论用了多少天")),
    "month": (say("审核月份"), say("各月作出的审核结论用了多少天")),
}
PLACES_COLUMNS = (
    sheets.Column("applications", say("申报份数"), 12, as_text=False),
    sheets.Column("requested", say("申请培训总人数"), 16, as_text=False),
    sheets.Column("approved", say("批准培训总人数"), 16, as_text=False),
    sheets.Column("used", say("已使用培训数"), 14, as_text=False),
    sheets.Column("rate", say("使用率"), 10),
)
TIMES_COLUMNS = (
    sheets.Column("count", say("申报份数"), 12, as_text=False),
    sheets.Column("median", say("中位数（天）"), 14, as_text=False),
    sheets.Column("p90", say("九成不超过（天）"), 16, as_text=False),
)
FILTER_LABELS = {
    "year": (say("申报年度"), say("全部年度")),
    "batch": (say("申报批次"), say("全部批次")),
    "province": (say("省份"), say("全部省份")),
    "city": (say("城市"), say("全部城市")),
    "certificate": (say("证书"), say("全部证书")),
    "level": (say("等级"), say("全部等级")),
    "state": (say("申报状态"), say("全部状态")),
}
_WORDS: dict[str, Callable[[Any], Any]] = {"batch": batch_label, "level": _level_word, "state": FLOW.word}


def places_dimensions(role: Role) -> list[str]:
    """What this role compares places by: its own place on the map is no question to it."""
    own = {Role.PROVINCE: {"province"}, Role.CITY: {"province", "city"}}.get(role, set())
    return [name for name in DIMENSIONS if name not in own]


def filters_for(role: Role) -> list[str]:
    """The filters of this role, in the order of the page."""
    own = {Role.PROVINCE: {"province"}, Role.CITY: {"province", "city"}}.get(role, set())
    return [name for name in FILTER_LABELS if name not in own]


def filter_shown(name: str, options: list[tuple[str, Any]], now: str) -> dict[str, Any]:
    """One select of the page."""
    label, every = FILTER_LABELS[name]
    word = _WORDS.get(name, str)
    if name == "year":  # the newest first
        options = options[::-1]
    elif name == "state":  # in the order an application lives through them, not that of their codes
        options = sorted(options, key=lambda one: list(FLOW.labels).index(one[0]))
    return {"label": label, "every": every, "now": now, "options": [(value, word(text)) for value, text in options]}


def useful(filters: dict[str, Any]) -> dict[str, Any]:
    """Those that leave a choice, or that the address chose."""
    return {name: one for name, one in filters.items() if len(one["options"]) > 1 or one["now"]}


def tables(role: Role) -> dict[str, Say]:
    """The tables that this role may take along: name → what it is about."""
    places = {name: DIMENSIONS[name].label for name in places_dimensions(role)}
    return {"state": say("申报状态")} | places | {name: label for name, (label, _question) in TIMES.items()}


# --- charts


def charts_of(seen: Any, chosen: dict[str, str], role: Role) -> tuple[queries.Places, list[dict[str, Any]]]:
    """All places together and every chart of the page; those that stand side by side are of one height."""
    names = places_dimensions(role)
    # A trend over years is one of all years, whichever year the rest of the page is about.
    any_year = queries.applications_chosen(seen, {k: v for k, v in chosen.items() if k != "year"})
    rows = queries.applications_chosen(seen, chosen)
    found = queries.overview_of(any_year, names, MOST, chosen.get("year", ""))
    bars = {name: _places_chart(found, name) for name in names}
    trend = bars.pop("year") | {"note": _("不随年度筛选变化")}
    first = [_states_chart(found.states), trend, bars.pop("level")]
    times = [_times_chart(name, times_lines(rows, name)) for name in TIMES]
    schools = bars.pop("school")  # the longest names, across the whole page
    return found.places, [*first, *times, *bars.values(), schools]


def _states_chart(counts: dict[str, int]) -> dict[str, Any]:
    lines = _state_lines(counts)
    spec = _spec("rows", say("份"), say("申报状态"), [one["name"] for one in lines])
    spec["series"] = [{"name": _("申报份数"), "values": [one["count"] for one in lines], "colour": BLUE}]
    return {"id": "state", "title": _("各审核状态有多少份申报"), "spec": spec}


def _places_chart(found: queries.Overview, name: str) -> dict[str, Any]:
    dimension = DIMENSIONS[name]
    lines, groups, total = found.bars[name], found.groups[name], found.places
    spec = _places_spec("bar" if name in ("year", "level") else "rows", name, lines)
    chart = {"id": name, "title": dimension.question, "spec": spec, "is_wide": name == "school", "all": ""}
    if groups > MOST and dimension.others is not None:
        rest = [
            total.requested - sum(one.requested for one in lines),
            total.approved - sum(one.approved for one in lines),
            total.used - sum(one.used for one in lines),
        ]
        others = say(dimension.others.msgid, n=groups - MOST)
        spec["rest"] = {"name": str(others), "values": rest}
        chart |= {"note": _("申请最多的 %(n)s 个") % {"n": MOST}, "all": groups}
    return chart


def _places_spec(kind: str, name: str, lines: list[queries.Places]) -> dict[str, Any]:
    dimension = DIMENSIONS[name]
    spec = _spec(kind, say("人"), dimension.label, [str(dimension.word(one.name)) for one in lines])
    spec["series"] = [
        {"name": _("申请"), "values": [one.requested for one in lines], "colour": GREY},
        {"name": _("批准"), "values": [one.approved for one in lines], "colour": BLUE},
        {"name": _("已使用"), "values": [one.used for one in lines], "colour": GREEN},
    ]
    return spec


def _times_chart(name: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
    label, question = TIMES[name]
    note = "" if len(lines) <= MONTHS else _("最近 %(n)s 个") % {"n": MONTHS}
    lines = lines[-MONTHS:]
    spec = _spec("bar", say("天"), label, [one["name"] for one in lines])
    spec["series"] = [
        {"name": _("中位数"), "values": [one["median"] for one in lines], "colour": BLUE},
        {"name": _("九成不超过"), "values": [one["p90"] for one in lines], "colour": ORANGE},
    ]
    return {"id": name, "title": question, "spec": spec, "note": note}


def _spec(kind: str, unit: Say, category: Say, categories: list[str]) -> dict[str, Any]:
    return {"kind": kind, "unit": str(unit), "category": str(category), "categories": categories}


# --- tables


def table_of(rows: Any, by: str) -> tuple[list[sheets.Column], list[dict[str, Any]]]:
    """The whole table of one chart: its columns and its lines."""
    if by == "state":
        first = sheets.Column("name", say("申报状态"), 20)
        return [first, sheets.Column("count", say("申报份数"), 12, as_text=False)], state_lines(rows)
    if by in TIMES:
        return [sheets.Column("name", TIMES[by][0], 20), *TIMES_COLUMNS], times_lines(rows, by)
    lines = [places_shown(by, asdict(one)) for one in queries.places_by(rows, by)]
    return [sheets.Column("name", DIMENSIONS[by].label, 36), *PLACES_COLUMNS], lines


def state_lines(rows: Any) -> list[dict[str, Any]]:
    """Each state that has applications, in the order an application lives through them."""
    return _state_lines(queries.counts_in_states(rows))


def _state_lines(counts: dict[str, int]) -> list[dict[str, Any]]:
    return [{"name": str(FLOW.word(one)), "count": counts[one]} for one in FLOW.labels if counts.get(one)]


def places_shown(by: str, line: dict[str, Any]) -> dict[str, Any]:
    """One line of places as people read it, with how much of what was granted is used."""
    approved = line["approved"]
    rate = f"{line['used'] / approved:.0%}" if approved else "—"
    return line | {"name": str(DIMENSIONS[by].word(line["name"])), "rate": rate}


def times_lines(rows: Any, by: str) -> list[dict[str, Any]]:
    """One table of times, in days with one decimal."""
    found = queries.times_by_step(rows) if by == "step" else queries.times_by(rows, by)
    return [
        {"name": _time_word(by, one.group), "count": one.count, "median": _days(one.median), "p90": _days(one.p90)}
        for one in found
    ]


def _time_word(by: str, group: Any) -> str:
    if by == "step":
        return _("地市审核") if group == "city_review" else _("省级审核")
    if by == "batch":
        return f"{group[0]} {batch_label(group[1])}"
    return f"{group[0]:%Y-%m}"


def _days(took: timedelta) -> float:
    return round(took.total_seconds() / 86_400, 1)

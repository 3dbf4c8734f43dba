"""What stands around the fields of an application's form: what is missing, what was said of them, what they mean."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from onex.common.text import Say
from onex.common.ui.words import ui_number
from onex.pilots import queries
from onex.pilots.forms import ApplicationForm
from onex.pilots.models import PilotApplication, PilotPlan
from onex.pilots.rules import (
    APPLICATION_BY_CITY,
    FIELD_LABELS,
    ApplicationFacts,
    Field,
    batch_label,
    next_of,
    problems_by_field,
    problems_with_window,
)
from onex.pilots.services.applications import typed_facts
from onex.pilots.services.moving import application_facts, snapshot_of

# The parts of a submission that a remark on a field is about.
PARTS = {
    Field.REQUESTED_COUNT: ("requested_count",),
    Field.LEVEL: ("level",),
    Field.DECLARED_MAJORS: ("declared_majors",),
    Field.TEACHING_STAFF: ("teaching_staff",),
    Field.FACILITIES: ("facilities", "machine_count"),
    Field.MATERIALS: ("materials",),
}
FLOW = APPLICATION_BY_CITY  # both tables have the same words
TYPED = ("requested_count", "level", "declared_majors", "teaching_staff", "facilities", "machine_count")


def checklist_shown(
    plan: PilotPlan, facts: ApplicationFacts | None, at: Any, address: str = ""
) -> list[dict[str, Any]]:
    """提交前检查: everything submitting asks for, done or not and why; `address` is the form's, when it is elsewhere.

    Without facts no level is chosen yet, and nothing else can be judged.
    """
    if facts is None:
        return [_check(address, "level", FIELD_LABELS[Field.LEVEL], [_("选择后自动保存草稿，并在这里列出还缺什么。")])]
    problems = problems_by_field(facts, at)
    found = [_check(address, "", _("申报时间"), problems.get("", ()))]
    if plan.requires_city_approval:
        found.append(_check(address, "", _("院校所在城市"), problems.get("school", ())))
    for field in (Field.LEVEL, Field.REQUESTED_COUNT, Field.DECLARED_MAJORS, Field.TEACHING_STAFF, Field.FACILITIES):
        one = _check(address, field, FIELD_LABELS[field], problems.get(field, ()))
        if field == Field.DECLARED_MAJORS and one["done"] and not facts.declared:
            one["note"] = _("没有添加，即默认全部对应专业。")
        found.append(one)
    for asked in plan.materials.all():
        if asked.is_required:
            missing = [one for one in problems.get("materials", ()) if one.args.get("name") == asked.name]
            found.append(_check(address, asked.slot, asked.name, missing))
    return found


def _check(address: str, field: str, label: Any, problems: Any) -> dict[str, Any]:
    note = " ".join(map(str, problems))
    return {"label": label, "done": not note, "url": f"{address}#field-{field}" if field else "", "note": note}


def checklist_of(row: PilotApplication, at: Any, address: str = "") -> list[dict[str, Any]]:
    """The same of an application as it is kept."""
    return checklist_shown(row.plan, application_facts(row), at, address)


def facts_in(form: ApplicationForm) -> ApplicationFacts | None:
    """What the rules judge of a form as it stands; None before a level is chosen."""
    if form.chosen_level is None:
        return None
    if not form.is_bound:
        if form.application is not None and form.started is None:
            return application_facts(form.application)
        form.cleaned_data = {name: form.initial.get(name) for name in TYPED}
        form.cleaned_data |= {"requested_count": _count_in(form), "machine_count": None}
    elif not form.errors:
        return typed_facts(form.plan, form.school, form.values(), form.application)
    form.cleaned_data["level"] = form.chosen_level
    return typed_facts(form.plan, form.school, form.values_so_far(), form.application)


# --- beside the fields -----------------------------------------------------------------------------------------------


def remarks_shown(row: PilotApplication | None) -> dict[str, list[dict[str, Any]]]:
    """逐项意见 by field, each with whether the school has changed that field since it was handed in."""
    if row is None:
        return {}
    remarks = queries.remarks_by_field(row)
    if not remarks:
        return {}
    before, now = queries.last_submission_of(row) or {}, snapshot_of(row)
    return {
        field: [
            {
                "text": one.text,
                "who": one.actor_label,
                "at": one.at,
                "field": field,
                "is_changed": _differs(field, before, now),
            }
            for one in said
        ]
        for field, said in remarks.items()
    }


def _differs(field: str, before: dict[str, Any], now: dict[str, Any]) -> bool:
    parts = PARTS.get(Field(field)) or tuple(now)  # of the whole: anything
    return any(before.get(part) != now.get(part) for part in parts if part in before)


def conflict_shown(form: ApplicationForm, now: PilotApplication) -> dict[str, dict[str, Any]]:
    """Where what was typed differs from what somebody saved meanwhile, by field, with both versions."""
    mine, theirs = typed_of(form), _values_of(now)
    found = {}
    for name in TYPED:
        if mine[name] != theirs[name]:
            is_text = name not in ("level", "declared_majors")
            found[name] = {
                "mine": _word(form, name, mine[name]) or _("（空）"),
                "theirs": _word(form, name, theirs[name]) or _("（空）"),
                "fill": f"#id_{name}" if is_text else "",
                "mine_text": mine[name],
                "theirs_text": theirs[name],
            }
    return found


def typed_of(form: ApplicationForm) -> dict[str, Any]:
    """What stands in the fields, as text; majors as codes."""
    data: Any = form.data
    found: dict[str, Any] = {name: str(data.get(name, "")).replace("\r\n", "\n").strip() for name in TYPED}
    found["declared_majors"] = sorted(form.chosen_majors)
    return found


def _values_of(row: PilotApplication) -> dict[str, Any]:
    return {
        "requested_count": str(row.requested_count or ""),
        "level": str(row.level_id),
        "declared_majors": sorted(row.declared_majors.values_list("code", flat=True)),
        "teaching_staff": row.teaching_staff.replace("\r\n", "\n").strip(),
        "facilities": row.facilities.replace("\r\n", "\n").strip(),
        "machine_count": "" if row.machine_count is None else str(row.machine_count),
    }


def _word(form: ApplicationForm, name: str, value: Any) -> str:
    if name == "level":
        levels: Any = form.fields["level"]
        return next((level.name for level in levels.queryset if str(level.pk) == value), "")
    if name == "declared_majors":
        return "、".join(value) or _("全部对应专业")
    return str(value)


def label_of(row: PilotApplication) -> str:
    """An application as people call it: 2025 年度第一次 直播电商（初级）."""
    return _("%(year)s 年度%(batch)s %(level)s") % {
        "year": row.plan.year,
        "batch": batch_label(row.plan.batch),
        "level": row.level.short_name,
    }


def starts_shown(form: ApplicationForm) -> list[dict[str, Any]]:
    """Whose texts this form may begin with, as buttons."""
    besides = form.application.pk if form.application is not None else None
    if form["teaching_staff"].value() and form["facilities"].value():
        return []  # nothing is left to fill
    found = queries.starts_for(form.school, form.chosen_level, besides)
    return [{"pk": one.pk, "label": label_of(one)} for one in found]


def twin_of(form: ApplicationForm) -> PilotApplication | None:
    """The application that this one would be a second of."""
    if form.chosen_level is None:
        return None
    return queries.application_kept(form.plan, form.school, form.chosen_level)


# --- majors ----------------------------------------------------------------------------------------------------------


def majors_shown(form: ApplicationForm, is_picking: bool = False) -> dict[str, Any]:
    """拟申报专业 as a table with what may be added, and what the choice means for students of the school."""
    majors: Any = form.fields["declared_majors"]
    names = dict(majors.choices)
    chosen = [code for code in form.chosen_majors if code in names]
    return {
        "chosen": [
            {"code": code, "name": names[code].removeprefix(code).strip(), "is_lost": code in form.lost_majors}
            for code in chosen
        ],
        "options": [{"code": code, "label": label, "is_chosen": code in chosen} for code, label in majors.choices],
        "is_picking": is_picking,
        "effect": effect_shown(form, chosen),
    }


def effect_shown(form: ApplicationForm, chosen: list[str]) -> dict[str, Any]:
    """“本校这 3 个专业在籍 412 人；不添加则对应专业共 530 人。”, and whether more are asked for than there are."""
    level, school = form.chosen_level, form.school
    if level is None:
        return {}
    every = queries.whitelist_effect(school, (), level)
    if not every.has_roster:
        return {"text": _("本校还没有在平台登记在籍学生，暂不能估算这些专业的人数。"), "warning": ""}
    now = queries.whitelist_effect(school, chosen, level) if chosen else every
    asked = _count_in(form)
    words = {
        "n": now.major_count,
        "m": ui_number(now.student_count),
        "k": ui_number(every.student_count),
        "asked": ui_number(asked),
    }
    if chosen:
        text = _("本校这 %(n)s 个专业在籍 %(m)s 人；不添加则对应专业共 %(k)s 人。") % words
    else:
        text = _("没有添加：本校该证书的对应专业共在籍 %(k)s 人，都可以报考。") % words
    warning = ""
    if asked > now.student_count:
        warning = _("申请 %(asked)s 人，超过在籍的 %(m)s 人，审核时会提示，请核对。") % words
    return {"text": text, "warning": warning}


def _count_in(form: ApplicationForm) -> int:
    typed: Any = form.data.get("requested_count", "") if form.is_bound else form.initial.get("requested_count")
    typed = str(typed or "").strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else 0


# --- what a saved draft changes on its own page ----------------------------------------------------------------------


def replaced(request: Any, form: ApplicationForm, row: PilotApplication) -> dict[str, str]:
    """The parts of the page that follow from what was just kept, by their selector."""
    found = {
        "#checklist": _drawn(request, "_checklist", checklist=checklist_of(row, request.at)),
        "#majors-effect": _drawn(request, "_effect", effect=majors_shown(form)["effect"]),
    }
    for field, said in remarks_shown(row).items():
        found[f"#changed-{field}"] = _drawn(request, "_changed", one=said[0])
    return found


def _drawn(request: Any, name: str, **context: Any) -> str:
    return render_to_string(f"pilots/{name}.html", context, request)


def clock(at: Any) -> str:
    """Hours and minutes of the local clock."""
    return f"{localtime(at):%H:%M}"


def window_problems(plan: PilotPlan, at: datetime) -> list[Say]:
    """Why nothing new may be filed under the plan now, with when the next one opens."""
    opening = next_of(queries.openings_after(plan), at)
    return problems_with_window(plan.state, plan.opens_at, plan.closes_at, at, next_opening=opening)

"""A plan in words: its scope, what a change of it makes different, and whom that touches."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.dateparse import parse_datetime
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from onex.common.text import Say, say
from onex.pilots import queries
from onex.pilots.models import PilotPlan
from onex.pilots.rules import batch_label
from onex.pilots.services.plans import INWARD, PlanInput

FIELDS: dict[str, Say] = {
    "year": say("申报年度"),
    "batch": say("申报批次"),
    "opens_at": say("申报开始时间"),
    "closes_at": say("申报结束时间"),
    "corrections_until": say("审核修改截止时间"),
    "reviews_until": say("审核截止时间"),
    "requires_majors": say("是否要求按专业填报"),
    "requires_city_approval": say("是否要求地市级教育局审批"),
    "certificates": say("开放证书范围"),
    "totals": say("名额总量"),
    "materials": say("要求上传的材料"),
    "notes": say("填报说明"),
}


def scope_of(plan: PilotPlan, name: str) -> str:
    """开放证书范围, by the certificates' `name` or `short_name`."""
    if plan.all_certificates:
        return _("全部")
    return "、".join(getattr(certificate, name) for certificate in plan.certificates.all())


def changes_shown(changes: dict[str, list[Any]], *, to_schools: bool = False) -> list[dict[str, Any]]:
    """What becomes different, field by field: [{label, was, becomes}]; a trace keeps times as text."""
    changes = _with_one_scope(changes)
    return [
        {"label": label, "was": _word(name, changes[name][0]), "becomes": _word(name, changes[name][1])}
        for name, label in FIELDS.items()
        if name in changes and not (to_schools and name in INWARD)
    ]


def _with_one_scope(changes: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """开放证书范围 is one thing to people: all of them (None), or these."""
    if "all_certificates" not in changes:
        return changes
    named = changes.get("certificates", [[], []])
    scope = [None if every else names for every, names in zip(changes["all_certificates"], named, strict=True)]
    return {**changes, "certificates": scope}


def _word(name: str, value: Any) -> Any:
    if name.endswith(("_at", "_until")) and value:
        moment = value if isinstance(value, datetime) else parse_datetime(value)
        return f"{localtime(moment):%Y-%m-%d %H:%M}" if moment else str(value)
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if name == "batch":
        return batch_label(value)
    if name == "totals":
        return "；".join(f"{certificate or _('全部证书')} {n}" for certificate, n in value.items()) or "—"
    if name == "materials":
        return "；".join(material if needed else f"{material}（{_('选交')}）" for material, needed in value) or "—"
    if name == "certificates":
        return _("全部") if value is None else "、".join(value) or "—"
    return value or "—"


def effects_shown(plan: PilotPlan, values: PlanInput, at: datetime) -> list[str]:
    """Whom the change touches, in sentences; the first says that nothing is lost."""
    counts = queries.touched_by_change(plan, None if values.all_certificates else values.certificates)
    found = [
        _("草稿 %(drafts)s 份、已退回 %(returned)s 份、审核中 %(waiting)s 份：内容都保留，不会被删除。")
        % {name: counts[name] for name in ("drafts", "returned", "waiting")}
    ]
    if counts["outside"]:
        found.append(_("其中 %(n)s 份草稿或退回的申报，其证书不再开放，将不能提交。") % {"n": counts["outside"]})
    if counts["waiting_outside"]:
        found.append(_("审核中有 %(n)s 份的证书不再开放，仍照常审核。") % {"n": counts["waiting_outside"]})
    if values.requires_majors and not plan.requires_majors and counts["without_majors"]:
        found.append(_("其中 %(n)s 份没有填写拟申报专业，须补填后才能提交。") % {"n": counts["without_majors"]})
    if values.requires_city_approval and not plan.requires_city_approval and counts["without_city"]:
        found.append(_("其中 %(n)s 份的院校没有所属地市，将不能提交。") % {"n": counts["without_city"]})
    return found + _of_materials(plan, values, counts) + _of_dates(plan, values, counts, at)


def _of_materials(plan: PilotPlan, values: PlanInput, counts: dict[str, int]) -> list[str]:
    before = {one.name: one.is_required for one in plan.materials.all()}
    after = dict(values.materials)
    new = [name for name, needed in after.items() if needed and not before.get(name)]
    gone = [name for name in before if name not in after]
    found = []
    if new and counts["drafts"] + counts["returned"]:
        found.append(_("草稿和退回的申报须补交：%(names)s。") % {"names": "、".join(new)})
    if gone:
        found.append(_("不再要求：%(names)s；院校已上传的文件保留。") % {"names": "、".join(gone)})
    return found


def _of_dates(plan: PilotPlan, values: PlanInput, counts: dict[str, int], at: datetime) -> list[str]:
    found = []
    if plan.closes_at <= at < values.closes_at:
        reopened = _("申报已经结束，修改后重新开放：院校又可以新申报，%(n)s 份草稿又可以提交。")
        found.append(reopened % {"n": counts["drafts"]})
    elif values.closes_at < plan.closes_at and counts["drafts"]:
        found.append(_("申报结束时间提前，请留意通知还没有提交的院校。"))
    was, becomes = plan.corrections_until or plan.closes_at, values.corrections_until or values.closes_at
    if becomes < was and counts["returned"]:
        found.append(
            _("已退回的 %(n)s 份须在 %(until)s 前改好提交，比原来早。")
            % {"n": counts["returned"], "until": f"{localtime(becomes):%Y-%m-%d %H:%M}"}
        )
    return found


def digest_of(changes: dict[str, list[Any]]) -> str:
    """What a preview was of: a change confirmed is the change that was shown."""
    told = json.dumps(changes, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:24]

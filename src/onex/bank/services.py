"""Named writes: items in, papers assembled, papers frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import override

from onex import items
from onex.bank import queries
from onex.bank.models import Item, Paper, PaperItem, PaperSection
from onex.bank.rules import KIND_LABELS, PAPER, Part, assemble
from onex.catalog import queries as catalog
from onex.catalog.models import CertificateLevel, WorkTask
from onex.common import moves, tx
from onex.common.actors import Actor
from onex.common.permits import PERMITS, demand, holds
from onex.common.text import Refused, Say, say


@dataclass(frozen=True)
class Imported:
    """What an import did, by count."""

    added: int
    changed: int
    same: int


def import_items(
    level: CertificateLevel, documents: Sequence[Mapping[str, Any]], *, by: Actor, at: datetime
) -> Imported:
    """Take an author's items into the bank, all or none; a known code is replaced by its new content.

    Raises Refused naming every item that is wrong and why.
    """
    _demand_of_the_issuer("bank.write", level, by)
    tasks = {task.code: task for task in catalog.tasks_of(level)}
    wrong = _mistakes(level, documents, tasks, by)
    if wrong:
        raise Refused(*wrong)
    with tx.write():
        known = Item.objects.in_bulk([str(d["code"]) for d in documents], field_name="code")
        rows = [_row(level, dict(document), tasks, by) for document in documents]
        new = [row for row in rows if row.code not in known]
        changed = [row for row in rows if row.code in known and known[row.code].content != row.content]
        for row in changed:
            row.pk = known[row.code].pk
        Item.objects.bulk_create(new, batch_size=500)
        Item.objects.bulk_update(
            changed, ["kind", "task", "unit", "title", "points", "difficulty", "content"], batch_size=200
        )
        done = Imported(len(new), len(changed), len(rows) - len(new) - len(changed))
        moves.leave_trace(level, "import_items", by=by, at=at, data=vars(done))
    return done


def _demand_of_the_issuer(code: str, level: CertificateLevel, by: Actor) -> None:
    # The permit's reach runs from items; what is not there yet belongs to whoever certifies the level.
    if not holds(code, by):
        raise Refused(say("您当前的身份（{role}）无权办理：{action}", role=by.role.label, action=PERMITS[code].label))
    if not queries.levels_of(by).filter(pk=level.pk).exists():
        raise Refused(say("您所在的机构不是该证书的培训评价组织。"))


def _mistakes(
    level: CertificateLevel, documents: Sequence[Mapping[str, Any]], tasks: Mapping[str, WorkTask], by: Actor
) -> list[Say]:
    found: list[Say] = []
    codes: set[str] = set()
    taken = dict(
        Item.objects.filter(code__in=[str(d.get("code", "")) for d in documents])
        .exclude(level=level, organisation=by.organisation_id)
        .values_list("code", "level__certificate__name")
    )
    for number, document in enumerate(documents, start=1):
        code = str(document.get("code", "")).strip()
        name = code or str(say("第 {n} 题", n=number))
        reasons = list(items.problems(document))
        if not code or len(code) > 40:
            reasons.append(say("缺少题号（1～40 个字符）。"))
        if code in codes:
            reasons.append(say("题号在文件中重复。"))
        if code in taken:
            reasons.append(say("题号已被占用。"))
        if str(document.get("task", "")) not in tasks:
            reasons.append(say("工作任务“{task}”不在本等级标准中。", task=document.get("task", "")))
        codes.add(code)
        found += [say("{name}：{reason}", name=name, reason=reason) for reason in reasons]
    return found


def _row(level: CertificateLevel, document: dict[str, Any], tasks: Mapping[str, WorkTask], by: Actor) -> Item:
    return Item(
        organisation_id=by.organisation_id,
        code=str(document["code"]).strip(),
        level=level,
        kind=document["kind"],
        task=tasks[str(document["task"])],
        unit=str(document.get("unit", "")),
        title=str(document.get("stem") or document.get("title") or "")[:200],
        points=Decimal(str(document["points"])),
        difficulty=document.get("difficulty"),
        content=document,
    )


def import_practical(
    level: CertificateLevel, document: Mapping[str, Any], *, by: Actor, at: datetime
) -> tuple[Imported, Paper]:
    """Take a practical paper: its items into the bank and a draft paper with one section for each module.

    `document` has `modules: [{domain, weight, items}]`; weights must be the scheme's, by domain code.
    """
    modules = [module for module in document.get("modules") or [] if isinstance(module, Mapping)]
    weights = {weight.domain.code: weight for weight in catalog.module_weights(level)}
    given = {str(module.get("domain")): Decimal(str(module.get("weight", 0))) for module in modules}
    asked = {code: Decimal(weight.weight) for code, weight in weights.items()}
    if given != asked:
        shown = "、".join(f"{code}: {weight}%" for code, weight in asked.items())
        raise Refused(say("模块与权重应与考核方案一致：{shown}", shown=shown))
    contents = [content for module in modules for content in module.get("items") or []]
    with tx.write():
        done = import_items(level, contents, by=by, at=at)
        paper = _new_paper(level, Part.PRACTICAL, None, by)
        for order, module in enumerate(modules, start=1):
            weight = weights[str(module["domain"])]
            codes = [str(content["code"]) for content in module["items"]]
            _add_section(paper, order, weight.domain.code, weight.domain.name, asked[weight.domain.code], codes)
        moves.leave_trace(paper, "build", by=by, at=at, data={"modules": len(modules)})
    return done, paper


def assemble_theory(
    level: CertificateLevel, *, seed: int, exclude: Sequence[Paper] = (), by: Actor, at: datetime
) -> Paper:
    """Draw a theory paper by the scheme's sections, sharing no item with `exclude`. The same seed draws the same.

    Raises Refused when the bank cannot give one.
    """
    _demand_of_the_issuer("bank.assemble", level, by)
    sections = catalog.scheme_in_force(level).theory_sections
    used = PaperItem.objects.filter(section__paper__in=exclude).values_list("item__code", flat=True)
    chosen = assemble(
        queries.choices_of(level), {s["kind"]: s["count"] for s in sections}, seed=seed, exclude=set(used)
    )
    with tx.write():
        paper = _new_paper(level, Part.THEORY, seed, by)
        for order, section in enumerate(sections, start=1):
            points = Decimal(section["count"]) * Decimal(str(section["points_each"]))
            with override(settings.LANGUAGE_CODE):  # candidates read it in the exam
                title = str(KIND_LABELS[section["kind"]])
            _add_section(paper, order, section["kind"], title, points, chosen[section["kind"]])
        moves.leave_trace(paper, "assemble", by=by, at=at, data={"seed": seed})
    return paper


def _new_paper(level: CertificateLevel, part: Part, seed: int | None, by: Actor) -> Paper:
    last = Paper.objects.filter(level=level, part=part).order_by("-number").first()
    number = (last.number if last else 0) + 1
    with override(settings.LANGUAGE_CODE):  # kept, so in the product's own language
        title = f"{level} {part.label} {number} 号卷"
    return Paper.objects.create(
        organisation_id=by.organisation_id, level=level, part=part, number=number, title=title, seed=seed
    )


def _add_section(paper: Paper, order: int, code: str, title: str, points: Decimal, codes: Sequence[str]) -> None:
    section = PaperSection.objects.create(paper=paper, order=order, code=code, title=title, points=points)
    found = Item.objects.in_bulk(list(codes), field_name="code")
    PaperItem.objects.bulk_create(
        PaperItem(section=section, order=place, item=found[item_code], content=found[item_code].content)
        for place, item_code in enumerate(codes, start=1)
    )


def move_paper(paper: Paper, move: str, *, by: Actor, at: datetime, note: str = "") -> Paper:
    """Freeze or retire a paper; the trace names what was in it then."""
    demand("bank.assemble", by, paper)
    data = {"digest": queries.digest_of(paper)}
    return moves.move(PAPER, paper, move, by=by, at=at, note=note, facts=queries.facts_to_freeze, data=data)


def note_view(row: Paper | Item, *, by: Actor, at: datetime) -> None:
    """Items and papers are shown with their answers, so every look is traced."""
    with tx.write():
        moves.leave_trace(row, "view", by=by, at=at, data={"title": str(row)})


def note_list(codes: Sequence[str], *, by: Actor, at: datetime) -> None:
    """A list tells what its items ask: one trace for each page, naming the items on it; none for an empty one."""
    if codes:
        with tx.write():
            moves.leave_trace(None, "view", by=by, at=at, data={"items": list(codes)})

"""Named reads: items and papers an actor may see, and what other apps take from a frozen paper."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from onex import items
from onex.bank.models import Item, Paper, PaperItem
from onex.bank.rules import Choice, PaperFacts, PaperState, Part, enemies_among, spread
from onex.catalog import queries as catalog
from onex.catalog.models import CertificateLevel
from onex.common.actors import Actor
from onex.common.permits import seen


def items_seen_by(actor: Actor, *, text: str = "", kind: str = "", task: str = "", level: str = "") -> QuerySet[Item]:
    """The bank of the actor's organisation with how often each is used; narrowed by words, kind, task code and level.

    `level` is the key of a certificate level as it stands in an address.
    """
    found = seen("bank.see", actor, Item.objects.all())
    for word in text.split():
        found = found.filter(Q(code__icontains=word) | Q(title__icontains=word) | Q(task__name__icontains=word))
    if kind:
        found = found.filter(kind=kind)
    if task:
        found = found.filter(task__code=task)
    if level:
        found = found.filter(level__in=[one.pk for one in levels_of(actor) if str(one.pk) == level])
    return found.select_related("level__certificate", "task__domain").annotate(use_count=Count("uses")).order_by("code")


def kind_counts(actor: Actor, **narrowed: str) -> dict[str, int]:
    """How many of these items there are of each kind."""
    found = items_seen_by(actor, **narrowed).order_by()
    return dict(found.values_list("kind").annotate(n=Count("pk", distinct=True)).values_list("kind", "n"))


def tasks_with_items(actor: Actor) -> list[tuple[str, str]]:
    """(code, name) of the work tasks that have items, in the order of their codes."""
    found = seen("bank.see", actor, Item.objects.all()).order_by("task__code")
    return list(found.values_list("task__code", "task__name").distinct())


def papers_with(actor: Actor, item: Item) -> QuerySet[Paper]:
    """The papers that use this item."""
    return papers_seen_by(actor).filter(pk__in=PaperItem.objects.filter(item=item).values("section__paper"))


def papers_seen_by(actor: Actor, state: str = "", part: str = "") -> QuerySet[Paper]:
    """The papers of the actor's organisation, with how many items each has; narrowed by state and part."""
    found = seen("bank.see", actor, Paper.objects.all())
    if state:
        found = found.filter(state=state)
    if part:
        found = found.filter(part=part)
    return (
        found.select_related("level__certificate", "organisation")
        .annotate(item_count=Count("sections__items"))
        .order_by("level__certificate__code", "level__level", "part", "number")
    )


def paper_counts(actor: Actor) -> dict[str, int]:
    """How many papers are in each state."""
    found = seen("bank.see", actor, Paper.objects.all())
    return dict(found.order_by().values_list("state").annotate(n=Count("pk")))


def levels_of(actor: Actor) -> QuerySet[CertificateLevel]:
    """The certificate levels of the actor's organisation."""
    return (
        CertificateLevel.objects.filter(certificate__issuer=actor.organisation_id)
        .select_related("certificate")
        .order_by("certificate__code", "level")
    )


def frozen_papers(level: CertificateLevel, part: str) -> QuerySet[Paper]:
    """Papers that a sitting of this level may use."""
    return Paper.objects.filter(level=level, part=part, state=PaperState.FROZEN)


def paper_items(paper: Paper) -> QuerySet[PaperItem]:
    """Every item of a paper in the order of the exam."""
    return (
        PaperItem.objects.filter(section__paper=paper)
        .select_related("section", "item__task")
        .order_by("section__order", "order")
    )


def public_form(paper: Paper) -> dict[str, Any]:
    """The paper as a candidate's machine may see it (docs/exam-room.md): no key, no explanation."""
    sections = []
    for section in paper.sections.order_by("order"):
        shown = [{**items.public(line.content), "id": line.content["code"]} for line in section.items.order_by("order")]
        head: dict[str, Any] = {"id": section.code, "title": section.title}
        if paper.part == Part.THEORY:
            head["points_each"] = float(shown[0]["points"]) if shown else 0
        else:
            head["weight"] = float(section.points)
        sections.append({**head, "items": shown})
    return {"id": str(paper.pk), "part": paper.part, "title": paper.title, "sections": sections}


def contents_of(paper: Paper) -> dict[str, dict[str, Any]]:
    """Item id → whole content with its key: for marking only, after the room is closed."""
    return {line.content["code"]: line.content for line in paper_items(paper)}


def titles_of(codes: Collection[str]) -> dict[str, str]:
    """Item code → what the item is called."""
    return dict(Item.objects.filter(code__in=codes).values_list("code", "title"))


def choices_of(level: CertificateLevel) -> list[Choice]:
    """The usable bank of a level as assembly sees it."""
    return _as_choices(Item.objects.filter(level=level, is_active=True).select_related("task"))


def _as_choices(found: Iterable[Item]) -> list[Choice]:
    return [
        Choice(item.code, item.kind, item.task.code, item.unit, frozenset(item.content.get("enemies", ())))
        for item in found
    ]


def task_codes(level: CertificateLevel) -> list[str]:
    return list(catalog.tasks_of(level).values_list("code", flat=True))


def facts_to_freeze(paper: Paper) -> PaperFacts:
    """What the table judges before a paper is frozen."""
    found = dict(paper.sections.annotate(found=Sum("items__item__points")).values_list("code", "found"))
    lines = list(paper_items(paper))
    choices = _as_choices(line.item for line in lines)
    touched = {choice.task for choice in choices}
    # A practical paper works by domain; the guide asks of theory alone that it covers the whole book.
    untouched = [c for c in task_codes(paper.level) if c not in touched] if paper.part == Part.THEORY else []
    return PaperFacts(
        sections=[(s.title, found[s.code] or 0, s.points) for s in paper.sections.order_by("order")],
        untouched_tasks=untouched,
        enemies=enemies_among(choices),
    )


def coverage(paper: Paper) -> dict[str, dict[str, int]]:
    """Items of each kind by task."""
    return spread(_as_choices(line.item for line in paper_items(paper)))


def shared_items(paper: Paper) -> list[tuple[Paper, int]]:
    """Other papers of the level and part that use the same items, with how many."""
    mine = PaperItem.objects.filter(section__paper=paper).values("item")
    others = (
        Paper.objects.filter(level=paper.level, part=paper.part)
        .exclude(pk=paper.pk)
        .annotate(shared=Count("sections__items", filter=Q(sections__items__item__in=mine)))
        .filter(shared__gt=0)
    )
    return [(other, other.shared) for other in others]


def digest_of(paper: Paper) -> str:
    """SHA-256 over everything that is in the paper, answers too: a trace can name it without telling it."""
    told = [(line.section_id.hex, line.order, line.content) for line in paper_items(paper)]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

"""Who looked at what is asked in an exam: every answer that tells an item has left a trace, whatever gave it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import resolve, reverse

from onex.accounts.tests.factories import an_actor, an_evaluation_org, signed_in_as
from onex.bank.models import Item, Paper, PaperItem
from onex.common.actors import Actor, Role
from onex.common.models import Trace
from onex.common.permits import PERMITS
from onex.marking import services as marking
from onex.marking.models import MarkingJob
from onex.marking.tests.factories import AFTER, a_sat_session
from onex.portal.tests.test_audit import sheet_of
from onex.portal.tests.test_tenants import addresses
from onex.sittings.models import ExamSession
from onex.venues.tests.factories import an_org_officer

pytestmark = pytest.mark.django_db(databases=["default", "room"])
STEM = "琥珀色的木鱼应怎样陈列"


def a_bank_that_asks_it() -> list[Model]:
    """A session that waits to be marked, of papers whose every item asks STEM; one row of each kind that has a page."""
    session = a_sat_session(1)
    marking.collect(session, by=an_org_officer(session.plan_level.plan.organisation), at=AFTER)
    for row in (*Item.objects.all(), *PaperItem.objects.all()):
        told = {"content": {**row.content, "stem": STEM, "title": STEM}}
        type(row).objects.filter(pk=row.pk).update(**told | ({"title": STEM} if isinstance(row, Item) else {}))
    first = [model.objects.first() for model in (Item, Paper, ExamSession)]
    return [*(row for row in first if row is not None), MarkingJob.objects.get()]


def answers(actor: Actor, rows: list[Model]) -> Iterator[tuple[str, Any]]:
    """What every address of bank and marking that this hat may open says, to a look and to an empty form."""
    client = signed_in_as(Client(), actor)
    for app in ("bank", "marking"):
        for name, args in addresses(app):
            for row in rows if args else [None]:
                url = reverse(name, kwargs={arg: row.pk if row and arg == "pk" else "freeze" for arg in args})
                if actor.role in PERMITS[getattr(resolve(url).func, "permit")].reaches:  # noqa: B009
                    yield name, client.get(url)
                    yield name, client.post(url)


def told_in(answer: Any) -> str:
    if answer.get("Content-Type", "").endswith("sheet"):
        return str(sheet_of(answer)[0])
    return str(answer.content.decode())


def test_whoever_was_told_what_an_item_asks_stands_in_the_log() -> None:
    rows, organisation = a_bank_that_asks_it(), an_evaluation_org()
    telling, untraced = set(), []
    for role in (one for one in Role if one != Role.SYSTEM):
        actor = an_actor(role, organisation)
        looks = Trace.objects.filter(verb__in=("view", "export"), actor_id=actor.user_id)
        before = 0
        for name, answer in answers(actor, rows):
            after = looks.count()
            if STEM in told_in(answer):
                telling.add(name)
                untraced += [f"{role} {name} {answer.status_code}"] if after != before + 1 else []
            before = after
    assert untraced == []
    assert telling == {
        "bank:item-list", "bank:item-detail", "bank:item-export", "bank:paper-detail", "bank:paper-move",
        "marking:job-list", "marking:job-mark",
    }  # fmt: skip


def test_a_list_of_items_is_one_trace_that_names_them_and_an_empty_one_is_none() -> None:
    a_bank_that_asks_it()
    author = an_actor(Role.AUTHOR, an_evaluation_org())
    client = signed_in_as(Client(), author)
    client.get(reverse("bank:item-list"), {"q": "nothing asks this"})
    assert not Trace.objects.filter(verb="view").exists()
    client.get(reverse("bank:item-list"), {"kind": "single"})
    trace = Trace.objects.get(verb="view")
    shown = list(Item.objects.filter(kind="single").order_by("code").values_list("code", flat=True))
    assert trace.data["items"] == shown[: len(trace.data["items"])]
    assert 1 < len(trace.data["items"]) < len(shown)  # the page, not the bank
    assert trace.actor_id == author.user_id


def test_a_marking_page_is_one_trace_of_its_job() -> None:
    *_, job = a_bank_that_asks_it()
    client = signed_in_as(Client(), an_actor(Role.ASSESSOR, an_evaluation_org()))
    client.get(reverse("marking:job-mark", args=[job.pk]))
    trace = Trace.objects.get(verb="view")
    assert (trace.subject_type, trace.subject_id) == ("marking.markingjob", job.pk)
    assert trace.data["item"] == MarkingJob.objects.get().item


@pytest.mark.parametrize("role", [Role.AUTHOR, Role.REVIEWER])
def test_a_wrong_move_of_who_may_not_move_shows_no_paper(role: Role) -> None:
    a_bank_that_asks_it()
    paper = Paper.objects.get(part="theory")
    client = signed_in_as(Client(), an_actor(role, an_evaluation_org()))
    answer = client.post(reverse("bank:paper-move", args=[paper.pk, "freeze"]))
    assert answer.status_code == 403
    assert STEM not in answer.content.decode()

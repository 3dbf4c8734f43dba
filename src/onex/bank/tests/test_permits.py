"""Who may do what with items and papers: authors of the organisation, nobody else."""

from __future__ import annotations

import pytest

from onex.accounts.tests.factories import a_school, an_actor
from onex.bank import queries, services
from onex.bank.models import Item
from onex.bank.tests.factories import NOON, a_level, an_org, practical
from onex.common.actors import SYSTEM, Role
from onex.common.permits import PERMITS, allows

pytestmark = pytest.mark.django_db


def test_each_role_reaches_its_own_items_and_papers_and_nobody_elses() -> None:
    organisation, other, school = an_org(), an_org("A12345678", "别家评价组织"), a_school()
    author = an_actor(Role.AUTHOR, organisation)
    _, paper = services.import_practical(a_level(), practical(), by=author, at=NOON)
    people = {
        "author": author,
        "reviewer": an_actor(Role.REVIEWER, organisation),
        "assembler": an_actor(Role.ASSEMBLER, organisation),
        "other author": an_actor(Role.AUTHOR, other),
        "other assembler": an_actor(Role.ASSEMBLER, other),
        "org": an_actor(Role.ORG, organisation),
        "assessor": an_actor(Role.ASSESSOR, organisation),
        "school": an_actor(Role.SCHOOL, school),
        "teacher": an_actor(Role.TEACHER, school),
        "province": an_actor(Role.PROVINCE, school.province),
        "operator": an_actor(Role.OPERATOR, organisation),
        "auditor": an_actor(Role.AUDITOR, organisation),
        "system": SYSTEM,
    }
    item = Item.objects.first()
    expected = {
        "bank.see": {"author", "reviewer", "assembler"},
        "bank.write": {"author"},
        "bank.assemble": {"assembler"},
    }
    assert {code for code in PERMITS if code.startswith("bank.")} == set(expected)
    for code, names in expected.items():
        for row in (item, paper):
            assert {name for name, actor in people.items() if allows(code, actor, row)} == names, code


def test_another_organisations_author_finds_no_level_no_item_and_no_paper() -> None:
    author = an_actor(Role.AUTHOR, an_org())
    services.import_practical(a_level(), practical(), by=author, at=NOON)
    stranger = an_actor(Role.AUTHOR, an_org("A12345678", "别家评价组织"))
    assert queries.levels_of(author).exists()
    for found in (
        queries.levels_of(stranger),
        queries.items_seen_by(stranger),
        queries.papers_seen_by(stranger),
        queries.papers_with(stranger, Item.objects.get(code="LC1-P-A-11")),
    ):
        assert not found.exists()
    assert queries.kind_counts(stranger) == {}
    assert queries.tasks_with_items(stranger) == []

"""Items in, papers out: all or nothing, sealed copies, and no key where a candidate looks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from onex import items
from onex.bank import queries, services
from onex.bank.models import Item, Paper
from onex.bank.rules import PaperState, Part
from onex.bank.tests.factories import NOON, a_level, an_assembler, an_author, an_org, practical, theory_items
from onex.common.text import Refused

pytestmark = pytest.mark.django_db


def a_frozen_theory_paper(seed: int = 1) -> Paper:
    level, author = a_level(), an_author(an_org())
    services.import_items(level, theory_items(), by=author, at=NOON)
    assembler = an_assembler(an_org())
    paper = services.assemble_theory(level, seed=seed, by=assembler, at=NOON)
    return services.move_paper(paper, "freeze", by=assembler, at=NOON)


def test_importing_twice_changes_nothing() -> None:
    level, author = a_level(), an_author(an_org())
    documents = theory_items()
    first = services.import_items(level, documents, by=author, at=NOON)
    again = services.import_items(level, documents, by=author, at=NOON)
    assert (first.added, again.added, again.changed, again.same) == (len(documents), 0, 0, len(documents))


def test_one_wrong_item_keeps_the_whole_file_out_and_is_named() -> None:
    level, author = a_level(), an_author(an_org())
    documents: list[dict[str, Any]] = [*theory_items()[:3], {**theory_items()[3], "key": "Z", "task": "9.9"}]
    with pytest.raises(Refused) as refused:
        services.import_items(level, documents, by=author, at=NOON)
    assert documents[3]["code"] in str(refused.value)
    assert "工作任务“9.9”不在本等级标准中" in str(refused.value)
    assert not Item.objects.exists()


def test_an_author_of_another_organisation_writes_nothing_here() -> None:
    level = a_level()
    an_org()
    with pytest.raises(Refused, match="不是该证书的培训评价组织"):
        services.import_items(level, theory_items(), by=an_author(an_org("A12345678", "别家评价组织")), at=NOON)


def test_whoever_writes_items_assembles_no_paper_and_whoever_assembles_writes_none() -> None:
    level, author, assembler = a_level(), an_author(an_org()), an_assembler(an_org())
    services.import_items(level, theory_items(), by=author, at=NOON)
    with pytest.raises(Refused, match="无权办理：组卷与封卷"):
        services.assemble_theory(level, seed=1, by=author, at=NOON)
    with pytest.raises(Refused, match="无权办理：导入和修改试题"):
        services.import_items(level, theory_items(), by=assembler, at=NOON)
    paper = services.assemble_theory(level, seed=1, by=assembler, at=NOON)
    with pytest.raises(Refused, match="无权办理"):
        services.move_paper(paper, "freeze", by=author, at=NOON)


def test_a_paper_keeps_its_items_as_they_were() -> None:
    paper = a_frozen_theory_paper()
    before = queries.contents_of(paper)
    code = next(iter(before))
    changed = {**before[code], "stem": "改过的题干，用来说明已封试卷不受影响？"}
    services.import_items(paper.level, [changed], by=an_author(an_org()), at=NOON)
    assert queries.contents_of(paper)[code] == before[code]


def test_the_public_form_is_complete_and_holds_no_key() -> None:
    paper = a_frozen_theory_paper()
    form = queries.public_form(paper)
    assert [(section["id"], len(section["items"])) for section in form["sections"]] == [
        ("single", 30),
        ("multiple", 30),
        ("scenario", 5),
    ]
    text = json.dumps(form, ensure_ascii=False)
    for content in queries.contents_of(paper).values():
        assert content["explanation"] not in text
        assert content["stem"] in json.loads(json.dumps(text))
    for section in form["sections"]:
        for item in section["items"]:
            assert not {"key", "explanation", "difficulty", "enemies", "task"} & set(item)


def test_the_practical_paper_is_three_modules_at_25_45_30() -> None:
    level, author = a_level(), an_author(an_org())
    _, paper = services.import_practical(level, practical(), by=author, at=NOON)
    paper = services.move_paper(paper, "freeze", by=an_assembler(an_org()), at=NOON)
    form = queries.public_form(paper)
    assert [section["weight"] for section in form["sections"]] == [25, 45, 30]
    assert paper.state == PaperState.FROZEN
    written = [content for content in queries.contents_of(paper).values() if content["kind"] == "text"]
    assert [bool(items.score(content, "大家好，欢迎来到直播间。" * 30).needs_examiner) for content in written] == [True]


def test_modules_must_weigh_what_the_scheme_says() -> None:
    document = practical()
    document["modules"][0]["weight"] = 26
    with pytest.raises(Refused, match="模块与权重应与考核方案一致"):
        services.import_practical(a_level(), document, by=an_author(an_org()), at=NOON)
    assert not Paper.objects.exists()


def test_a_frozen_paper_is_offered_to_its_own_organisation_only() -> None:
    paper = a_frozen_theory_paper()
    assert list(queries.frozen_papers(paper.level, Part.THEORY)) == [paper]
    assert not queries.papers_seen_by(an_author(an_org("A12345678", "别家评价组织"))).exists()

"""The guides for users: words in quotes stand on pages, links lead somewhere, both languages say as much."""

from __future__ import annotations

import json
import re

import pytest
from babel.messages.pofile import read_po

from onex.config.env import ROOT

GUIDES = ROOT / "docs" / "guide"
OF_THE_FRAME = {"English"}  # the name of the other language is no sentence to translate


def sentences() -> dict[str, set[str]]:
    """What pages and the exam client say, in each language."""
    told: dict[str, str] = json.loads((ROOT / "frontend/src/exam/en.json").read_text(encoding="utf-8"))
    chinese, english = set(told), set(told.values())
    for file in (ROOT / "src" / "onex").glob("*/locale/en/LC_MESSAGES/django.po"):
        with file.open("rb") as content:
            for entry in read_po(content):
                chinese |= {entry.id} if isinstance(entry.id, str) else set(entry.id)
                english |= {entry.string} if isinstance(entry.string, str) else set(entry.string or ())
    return {"zh-CN": chinese, "en": english}


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_guide_quotes_only_words_that_stand_on_pages(language: str) -> None:
    known = sentences()[language] | OF_THE_FRAME
    for guide in GUIDES.glob(f"*.{language}.md"):
        quoted = set(re.findall(r"“([^”]+)”", guide.read_text(encoding="utf-8")))
        assert len(quoted) > 10
        assert sorted(quoted - known) == []


def headings(text: str) -> list[tuple[str, str]]:
    return re.findall(r"^(#+) (.+)$", text, re.MULTILINE)


def anchors(text: str) -> set[str]:
    """The fragments a reader's browser knows: a heading's letters and digits, in small letters, joined by hyphens."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for _level, title in headings(text)}


def test_a_link_in_a_guide_leads_to_a_page_and_to_a_heading_that_are_there() -> None:
    texts = {guide.name: guide.read_text(encoding="utf-8") for guide in GUIDES.glob("*.md")}
    lost = []
    for name, text in texts.items():
        for link in re.findall(r"\]\(([^)\s]+)\)", text):
            page, _, fragment = link.partition("#")
            there = texts.get(page or name)
            if there is None or (fragment and fragment not in anchors(there)):
                lost.append(f"{name}: {link}")
    assert lost == []


def test_every_guide_says_in_both_languages_the_same_things_in_the_same_order() -> None:
    for chinese in GUIDES.glob("*.zh-CN.md"):
        english = chinese.with_name(chinese.name.replace(".zh-CN.", ".en."))
        levels = [[level for level, _ in headings(one.read_text(encoding="utf-8"))] for one in (chinese, english)]
        assert levels[0] == levels[1], chinese.name
        marks = [
            len(re.findall(r"^(?:\d+\.|\*) ", one.read_text(encoding="utf-8"), re.MULTILINE))
            for one in (chinese, english)
        ]
        assert marks[0] == marks[1], f"{chinese.name}: {marks}"


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_whoever_reads_the_readme_finds_every_guide_in_its_language(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    language = "zh-CN" if "zh-CN" in readme else "en"
    assert [one.name for one in GUIDES.glob(f"*.{language}.md") if f"docs/guide/{one.name}" not in text] == []

"""The guides for users: every word in quotes stands on a page, so that a renamed button cannot leave them behind."""

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

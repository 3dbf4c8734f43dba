"""Both languages are complete: a sentence without English fails here, with its app and words."""

from __future__ import annotations

import re

import pytest

from onex.common.management.commands.messages import apps_with_words, catalogue, untranslated


@pytest.mark.parametrize("app", apps_with_words())
def test_every_sentence_has_its_english(app: str) -> None:
    assert untranslated(app) == []


@pytest.mark.parametrize("app", apps_with_words())
def test_a_translation_keeps_every_place_of_its_sentence(app: str) -> None:
    places = re.compile(r"\{([a-z_0-9]+)\}|%\(([a-z_0-9]+)\)")  # names: a date may be padded in one language only
    wrong = []
    for message in catalogue(app):
        if not message.id or not message.string:
            continue
        source = message.id if isinstance(message.id, str) else message.id[-1]
        targets = [message.string] if isinstance(message.string, str) else list(message.string)[-1:]
        wrong += [source for target in targets if set(places.findall(source)) != set(places.findall(target))]
    assert wrong == []

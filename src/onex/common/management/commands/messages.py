"""`messages [--check]`: every sentence of the sources against each app's English catalogue; adds what is missing.

Babel and Django's own template lexer do the finding, so no gettext program is needed.
"""

from __future__ import annotations

import io
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import templatize

KEYWORDS: dict[str, Any] = {
    "say": None, "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
SOURCE = Path(settings.SOURCE)


class Command(BaseCommand):
    help = "Add missing sentences to the English catalogues; --check fails when one is missing or untranslated."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = []
        for app in apps_with_words():
            if not options["check"]:
                add_missing(app)
            wrong += [f"{app}: {msgid}" for msgid in untranslated(app)]
        if options["check"] and wrong:
            raise CommandError("without English:\n" + "\n".join(wrong))
        self.stdout.write("\n".join(wrong) or "every sentence has its English")


def apps_with_words() -> list[str]:
    """Every folder of the sources that says something."""
    return [
        folder.name for folder in sorted(SOURCE.iterdir()) if folder.is_dir() and next(sentences(folder.name), None)
    ]


def sentences(app: str) -> Iterator[tuple[str, str]]:
    """(msgid, plural or "") of every sentence in an app's Python files and templates, tests left out."""
    for file in sorted((SOURCE / app).rglob("*.py")):
        parts = set(file.relative_to(SOURCE).parts)
        if not parts & {"tests", "migrations"}:
            yield from _in_python(file.read_bytes())
    for file in sorted((SOURCE / app).rglob("templates/**/*.html")):
        text = templatize(file.read_text(encoding="utf-8"), origin=str(file))
        yield from _in_python(text.encode())


def _in_python(source: bytes) -> Iterator[tuple[str, str]]:
    for _, message, _, _ in extract("python", io.BytesIO(source), keywords=KEYWORDS, options={"encoding": "utf-8"}):
        singular, plural = (message[0], message[1]) if isinstance(message, tuple) else (message, "")
        if singular:
            yield singular, plural


def catalogue_file(app: str) -> Path:
    return SOURCE / app / "locale" / "en" / "LC_MESSAGES" / "django.po"


def catalogue(app: str) -> Catalog:
    file = catalogue_file(app)
    if not file.exists():
        return Catalog(locale="en", charset="utf-8")
    with file.open("rb") as opened:
        return read_po(opened, locale="en")


def untranslated(app: str) -> list[str]:
    """Sentences of an app without English, in the order they are met; words of other apps' catalogues do not count."""
    known = catalogue(app)
    return list(dict.fromkeys(msgid for msgid, _ in sentences(app) if not _has_english(known, msgid)))


def _has_english(known: Catalog, msgid: str) -> bool:
    message = known.get(msgid)
    if message is None or message.fuzzy:
        return False
    return all(message.string) if isinstance(message.string, tuple) else bool(message.string)


def add_missing(app: str) -> None:
    """Put what is missing into the catalogue with an empty translation, ready to be filled in."""
    known, before = catalogue(app), len(catalogue(app))
    for msgid, plural in sentences(app):
        if known.get(msgid) is None:
            known.add((msgid, plural) if plural else msgid)
    if len(known) > before:
        file = catalogue_file(app)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as opened:
            write_po(opened, known, width=110, omit_header=False, sort_output=False)

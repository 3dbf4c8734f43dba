"""Words people read, said in pure code: a message is a value (msgid + arguments) and is translated when shown.

Rules, permits and item kinds may not import Django, yet everything they say must appear in the reader's language.
`say()` keeps the Chinese source sentence and its arguments; `str()` translates at the moment of showing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

# Set to Django's gettext by common.apps; identity keeps pure code and its tests free of Django.
_translate: Callable[[str], str] = str


def translate_with(translate: Callable[[str], str]) -> None:
    """Choose how msgids become sentences (once, at start-up)."""
    global _translate
    _translate = translate


@dataclass(frozen=True)
class Say:
    """One sentence: a Chinese msgid with `{name}` places and the values that go there."""

    msgid: str
    args: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        sentence = _translate(self.msgid)
        # Values go in as text only: attribute or index access in a place ({a.b}, {a[0]}) is not a feature.
        return sentence.format(**{name: str(value) for name, value in self.args.items()}) if self.args else sentence

    def __hash__(self) -> int:
        return hash((self.msgid, tuple(sorted((k, str(v)) for k, v in self.args.items()))))

    def as_json(self) -> dict[str, Any]:
        """For a trace row: kept as source, so that it can be shown in either language later."""
        return {"msgid": self.msgid, "args": {k: str(v) for k, v in self.args.items()}}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Say:
        return cls(kept["msgid"], dict(kept.get("args", {})))


def say(msgid: str, /, **args: Any) -> Say:
    """A sentence to be shown later: `say("还剩 {n} 天", n=3)`."""
    return Say(msgid, args)


class Refused(Exception):
    """What was asked may not be done, with every reason as a sentence for the person who asked."""

    def __init__(self, *reasons: Say | str) -> None:
        super().__init__(*reasons)
        self.reasons: tuple[Say | str, ...] = reasons

    def __str__(self) -> str:
        return " ".join(str(reason) for reason in self.reasons)

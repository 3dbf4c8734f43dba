"""Templates: the words of a notice with places that are filled in, and nothing else that a template could do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from onex.common.actors import Role
from onex.common.text import Say, say
from onex.notices.rules.ways import Pace

LONGEST_SUBJECT, LONGEST_TEXT = 120, 2000
_CODE = re.compile(r"[a-z]+\.[a-z][a-z_]{0,39}")
_PLACE = re.compile(r"\{([a-z][a-z_0-9]*)\}")
_BRACED = re.compile(r"\{[^{}\n]*\}?|\}")
# NUL, which PostgreSQL refuses, and what would draw over a line; a text keeps its line breaks.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Template:
    """One thing the platform says: its built-in words, the places in them, and whose inbox it is for.

    Registers itself by `code` ("<app>.<name>"). `audience` are the roles that may be told: they alone see it among
    their preferences. Raises ValueError for a code that is declared twice otherwise, and for a place in the words that
    `placeholders` does not name.
    """

    code: str
    kind: Say  # the business it belongs to, as the inbox groups it
    label: Say
    subject: Say
    text: Say
    placeholders: Mapping[str, Say]
    audience: tuple[Role, ...]
    samples: Mapping[str, Say | str] = field(default_factory=dict)
    is_urgent: bool = False  # at once, by text message too, whatever people prefer
    pace: Pace = Pace.AT_ONCE  # until the person chooses another

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise ValueError(f"template code {self.code!r} is not <app>.<name>")
        odd = [name for name in self.placeholders if not _PLACE.fullmatch(f"{{{name}}}")]
        if odd:
            raise ValueError(f"template {self.code}: {odd} cannot be names of places")
        wrong = problems_in(self, self.subject.msgid, self.text.msgid)
        if wrong:
            raise ValueError(f"template {self.code}: {' '.join(map(str, wrong))}")
        if TEMPLATES.get(self.code, self) != self:
            raise ValueError(f"template {self.code} is declared twice")
        TEMPLATES[self.code] = self

    @property
    def app(self) -> str:
        return self.code.partition(".")[0]

    def sample(self) -> dict[str, str]:
        """Something for every place, for the preview."""
        return {name: str(self.samples.get(name, label)) for name, label in self.placeholders.items()}

    def problems_with(self, given: Iterable[str]) -> list[str]:
        """What a caller forgot or made up: for programmers, not for people."""
        names = set(given)
        missing = [f"no value for {name}" for name in self.placeholders if name not in names]
        return missing + [f"no place {name}" for name in sorted(names - set(self.placeholders))]


TEMPLATES: dict[str, Template] = {}


def templates_for(roles: Iterable[Role]) -> list[Template]:
    """What people in these roles may be told, app by app."""
    worn = set(roles)
    found = [one for one in TEMPLATES.values() if worn & set(one.audience)]
    return sorted(found, key=lambda one: one.app)  # stable: in an app, as declared


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its places filled, in one pass: what a value says is never read as a template again.

    Not `str.format`: a text that people may edit must not reach into objects.
    """
    return _PLACE.sub(lambda found: values.get(found[1], found[0]), text)


def problems_in(template: Template, subject: str, text: str) -> list[Say]:
    """Why these words cannot be this template's, as sentences that name what is allowed."""
    found = []
    if not subject.strip():
        found.append(say("请填写标题。"))
    if not text.strip():
        found.append(say("请填写正文。"))
    allowed = {f"{{{name}}}" for name in template.placeholders}
    wrong = dict.fromkeys(braced for braced in _BRACED.findall(f"{subject}\n{text}") if braced not in allowed)
    if wrong:
        found.append(
            say(
                "“{wrong}”不是这个模板的占位符，请改正。{allowed}",
                wrong="”“".join(one[:40] for one in list(wrong)[:3]),
                allowed=_allowed(template),
            )
        )
    return found


def _allowed(template: Template) -> Say:
    if not template.placeholders:
        return say("这个模板没有占位符，文中不能出现大括号。")
    words = "、".join(f"{{{name}}}（{label}）" for name, label in template.placeholders.items())
    return say("可以使用的只有：{words}。", words=words)


def cleaned(text: str) -> str:
    """Without the characters that no notice needs and some mischief does; line breaks stay."""
    return _CONTROL.sub("", str(text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")).strip()


def one_line(text: str, most: int) -> str:
    """On one line of at most so many characters: a subject, a text message."""
    line = " ".join(cleaned(text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def is_internal(link: str) -> bool:
    """Whether this is a path of ours and leads nowhere else, however a browser reads it."""
    return link.startswith("/") and not link.startswith("//") and not re.search(r"[\s\\\x00-\x1f\x7f]", link)

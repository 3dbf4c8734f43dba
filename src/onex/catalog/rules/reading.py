"""YAML read with its lines: a text becomes frozen structs, and every problem is a sentence with file and line.

The fields of a struct are its schema: names are keys, types say what may stand there, `Annotated` adds limits.
Scalars are read as they are written, by the type of the field, so that YAML's own guesses (08:30 as a number in base
60, `on` as true, 0101 as octal) never happen.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

import yaml

from onex.catalog.rules.words import BEIJING, LEVEL_LABELS, Level
from onex.common.text import Say, say

T = TypeVar("T")


@dataclass(frozen=True, order=True)
class Mark:
    """A line of a file, counted from one."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where."""

    mark: Mark
    sentence: Say

    def __str__(self) -> str:
        return f"{self.mark}: {self.sentence}"


class GuideError(Exception):
    """The guide's data cannot be used; `problems` lists everything that was found, each with file and line."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.mark))
        super().__init__(*self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Something written in a file; `mark` is where."""

    mark: Mark = field(default=Mark("", 0), compare=False, repr=False)


@dataclass(frozen=True)
class Printed:
    """A text that the guide may print cut off, wrong or in two ways: `canonical` is shown, `as_printed` is kept."""

    as_printed: str
    canonical: str

    def __str__(self) -> str:
        return self.canonical


@dataclass(frozen=True)
class Between:
    """A limit for whole numbers, both ends included."""

    least: int
    most: int = 1_000_000_000


@dataclass(frozen=True)
class Like:
    """A limit for texts: the whole text matches, or it is not `what`."""

    pattern: str
    what: Say


class _Unreadable(Exception):
    """The value could not be read; its problem is already noted."""


def read(file: str, text: str, into: type[T]) -> tuple[T | None, list[Problem]]:
    """One file as a struct of the type `into`, with everything that is wrong with it (then the struct is None)."""
    reader = _Reader(file)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return None, [Problem(Mark(file, line), say("不是合法的 YAML：{why}", why=error.problem or error.context))]
    except yaml.YAMLError as error:
        return None, [Problem(Mark(file, 1), say("不是合法的 YAML：{why}", why=error))]
    if root is None:
        return None, [Problem(Mark(file, 1), say("文件是空的"))]
    try:
        found = reader.value(root, into)
    except _Unreadable:
        found = None
    return (None if reader.problems else found), reader.problems


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def mark(self, node: yaml.Node) -> Mark:
        return Mark(self.file, node.start_mark.line + 1)

    def refuse(self, node: yaml.Node, sentence: Say) -> _Unreadable:
        self.problems.append(Problem(self.mark(node), sentence))
        return _Unreadable()

    def value(self, node: yaml.Node, kind: Any) -> Any:
        """`node` as a value of the type `kind`. Raises _Unreadable after noting why not."""
        limits: tuple[Any, ...] = ()
        if get_origin(kind) in (Union, UnionType):
            kind = next(part for part in get_args(kind) if part is not NoneType)
        if get_origin(kind) is Annotated:
            kind, *rest = get_args(kind)
            limits = tuple(rest)
        if get_origin(kind) is tuple:
            return self.items(node, get_args(kind)[0])
        if kind is Printed:
            return self.printed(node)
        if dataclasses.is_dataclass(kind):
            return self.struct(node, kind)
        if not isinstance(node, yaml.ScalarNode):
            raise self.refuse(node, say("这里应是单个值"))
        return self.within(node, self.scalar(node, kind), limits)

    def items(self, node: yaml.Node, kind: Any) -> tuple[Any, ...]:
        if not isinstance(node, yaml.SequenceNode):
            raise self.refuse(node, say("这里应是列表"))
        before = len(self.problems)
        found = []
        for child in node.value:
            try:
                found.append(self.value(child, kind))
            except _Unreadable:
                continue
        if len(self.problems) > before:
            raise _Unreadable
        return tuple(found)

    def printed(self, node: yaml.Node) -> Printed:
        if isinstance(node, yaml.ScalarNode):
            text = self.scalar(node, str)
            return Printed(text, text)
        pair = self.struct(node, _Pair)
        return Printed(pair.as_printed, pair.canonical)

    def struct(self, node: yaml.Node, kind: Any) -> Any:
        if not isinstance(node, yaml.MappingNode):
            raise self.refuse(node, say("这里应是键和值"))
        before = len(self.problems)
        types, optional = _schema(kind)
        values: dict[str, Any] = {}
        seen: set[str] = set()
        for key, child in node.value:
            name = str(key.value)
            if name not in types:
                self.refuse(key, say("不认识的键“{key}”，这里只有 {known}", key=name, known="、".join(types)))
            elif name in seen:
                self.refuse(key, say("键“{key}”写了两次", key=name))
            else:
                seen.add(name)
                try:
                    values[name] = self.value(child, types[name])
                except _Unreadable:
                    continue
        for name in types:
            if name not in seen and name not in optional:
                self.refuse(node, say("缺少“{key}”", key=name))
        if len(self.problems) > before:
            raise _Unreadable
        return kind(**values, mark=self.mark(node))

    def scalar(self, node: yaml.ScalarNode, kind: Any) -> Any:
        text = str(node.value).strip()
        if kind is not str and not text:
            raise self.refuse(node, say("这里没有值"))
        read_one = _SCALARS.get(kind)
        if read_one is not None:
            what, convert = read_one
            try:
                return convert(text)
            except (ValueError, KeyError):
                raise self.refuse(node, say("“{text}”不是{what}", text=text, what=what)) from None
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            try:
                return kind(text)
            except ValueError:
                known = "、".join(kind)
                raise self.refuse(node, say("不认识“{text}”，这里只有 {known}", text=text, known=known)) from None
        raise TypeError(f"no reading for {kind!r}")  # a struct of ours is wrong, not the data

    def within(self, node: yaml.ScalarNode, found: T, limits: tuple[Any, ...]) -> T:
        for limit in limits:
            if isinstance(limit, Between) and not limit.least <= found <= limit.most:  # type: ignore[operator]
                raise self.refuse(
                    node, say("{n} 不在 {least} 到 {most} 之间", n=found, least=limit.least, most=limit.most)
                )
            if isinstance(limit, Like) and not re.fullmatch(limit.pattern, str(found), re.ASCII):
                raise self.refuse(node, say("“{text}”不是{what}", text=found, what=limit.what))
        return found


@dataclass(frozen=True, kw_only=True)
class _Pair(Entry):
    as_printed: str
    canonical: str


@cache
def _schema(kind: type) -> tuple[dict[str, Any], frozenset[str]]:
    """Types by field name and the names that may be left out."""
    hints = get_type_hints(kind, include_extras=True)
    fields = [f for f in dataclasses.fields(kind) if f.name != "mark"]
    optional = frozenset(
        f.name for f in fields if f.default is not dataclasses.MISSING or f.default_factory is not dataclasses.MISSING
    )
    return {f.name: hints[f.name] for f in fields}, optional


def _text(text: str) -> str:
    if not text:
        raise ValueError
    return text


def _whole(text: str) -> int:
    if not re.fullmatch(r"-?\d{1,12}", text, re.ASCII):
        raise ValueError
    return int(text)


def _day(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise ValueError
    return date.fromisoformat(text)


def _time(text: str) -> time:
    if not re.fullmatch(r"\d\d:\d\d", text, re.ASCII):
        raise ValueError
    return time.fromisoformat(text)


def _moment(text: str) -> datetime:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", text, re.ASCII):
        raise ValueError
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


_LEVELS = {label.msgid: level for level, label in LEVEL_LABELS.items()}
_YES_NO = {"是": True, "否": False, "true": True, "false": False}
_SCALARS: dict[Any, tuple[Say, Callable[[str], Any]]] = {
    str: (say("文字"), _text),
    int: (say("整数"), _whole),
    bool: (say("“是”或“否”"), _YES_NO.__getitem__),
    date: (say("真实的日期（如 2024-05-30）"), _day),
    time: (say("真实的时刻（如 08:30）"), _time),
    datetime: (say("真实的日期和时刻（如 2021-04-01 00:00）"), _moment),
    Level: (say("等级（初级、中级、高级）"), _LEVELS.__getitem__),
}


def as_json(value: Any) -> Any:
    """A struct as plain JSON values, without its marks: what a page needs of it, and what a table keeps."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [f.name for f in dataclasses.fields(value) if f.name != "mark"]
        return {name: as_json(getattr(value, name)) for name in fields}
    if isinstance(value, tuple | list):
        return [as_json(item) for item in value]
    if isinstance(value, Level):
        return int(value)
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return value

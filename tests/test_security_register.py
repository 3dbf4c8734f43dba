"""The register of ASVS rows, the page of security and the abuse cases: what they claim is what the tests show."""

from __future__ import annotations

import ast
import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

from onex.common import tables_shown
from onex.common.limits import DOORS

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "onex"
REGISTER = ROOT / "security" / "asvs.csv"
PAGE, CHINESE, LIMITS = (ROOT / "docs" / name for name in ("security.md", "security.zh-CN.md", "limits.md"))

# ASVS 5.0.0: how many requirements of level 1 and 2 each chapter has. A row that is lost or doubled changes a count.
CHAPTERS = {
    1: (8, 19), 2: (4, 7), 3: (8, 11), 4: (2, 8), 5: (4, 5), 6: (13, 22), 7: (6, 12), 8: (4, 3), 9: (4, 3), 10: (5, 24),
    11: (3, 11), 12: (3, 6), 13: (1, 12), 14: (2, 7), 15: (3, 10), 16: (0, 16), 17: (0, 7),
}  # fmt: skip
STATES = ("met", "n/a", "deviation")
# trust.md's abuse cases that touch what exists: each is tried by tests of its name.
ABUSE = {*range(1, 6), *range(13, 20), *range(22, 28), *range(29, 33), *range(35, 38)}


class Row:
    """One requirement: what it is about in our words, how it stands, why, and what shows it."""

    def __init__(self, line: dict[str, str]) -> None:
        self.id, self.level, self.about = line["id"], line["level"], line["about"]
        self.state, self.reason, self.tests = line["state"], line["reason"], line["test"].split()


def rows_of(text: str) -> list[Row]:
    return [Row(line) for line in csv.DictReader(text.splitlines())]


def register() -> str:
    return REGISTER.read_text("utf-8")


@cache
def defined_in(path: Path) -> frozenset[str]:
    """The tests that a file defines."""
    if not path.is_file():
        return frozenset()
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return frozenset(one.name for one in nodes if isinstance(one, ast.FunctionDef) and one.name.startswith("test_"))


def files_of_tests() -> Iterator[Path]:
    for folder in ("src", "tests"):
        yield from sorted((ROOT / folder).rglob("test_*.py"))


# --- the register


def wrong_totals(rows: Sequence[Row]) -> list[str]:
    """What is not as the standard counts it."""
    wrong = [f"{name}: {n} rows" for name, n in Counter(row.id for row in rows).items() if n > 1]
    wrong += [f"{row.id}: no number of a requirement" for row in rows if not re.fullmatch(r"\d+\.\d+\.\d+", row.id)]
    wrong += [f"{row.id}: level {row.level}" for row in rows if row.level not in ("1", "2")]
    for chapter, counts in CHAPTERS.items():
        found = Counter(row.level for row in rows if row.id.split(".")[0] == str(chapter))
        if (found["1"], found["2"]) != counts:
            wrong.append(f"chapter {chapter}: {found['1']} + {found['2']} rows instead of {counts[0]} + {counts[1]}")
    return wrong


def wrong_claims(rows: Sequence[Row]) -> list[str]:
    """Rows that claim more than they show, or less than they owe."""
    wrong = []
    for row in rows:
        if row.state not in STATES:
            wrong.append(f"{row.id}: state {row.state!r}")
        if not row.about or len(row.about.split()) > 12:
            wrong.append(f"{row.id}: about says nothing or too much")
        if len(row.reason) < (10 if row.state == "met" else 15) or not row.reason.endswith("."):
            wrong.append(f"{row.id}: the reason is no sentence")
        if row.state == "deviation" and len(row.reason) < 60:
            wrong.append(f"{row.id}: a deviation says what differs and why")
        if row.state == "met" and not row.tests:
            wrong.append(f"{row.id}: met by no test")
        if row.state != "met" and row.tests:
            wrong.append(f"{row.id}: {row.state}, but names tests")
        for node in row.tests:
            path, _, name = node.partition("::")
            if name not in defined_in(ROOT / path):
                wrong.append(f"{row.id}: there is no {node}")
    return wrong


def test_every_requirement_of_level_one_and_two_has_exactly_one_row() -> None:
    rows = rows_of(register())
    assert wrong_totals(rows) == []
    assert Counter(row.level for row in rows) == {"1": 70, "2": 183}
    numbers = [tuple(map(int, row.id.split("."))) for row in rows]
    assert numbers == sorted(numbers)


def test_every_row_claims_what_a_test_shows_or_says_why_not() -> None:
    assert wrong_claims(rows_of(register())) == []


@pytest.mark.parametrize(
    ("was", "planted", "told"),
    [
        ("6.2.1,1,", "6.2.99,2,", "chapter 6"),
        ("6.2.1,1,", "6.2.2,1,", "6.2.2: 2 rows"),
        ("6.2.1,1,", "6.2.1,2,", "chapter 6"),
        ("17.3.2,2,", "17.3.2,3,", "level 3"),
        (",met,", ",done,", "state 'done'"),
        (
            "::test_abuse_05_reading_answers_by_the_matrix_changes_no_row_and_tells_no_key",
            "::test_nobody",
            "there is no",
        ),
        (",n/a,No GraphQL", ",met,No GraphQL", "met by no test"),
        (",n/a,No SAML: people sign in at the platform itself.", ",n/a,No.", "the reason is no sentence"),
        (",n/a,No SAML", ",deviation,No SAML", "what differs and why"),
    ],
)
def test_a_planted_error_in_the_register_is_caught(was: str, planted: str, told: str) -> None:
    text = register()
    assert was in text  # otherwise the case would plant nothing
    rows = rows_of(text.replace(was, planted, 1))
    assert any(told in one for one in wrong_totals(rows) + wrong_claims(rows))


# --- the page


def section(text: str, title: str) -> str:
    """What stands below a heading."""
    found = re.search(rf"^## {re.escape(title)}$(.*?)(?=^## |\Z)", text, re.M | re.S)
    return found.group(1) if found else ""


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def test_every_document_a_row_points_to_is_there() -> None:
    for row in rows_of(register()):
        for file, anchor in re.findall(r"((?:docs|privacy|requirements)/[\w./*-]*\w)(?:#([\w-]+))?", row.reason):
            found = list(ROOT.glob(f"{file}*"))
            assert found, f"{row.id}: {file}"
            if anchor:
                assert anchor in anchors(found[0]), f"{row.id}: {file}#{anchor}"
                title = next(
                    head for head in re.findall(r"^## (.+)$", found[0].read_text("utf-8"), re.M)
                    if head.lower().replace(" ", "-") == anchor
                )  # fmt: skip
                assert len(section(found[0].read_text("utf-8"), title)) > 200, f"{row.id}: {file}#{anchor} is empty"


def test_both_pages_tell_the_figures_of_the_register() -> None:
    rows = rows_of(register())
    n = Counter(row.state for row in rows)
    assert (
        f"| ASVS 5.0.0, level 1 and 2 | {n['met']} met, {n['n/a']} not applicable, {n['deviation']} deviations |"
        in (PAGE.read_text("utf-8"))
    )
    assert f"{len(rows)} 条：满足 {n['met']} 条，不适用 {n['n/a']} 条，偏离 {n['deviation']} 条" in CHINESE.read_text(
        "utf-8"
    )


def test_both_pages_tell_how_many_abuse_cases_are_tried() -> None:
    tried = abuse_cases()
    found = re.search(r"^\| abuse cases \| (\d+) of 40, by ([\d,]+) tests \|$", PAGE.read_text("utf-8"), re.M)
    assert found, "docs/security.md names no figures of the abuse cases"
    told, tests, all_tests = int(found[1]), int(found[2].replace(",", "")), sum(tried.values())
    assert told == len(tried)
    # A test more is no reason to touch the page; it says nine tenths at least and never more than there are.
    assert 0.9 * all_tests <= tests <= all_tests, (
        f"docs/security.md should say: {len(tried)} of 40, by {all_tests} tests"
    )
    assert f"40 类攻击中的 {len(tried)} 类" in CHINESE.read_text("utf-8")


def test_every_deviation_stands_among_the_weaknesses() -> None:
    told = section(PAGE.read_text("utf-8"), "Known weaknesses")
    for row in rows_of(register()):
        assert row.state != "deviation" or re.search(rf"(?<![\d.]){re.escape(row.id)}(?![\d.]*\d)", told), row.id


def test_the_page_names_every_setting_of_the_environment() -> None:
    names = set(re.findall(r'"(ONEX_[A-Z0-9_]+|[A-Z]+_URL)"', (SOURCE / "config" / "env.py").read_text("utf-8")))
    assert len(names) > 20
    for page in (PAGE, CHINESE):
        text = page.read_text("utf-8")
        missing = sorted(name for name in names - {"ONEX_TESTING"} if f"`{name}`" not in text)
        assert missing == [], page.name


def kinds_by_place() -> dict[str, tuple[str, ...]]:
    """File that keeps uploads → the kinds it takes."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        if "tests" not in path.parts:
            tree = ast.parse(path.read_text("utf-8"))
            for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
                if ast.unparse(call.func) == "files.attach":
                    name = next(ast.unparse(one.value) for one in call.keywords if one.arg == "kinds")
                    found[path.relative_to(SOURCE).as_posix()] = _constant(path.parents[1], name)
    return found


def _constant(app: Path, name: str) -> tuple[str, ...]:
    for path in [*app.rglob("*.py"), *app.parent.rglob("*.py")]:
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
                return tuple(ast.literal_eval(node.value))
    raise AssertionError(f"{name} is no constant that can be read")


def test_the_page_lists_every_place_that_takes_files() -> None:
    told = section(PAGE.read_text("utf-8"), "Files")
    places = kinds_by_place()
    assert len(places) >= 5
    for place, kinds in places.items():
        assert re.search(rf"^\|.*\| {', '.join(kinds)} \|.*`{re.escape(place)}` \|$", told, re.M), (place, kinds)
    for path in SOURCE.rglob("*.py"):
        if "tests" not in path.parts and re.search(
            r"\bsheets\.read(_sheet)?\(|\bread_yaml\(upload|files\.read_yaml\(", path.read_text("utf-8")
        ):
            place = path.relative_to(SOURCE).as_posix()
            assert place.startswith("common/") or f"`{place}` |" in told, place


def test_the_limits_page_names_every_door_of_the_source() -> None:
    text = LIMITS.read_text("utf-8")
    doors = [
        ast.literal_eval(call.args[0])
        for path in SOURCE.rglob("*.py")
        if "tests" not in path.parts
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "Door"
    ]
    assert len(doors) > 20
    for door in doors:
        assert f"`{door}` |" in text, door
    words = {limit.per for door in DOORS.values() if not door.code.startswith("test.") for limit in door.limits}
    assert words <= set(tables_shown.PER)


def test_the_limits_page_tells_the_session_limits_that_hold(settings) -> None:
    assert settings.SESSION_LIMITS == {"staff": (1800, 43200), "learner": (7200, 43200)}
    text = LIMITS.read_text("utf-8")
    assert "| staff | 30 minutes | 12 hours |" in text
    assert "| learner | 2 hours | 12 hours |" in text
    assert tables_shown.limits().split("## Sign-ins")[1] == text.split("## Sign-ins")[1]


# --- the abuse cases


def abuse_cases(paths: Sequence[Path] | None = None) -> dict[int, int]:
    """Abuse case → how many tests try it; a test of several cases names them all."""
    found: Counter[int] = Counter()
    for path in paths if paths is not None else files_of_tests():
        for name in defined_in(path):
            told = re.match(r"test_abuse_((?:\d\d_)+)", name)
            if told:
                found.update(int(one) for one in told.group(1).strip("_").split("_"))
    return dict(found)


def test_every_abuse_case_that_touches_what_exists_is_tried() -> None:
    assert sorted(ABUSE - set(abuse_cases())) == []


def test_a_lost_abuse_case_is_noticed() -> None:
    without = [path for path in files_of_tests() if "test_abuse_37_" not in path.read_text("utf-8")]
    walk = ROOT / "tests" / "walks" / "test_abuse_walk.py"
    assert 37 not in abuse_cases([path for path in without if path != walk])

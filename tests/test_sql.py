"""Row 29 of the abuse cases, from the inside: no statement is made of what somebody typed.

Everything goes through the ORM but what is listed here. A new statement of ours, or a new value put into one, fails
until somebody has looked at it and written down what it is.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "onex"

# File → how many statements it sends itself, past the ORM. All values are parameters; names are in PUT_IN.
STATEMENTS = {
    "common/audit_guard.py": 9,  # triggers: names of our own three tables
    "common/audit_head.py": 1,  # the sealer's advisory lock
    "common/health.py": 1,  # select 1
    "common/limits.py": 1,  # the count that is one atomic statement
    "common/management/commands/prepare.py": 1,  # the room's schema
    "examroom/gate/pg.py": 3,  # keep_pg.sql and the gate's named statements
    "examroom/gate/sqlite.py": 19,  # keep_sqlite.sql, the same statements, begin/commit/rollback and pragmas
    "pilots/queries/oversight.py": 2,  # groups of what the ORM narrowed; its statement and parameters go in as they are
    "pilots/queries/review_times.py": 1,  # stays in review, of the same
}
# File → names that are put into the text of a statement. Each is a constant or a name out of our own models.
PUT_IN = {
    "common/audit_guard.py": {"table", "verb", "_SETTING"},
    "common/limits.py": {"table"},
    "pilots/queries/oversight.py": {"narrow", "' union all '.join(parts)"},  # the ORM's own text; constants by name
}
SENT_BY = {"execute", "executemany", "executescript", "raw", "RawSQL", "callproc"}
EXTRA = {"select", "where", "tables", "order_by"}
STATEMENT = re.compile(
    r"\b(select\s.+\sfrom|insert\s+into|update\s.+\sset|delete\s+from|drop\s+\w+|create\s+(or|table|trigger|schema)|order\s+by)\b",
    re.I | re.S,
)
# Look-ups whose names are not written out where they stand: each is built from names of ours.
BUILT_LOOKUPS = {
    "common/moves.py": {"sets or {}"},  # of services' calls of move
    "common/queries.py": {"span"},  # from and to, written out beside it
    "common/pages.py": {"self.lookup", "lookup"},  # of the views' get_or_404 calls
    "common/index_keys.py": {"{…}"},  # a column out of our own models
    "common/rekey.py": {"{…}"},  # a column out of our own models
    "common/sealed.py": {"values"},  # the same
    "portal/queries/persons.py": {"{…}"},  # the way to the person, out of the register
    "portal/services/rights.py": {"own"},  # the same
    "common/permits.py": {"lookups"},  # the reaches of permits.py
    "accounts/services/organisations.py": {"values"},  # of a form's dataclass
    "accounts/services/staff.py": {"values"},
    "venues/services/applications.py": {"asdict(room)"},  # of a form's dataclass
    "results/queries.py": {"counts"},  # written out beside it
    "portal/queries/audit.py": {"{…}"},  # a dictionary written out beside it
    "integrations/services/deliveries.py": {"told"},  # written out beside it
    "notices/services/wording.py": {"values"},  # of a form's fields
    "pilots/api/applications.py": {"chosen"},  # written out beside it
    "pilots/api/plans.py": {"chosen"},  # written out beside it
    "pilots/queries/applications.py": {"wanted"},  # the paths written out beside it
    "pilots/queries/ledger.py": {"{…}"},  # the fields written out beside it
    "pilots/queries/oversight.py": {"{…}", "_SUMS", "counts", "columns"},  # tables of that file
    "pilots/queries/plans.py": {"{…}"},  # names for what is counted
    "pilots/queries/review.py": {"{…}"},  # one of two digests, named by the views
    "pilots/queries/signals.py": {"{…}"},  # the same two
}
SENT = re.compile(r"request\.(GET|POST|body|COOKIES|headers|META|FILES)\b")
LOOKS_UP = {"filter", "exclude", "get", "update", "annotate", "aggregate", "order_by", "values", "values_list", "only"}


def sources(folder: Path = SOURCE) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        if not {"tests", "migrations"} & set(path.parts):
            yield path.relative_to(folder).as_posix(), ast.parse(path.read_text("utf-8"))


def statements(tree: ast.Module) -> int:
    """How many calls hand a text to the database."""
    return sum(
        isinstance(node, ast.Call)
        and (
            (_called(node) in SENT_BY and bool(node.args))
            or (_called(node) == "extra" and bool(EXTRA & {str(one.arg) for one in node.keywords}))
        )
        for node in ast.walk(tree)
    )


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def put_into_statements(tree: ast.Module) -> set[str]:
    """What is put into texts that read like a statement: by f-string, `%`, `+` or `format`."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and STATEMENT.search(_constant_text(node)):
            found |= {ast.unparse(one.value) for one in node.values if isinstance(one, ast.FormattedValue)}
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add):
            if STATEMENT.search(_constant_text(node.left)):
                found.add(ast.unparse(node.right))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            found |= {ast.unparse(node)} if STATEMENT.search(_constant_text(node.func.value)) else set()
    return found


def _constant_text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value) if isinstance(node.value, str) else ""
    parts = node.values if isinstance(node, ast.JoinedStr) else []
    return "".join(str(one.value) if isinstance(one, ast.Constant) else " x " for one in parts)


def built_lookups(tree: ast.Module) -> set[str]:
    """Names of columns that are not written where they are used: `filter(**this)`."""
    return {
        "{…}" if isinstance(keyword.value, ast.Dict | ast.DictComp) else ast.unparse(keyword.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LOOKS_UP
        for keyword in node.keywords
        if keyword.arg is None
    }


def from_the_request(tree: ast.Module) -> list[str]:
    """`order_by`, `filter`, `values` and the like that are handed something straight out of a request."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LOOKS_UP:
            handed = [*node.args, *(one.value for one in node.keywords if one.arg is None)]
            found += [ast.unparse(one) for one in handed if SENT.search(ast.unparse(one))]
    # `request.GET.get("q")` reads one word of the address: that is no look-up in the database.
    return [one for one in found if not one.startswith(("'", '"'))]


def test_abuse_29_every_statement_of_our_own_is_on_the_list() -> None:
    found = Counter({name: count for name, tree in sources() if (count := statements(tree))})
    assert found == STATEMENTS


def test_abuse_29_nothing_but_names_of_ours_is_put_into_a_statement() -> None:
    found = {name: put for name, tree in sources() if (put := put_into_statements(tree))}
    assert found == PUT_IN


def test_abuse_29_columns_are_named_by_the_program_and_never_by_the_request() -> None:
    built = {name: built_lookups(tree) - BUILT_LOOKUPS.get(name, set()) for name, tree in sources()}
    assert {name: new for name, new in built.items() if new} == {}
    assert {name: straight for name, tree in sources() if (straight := from_the_request(tree))} == {}


@pytest.mark.parametrize(
    "planted",
    [
        'cursor.execute(f"select * from t where name = {name}")',
        'cursor.execute("select a from t where name = %s" % name)',
        'cursor.execute("select a from t where name = " + name)',
        'cursor.execute("delete from {}".format(name))',
    ],
)
def test_a_planted_statement_is_caught(planted: str) -> None:
    tree = ast.parse(planted)
    assert statements(tree) == 1
    assert put_into_statements(tree)


@pytest.mark.parametrize("planted", ["rows.filter(**request.GET.dict())", "rows.order_by(request.GET['sort'])"])
def test_a_planted_column_of_the_request_is_caught(planted: str) -> None:
    assert from_the_request(ast.parse(planted))


@pytest.mark.parametrize("planted", ["rows.extra(where=[w])", "Model.objects.raw(text)", "RawSQL(text, [])"])
def test_a_planted_way_past_the_orm_is_counted(planted: str) -> None:
    assert statements(ast.parse(planted)) == 1

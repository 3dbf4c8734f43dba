"""The laws of the house as functions: each answers sentences `file:line: what is wrong`, none when the law holds.

They read source text only, so that a planted break can be shown on a made-up tree.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PURE = ("rules", "permits")  # in every app; `items` as a whole and common/workflow.py as well
OPEN_DOORS = {"models", "queries", "services", "rules", "permits", "identifiers"}
# Doors by name, with the reason.
NAMED_DOORS = {
    "onex.accounts.views.entrance": "lets in whoever proved who they are, in whichever app that was",
    "onex.integrations.api": "the door that every app's API stands behind: tokens, scopes and the shape of problems",
}
READERS = ("views", "api", "forms", "tasks")
WRITERS = ("services",)
WRITES = {"create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "acreate"}
# Files that write by name, with the reason: the move engine and its trace; attachments; packages' own tables.
NAMED_WRITERS = {
    "common/moves.py": "changes states and leaves traces",
    "common/audit_chain.py": "seals traces, makes roots and drops what is old enough",
    "common/limits.py": "counts tries, which belong to nobody's transaction",
    "common/sealed.py": "seals what is there, once, for migrations",
    "common/rekey.py": "seals what is there under another key; no word changes",
    "common/files.py": "keeps attachments",
    "common/jobs.py": "drops what the queue has done",
    "accounts/models.py": "UserManager is Django's",
}


def sources(root: Path) -> Iterator[tuple[str, str, tuple[str, ...], ast.Module]]:
    """(app, path below the source folder, room parts, tree) of every module but tests and migrations."""
    for file in sorted(root.rglob("*.py")):
        parts = file.relative_to(root).parts
        if len(parts) < 2 or {"tests", "migrations"} & set(parts):
            continue
        rooms = (*parts[1:-1], file.stem)
        yield parts[0], "/".join(parts), rooms, ast.parse(file.read_text(encoding="utf-8"))


def imports_of(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, dotted module) of every import; `from onex.a import b` gives onex.a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module.count(".") <= 1 and node.module.startswith("onex"):
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, node.module


def foreign_doors(root: Path) -> list[str]:
    """Law 1: from another app only models, queries, services, rules, permits (common, items and config are free)."""
    found = []
    for app, path, rooms, tree in sources(root):
        if app == "config":
            continue
        for line, module in imports_of(tree):
            parts = module.split(".")
            if parts[0] != "onex" or len(parts) < 3 or parts[1] in (app, "common", "items", "config"):
                continue
            # A command may start what runs later: that is what tasks are for.
            doors = OPEN_DOORS | {"tasks"} if rooms[0] == "management" else OPEN_DOORS
            if parts[2] not in doors and module not in NAMED_DOORS:
                found.append(f"{path}:{line}: imports {module}; another app's {parts[2]} is not a door")
    return found


def django_in_pure(root: Path) -> list[str]:
    """Law 2: rules, permits, items and common/workflow.py import no Django."""
    found = []
    for app, path, rooms, tree in sources(root):
        if app == "items" or path == "common/workflow.py" or (rooms[0] in PURE):
            found += [
                f"{path}:{line}: imports {module}; this room is pure"
                for line, module in imports_of(tree)
                if module.split(".")[0] in ("django", "ninja")
            ]
    return found


def objects_in_readers(root: Path) -> list[str]:
    """Law 3: views, api, forms and tasks never mention `.objects`."""
    found = []
    for _, path, rooms, tree in sources(root):
        if rooms[0] in READERS:
            found += [
                f"{path}:{node.lineno}: mentions .{node.attr}; name the read in queries.py"
                for node in ast.walk(tree)
                if isinstance(node, ast.Attribute) and node.attr in ("objects", "_base_manager", "_default_manager")
            ]
    return found


def writes_elsewhere(root: Path) -> list[str]:
    """Law 4: rows are made, changed and deleted only in services; `state` only in common/moves.py."""
    found = []
    for app, path, rooms, tree in sources(root):
        is_writer = rooms[0] in WRITERS or path in NAMED_WRITERS or app == "config" or rooms[:2] == ("gate", "writer")
        for node in ast.walk(tree):
            if path != "common/moves.py" and _sets_state(node):
                found.append(f"{path}:{node.lineno}: sets a state; only common/moves.py does")  # type: ignore[attr-defined]
            if not is_writer and isinstance(node, ast.Call) and _writes(node):
                found.append(f"{path}:{node.lineno}: writes rows; only services do")
    return found


def _writes(call: ast.Call) -> bool:
    function = call.func
    if not isinstance(function, ast.Attribute):
        return False
    chain = ast.unparse(function.value)
    through_manager = re.search(r"\b(objects|_base_manager|_default_manager)\b", chain) is not None
    return (function.attr in WRITES and through_manager) or (function.attr in ("update", "delete") and through_manager)


def _sets_state(node: ast.AST) -> bool:
    if isinstance(node, ast.Assign):
        return any(isinstance(t, ast.Attribute) and t.attr == "state" and not _is_self(t) for t in node.targets)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
        return any(keyword.arg == "state" for keyword in node.keywords)
    return False


def _is_self(target: ast.Attribute) -> bool:
    return isinstance(target.value, ast.Name) and target.value.id == "self"


def inline_in_templates(root: Path) -> list[str]:
    """Law 7: templates have no inline script or style and no event handlers (the CSP would refuse them anyway)."""
    inline = re.compile(
        r"<style\b|\sstyle\s*=|<script(?![^>]*\bsrc=)(?![^>]*application/json)|\son[a-z]+\s*=\s*[\"']", re.I
    )
    found = []
    for file in sorted(root.rglob("templates/**/*.html")):
        for line, text in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            if inline.search(text):
                found.append(f"{file.relative_to(root)}:{line}: inline script, style or handler")
    return found


def unnamed_migrations(root: Path) -> list[str]:
    """Law 7: migrations have telling names."""
    return [
        f"{file.relative_to(root)}:1: give the migration a telling name"
        for file in sorted(root.rglob("migrations/0*.py"))
        if "_auto_" in file.stem or re.fullmatch(r"\d{4}", file.stem)
    ]

"""The exam-day load generator and benchmark: drives the real server as candidates do. See README.md."""

from __future__ import annotations

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]


def _the_entry() -> ModuleType:
    """`./onex` as a module: what it does to set up and to serve is done here in the very same way."""
    loader = SourceFileLoader("onex_entry", str(ROOT / "onex"))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None  # noqa: S101  (a loader was given)
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


entry = _the_entry()
tr, fail = entry.tr, entry.fail

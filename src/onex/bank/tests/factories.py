"""An organisation with its authors and the level that the shipped items are for."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from onex.accounts.models import EvaluationOrg
from onex.catalog import queries as catalog
from onex.catalog.models import CertificateLevel
from onex.catalog.services import load_guide
from onex.common.actors import Actor, Role
from onex.common.ids import uuid7

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
DATA = Path(__file__).resolve().parents[1] / "data" / "live-commerce-junior"


def a_level() -> CertificateLevel:
    """直播电商（初级） of the loaded guide."""
    load_guide(at=NOON)
    return catalog.level_by_code("101", 1)


def an_org(code: str = "134871207", name: str = "南京奥派信息产业股份公司") -> EvaluationOrg:
    return EvaluationOrg.objects.get_or_create(
        org_code=code, defaults={"kind": "evaluation_org", "name": name, "short_name": name[:4]}
    )[0]


def an_author(org: EvaluationOrg) -> Actor:
    return Actor(uuid7(), "钱命题", Role.AUTHOR, org.pk, org.name)


def an_assembler(org: EvaluationOrg) -> Actor:
    return Actor(uuid7(), "孙组卷", Role.ASSEMBLER, org.pk, org.name)


@cache
def _parsed(name: str) -> Any:
    return yaml.safe_load((DATA / name).read_text(encoding="utf-8"))


def theory_items() -> list[dict[str, Any]]:
    """Every theory item that ships with the product; a copy, so that a test may spoil it."""
    found: list[dict[str, Any]] = []
    for file in sorted(DATA.glob("theory-*.yaml")):
        document = deepcopy(_parsed(file.name))
        found += document["items"] if isinstance(document, dict) else document
    return found


def practical() -> dict[str, Any]:
    """The practical paper that ships with the product; a copy."""
    loaded: dict[str, Any] = deepcopy(_parsed("practical-a.yaml"))
    return loaded

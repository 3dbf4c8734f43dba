"""From the files of one version to one checked guide."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from onex.catalog.rules import guide as g
from onex.catalog.rules.checks import problems_in
from onex.catalog.rules.reading import GuideError, Mark, Problem, read
from onex.common.text import say

DATA = Path(__file__).resolve().parents[1] / "data"
LATEST = "guide-2024"

FILES: dict[str, type] = {
    "guide.yaml": g.Head,
    "assessment.yaml": g.Assessment,
    "fees.yaml": g.Fees,
    "calendar.yaml": g.Calendar,
    "training.yaml": g.Training,
    "textbooks.yaml": g.Textbooks,
    "contacts.yaml": g.Contacts,
    "regions.yaml": g.Regions,
    "majors.yaml": g.Majors,
    "pilots.yaml": g.Pilots,
    "venues.yaml": g.Venues,
    "courses.yaml": g.Courses,
    "portal.yaml": g.Portal,
}


@cache
def guide(version: str = LATEST) -> g.Guide:
    """The version as it lies in `data/`, read and checked once per process.

    Raises GuideError with everything that is wrong, or when there is no such version.
    """
    return parse(texts_of(version))


def texts_of(version: str) -> dict[str, str]:
    """The files of a version by name. Raises GuideError when there is no such version."""
    if version not in versions():
        known = "、".join(versions())
        raise GuideError([Problem(Mark(version, 1), say("没有这个版本，现有 {known}", known=known))])
    return {path.name: path.read_text("utf-8") for path in sorted((DATA / version).glob("*.yaml"))}


def versions() -> list[str]:
    """The versions that lie in `data/`, oldest first."""
    return sorted(path.name for path in DATA.iterdir() if (path / "guide.yaml").is_file())


def parse(texts: Mapping[str, str]) -> g.Guide:
    """The guide in these files (name → text).

    Raises GuideError listing every problem. A file that cannot be read hides what only all files together could
    tell, so counts and joins are checked when each file by itself is in order.
    """
    problems: list[Problem] = []
    parts: dict[str, Any] = {}
    certificates: list[g.Certificate] = []
    for name, text in sorted(texts.items()):
        if name.startswith("certificate-"):
            found, wrong = read(name, text, g.Certificate)
            problems += wrong
            if found is not None:
                certificates.append(found)
                if name != f"certificate-{found.code}.yaml":
                    problems.append(Problem(found.mark, say("证书编号 {code} 与文件名不符", code=found.code)))
        elif name in FILES:
            parts[name], wrong = read(name, text, FILES[name])
            problems += wrong
        else:
            problems.append(Problem(Mark(name, 1), say("不认识这个文件")))
    problems += [Problem(Mark(name, 1), say("缺少这个文件")) for name in FILES if name not in texts]
    if problems:
        raise GuideError(problems)
    head = parts.pop("guide.yaml")
    rest = {name.removesuffix(".yaml"): part for name, part in parts.items()}
    whole = g.Guide(digest=digest_of(texts), head=head, certificates=tuple(certificates), **rest)
    problems = list(problems_in(whole))
    if problems:
        raise GuideError(problems)
    return whole


def digest_of(texts: Mapping[str, str]) -> str:
    """SHA-256 over names and texts, in the order of the names."""
    digest = hashlib.sha256()
    for name, text in sorted(texts.items()):
        digest.update(f"{name}\0{text}\0".encode())
    return digest.hexdigest()


def provinces(version: str = LATEST) -> tuple[g.Province, ...]:
    """The jurisdictions that publish pilot plans, with their cities."""
    return guide(version).regions.provinces

"""Named reads: a school's own list of majors beside what the catalogues say of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from onex.accounts.models import School, SchoolMajor
from onex.accounts.queries import departments_of, majors_of
from onex.catalog.models import Major
from onex.catalog.queries.majors import known_codes, recognition
from onex.catalog.rules import school_majors as rules
from onex.catalog.rules.school_majors import CatalogueCode, Judged, SheetLine


@dataclass(frozen=True)
class OfferedLine:
    """A row of the list; `twins` are the codes of the school's other rows that stand for the same major."""

    row: SchoolMajor
    edition: str
    successors: tuple[Major, ...]
    twins: tuple[str, ...]


def codes_to_mend(school: School) -> dict[str, set[str]]:
    """The school's codes by what there is to say of them: "old" of a replaced catalogue, "unknown" to all, "twice"."""
    codes = set(school.majors.values_list("code", flat=True))
    known = recognition()
    listed = set(Major.objects.filter(code__in=codes).values_list("code", flat=True))
    twice = {one for one in codes if known.is_among(one, codes - {one})}
    return {"old": {one for one in codes if known.is_old(one)}, "unknown": codes - listed, "twice": twice}


def offered_lines(school: School, rows: Iterable[SchoolMajor]) -> list[OfferedLine]:
    """These rows of the school's list with what the catalogues say; as many queries for one as for a hundred."""
    rows = list(rows)
    known, listed = recognition(), known_codes(row.code for row in rows)
    every = sorted(school.majors.values_list("code", flat=True))
    found = []
    for row in rows:
        code = listed.get(row.code)
        twins = tuple(one for one in every if one != row.code and known.is_among(one, [row.code]))
        edition = code.major.catalogue.edition if code is not None else ""
        found.append(OfferedLine(row, edition, code.successors if code is not None else (), twins))
    return found


def catalogue_codes(codes: Iterable[str]) -> dict[str, CatalogueCode]:
    """What the catalogues say of these codes and of what became of them."""
    listed = known_codes(codes)
    after = known_codes(one.code for code in listed.values() for one in code.successors)
    return {
        code: CatalogueCode(
            one.major.name, one.major.catalogue_id, tuple((major.code, major.name) for major in one.successors)
        )
        for code, one in (after | listed).items()
    }


def judged_lines(school: School, lines: Sequence[SheetLine], *, renews: bool = False) -> list[Judged]:
    """The rows of a sheet judged against the school's list as it is now."""
    offered = {
        row.code: (row.name, row.department.name if row.department is not None else "") for row in majors_of(school)
    }
    departments = [row.name for row in departments_of(school)]
    known = catalogue_codes(rules.tidy(line.code).upper() for line in lines)
    return rules.judge(lines, offered, known, departments, renews=renews)

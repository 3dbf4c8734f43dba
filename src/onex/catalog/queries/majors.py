"""Named reads of majors: catalogues, what old codes stand for, and which majors are mapped to a level on which day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from onex.catalog.models import CertificateLevel, LevelMajor, Major, MajorCatalogue, MajorSuccession
from onex.catalog.rules import BEIJING, Recognition
from onex.common.actors import Actor
from onex.common.clock import now
from onex.common.permits import seen
from onex.common.queries import with_words


def today(at: datetime | None = None) -> date:
    """The local day by which mappings hold."""
    return (at or now()).astimezone(BEIJING).date()


# --- catalogues and old codes --------------------------------------------------------------------------------------


def majors() -> QuerySet[Major]:
    """All majors that are known, of every catalogue."""
    return Major.objects.all()


def major_catalogues() -> QuerySet[MajorCatalogue]:
    """The editions of the catalogues with the number of their majors that are known, the oldest first."""
    return MajorCatalogue.objects.annotate(major_count=Count("majors"))


def majors_found(words: str) -> QuerySet[Major]:
    """The majors of every catalogue whose code or name contains these words; those of the newest catalogues first."""
    rows = with_words(Major.objects.select_related("catalogue"), words, "code", "name")
    return rows.order_by("catalogue__replaced_by", "stage", "code")


def majors_by_key(keys: Iterable[str]) -> list[Major]:
    """The majors with these keys; what is no key is left out."""
    found = []
    for key in keys:
        try:
            found.append(UUID(key))
        except ValueError:
            continue
    return list(Major.objects.select_related("catalogue").filter(pk__in=found))


def recognition() -> Recognition:
    """What old codes stand for; one query."""
    links: dict[str, set[str]] = {}
    for old, new in MajorSuccession.objects.values_list("old__code", "new__code"):
        links.setdefault(old, set()).add(new)
    return Recognition({old: frozenset(new) for old, new in links.items()})


def current_codes(code: str) -> set[str]:
    """The codes of today that this code stands for: itself, unless its major went into others."""
    return set(recognition().current(code))


def recognised(code: str, codes: Iterable[str]) -> bool:
    """Whether the code counts as one of these, old codes as what became of them."""
    return recognition().is_among(code, codes)


def spellings_of(codes: Iterable[str]) -> frozenset[str]:
    """Every code, old and new, that counts as one of these."""
    return recognition().spellings(codes)


@dataclass(frozen=True)
class KnownCode:
    """What the catalogues say of a code: its major, and what became of it when its catalogue was replaced."""

    major: Major
    successors: tuple[Major, ...]

    @property
    def is_old(self) -> bool:
        return bool(self.successors)


def known_codes(codes: Iterable[str]) -> dict[str, KnownCode]:
    """What the catalogues say of these codes; a code that none of them has is left out. Three queries."""
    rows = {row.code: row for row in Major.objects.select_related("catalogue").filter(code__in=set(codes))}
    known = recognition()
    later = {code: known.current(code) for code in rows if known.is_old(code)}
    wanted = frozenset().union(*later.values()) if later else frozenset()
    news = {row.code: row for row in Major.objects.filter(code__in=wanted)} if wanted else {}
    return {
        code: KnownCode(row, tuple(news[one] for one in sorted(later.get(code, ())) if one in news))
        for code, row in rows.items()
    }


def known_code(code: str) -> KnownCode | None:
    """What the catalogues say of one code; None for one that none of them has."""
    return known_codes([code]).get(code)


# --- mapped majors -------------------------------------------------------------------------------------------------


def level_majors_on(day: date) -> QuerySet[LevelMajor]:
    """The mappings of all levels that hold on this day."""
    begun = Q(from_on__isnull=True) | Q(from_on__lte=day)
    return LevelMajor.objects.filter(begun, Q(until_on__isnull=True) | Q(until_on__gt=day))


def level_majors_of(level: CertificateLevel) -> QuerySet[LevelMajor]:
    """Every mapping of a level, also those that begin later or have ended, with their majors and catalogues."""
    return level.level_majors.select_related("major__catalogue").order_by("major__stage", "major__code")


def mapped_majors(level: CertificateLevel, on: date | None = None) -> QuerySet[Major]:
    """对应专业: the majors whose students may register for this level on a day, today unless told."""
    rows = level_majors_on(on or today()).filter(level=level)
    return Major.objects.filter(pk__in=rows.order_by().values("major")).order_by("stage", "code")


def mapped_codes(level: CertificateLevel, on: date | None = None) -> frozenset[str]:
    """The codes of the mapped majors as the mapping has them; compare others by `recognition`."""
    rows = level_majors_on(on or today()).filter(level=level)
    return frozenset(rows.order_by().values_list("major__code", flat=True))


def is_mapped(level: CertificateLevel, major_code: str, on: date | None = None) -> bool:
    """Whether students of this major may register for this level; an old code counts as what became of it."""
    return recognised(major_code, mapped_codes(level, on))


def levels_seen_by(actor: Actor) -> QuerySet[CertificateLevel]:
    """The levels whose mapping this actor may look at, an evaluation organisation only its own."""
    return seen("catalog.majors_see", actor, CertificateLevel.objects.select_related("certificate"))


def levels_edited_by(actor: Actor) -> QuerySet[CertificateLevel]:
    """The levels whose mapping this actor keeps."""
    return seen("catalog.majors_edit", actor, CertificateLevel.objects.select_related("certificate"))

"""Named reads: the mapping of a level as its editor shows it, with its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery

from onex.catalog.models import CertificateLevel, LevelMajor, Major
from onex.catalog.queries.majors import level_majors_of
from onex.catalog.queries.school_majors import catalogue_codes
from onex.catalog.rules.mapping import CodeLine, judge_codes
from onex.catalog.rules.school_majors import tidy
from onex.common.models import Trace
from onex.common.queries import timeline_of, with_words

EDITS = ("majors_add", "majors_remove", "majors_confirm")


@dataclass(frozen=True)
class Standing:
    """Which rows of a mapping a filter shows, in words of the address."""

    today: date

    def of(self, rows: QuerySet[LevelMajor], show: str) -> QuerySet[LevelMajor]:
        """The rows of one chip: those in force and to come unless told."""
        ended = Q(until_on__isnull=False, until_on__lte=self.today)
        if show == "ended":
            return rows.filter(ended)
        rows = rows.exclude(ended)
        if show == "draft":
            return rows.filter(is_draft=True)
        if show == "changing":
            return rows.filter(Q(from_on__gt=self.today) | Q(until_on__isnull=False))
        return rows


def mapping_of(level: CertificateLevel, today: date, show: str = "", words: str = "") -> QuerySet[LevelMajor]:
    """The rows of a level that a filter shows."""
    return with_words(Standing(today).of(level_majors_of(level), show), words, "major__code", "major__name")


def mapping_counts(level: CertificateLevel, today: date) -> dict[str, int]:
    """How many rows each filter shows."""
    rows, standing = level.level_majors.all(), Standing(today)
    return {show: standing.of(rows, show).count() for show in ("", "draft", "changing", "ended")}


def levels_with_mapping(levels: QuerySet[CertificateLevel], today: date) -> QuerySet[CertificateLevel]:
    """These levels with what their list shows: how many majors are mapped, drafts among them, and the last change."""
    holds = Q(level_majors__from_on__isnull=True) | Q(level_majors__from_on__lte=today)
    holds &= Q(level_majors__until_on__isnull=True) | Q(level_majors__until_on__gt=today)
    last = Trace.objects.filter(subject_type="catalog.certificatelevel", subject_id=OuterRef("pk"), verb__in=EDITS)
    return levels.annotate(
        mapped_count=Count("level_majors", filter=holds),
        draft_count=Count("level_majors", filter=holds & Q(level_majors__is_draft=True)),
        changed_at=Subquery(last.order_by().values("subject_id").annotate(n=Max("at")).values("n")),
    ).order_by("certificate__code", "level")


def history_of(level: CertificateLevel) -> QuerySet[Trace]:
    """What was changed of a level's mapping, the latest first."""
    return timeline_of(level).filter(verb__in=EDITS).order_by("-at", "-id")


def lines_to_add(level: CertificateLevel, lines: Sequence[tuple[int, str]]) -> list[CodeLine]:
    """A pasted list judged against the catalogues and the level's mapping as it is now."""
    known = catalogue_codes(tidy(text).upper() for _number, text in lines)
    open_ended = level.level_majors.filter(until_on__isnull=True).values_list("major__code", flat=True)
    return judge_codes(lines, known, set(open_ended))


def majors_by_code(codes: Sequence[str]) -> list[Major]:
    """The majors with these codes, in the order of the codes."""
    rows = {row.code: row for row in Major.objects.select_related("catalogue").filter(code__in=codes)}
    return [rows[code] for code in codes if code in rows]


def mapped_among(level: CertificateLevel, keys: Sequence[str]) -> list[LevelMajor]:
    """Those rows of the level's mapping whose keys these are; what is no key is left out."""
    return [row for row in level_majors_of(level) if str(row.pk) in set(keys)]

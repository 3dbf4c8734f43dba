"""Named reads: the majors a school may declare, and what a choice of them means for its students."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet, Sum

from onex.accounts.models import School, SchoolMajor
from onex.catalog.models import CertificateLevel, Major
from onex.catalog.queries import level_majors_on, mapped_majors, recognition, spellings_of, today
from onex.pilots.models import DeclaredMajor, PilotApplication, PilotPlan, RosterCount
from onex.pilots.queries.plans import levels_open_under
from onex.pilots.rules import EDITABLE, ApplicationState
from onex.pilots.rules.majors import MajorCount, counts_of_majors, students_let_in

_ALIVE = (*EDITABLE, ApplicationState.CITY_REVIEW, ApplicationState.PROVINCE_REVIEW, ApplicationState.APPROVED)


def majors_to_choose(school: School, plan: PilotPlan, level: CertificateLevel | None = None) -> QuerySet[SchoolMajor]:
    """拟申报专业 a school may pick: what it offers and the level maps (any open level's, before one is chosen).

    A school's list may still carry old codes; they count as what became of them.
    """
    levels = levels_open_under(plan) if level is None else levels_open_under(plan).filter(pk=level.pk)
    mapped = level_majors_on(today()).filter(level__in=levels.order_by()).order_by()
    codes = spellings_of(mapped.values_list("major__code", flat=True))
    return SchoolMajor.objects.filter(school=school, code__in=codes)


def majors_by_level(school: School, levels: Iterable[CertificateLevel]) -> dict[UUID, dict[str, str]]:
    """拟申报专业 a school may pick for each of the levels, code → "code name"; as many queries for one as for all."""
    known = recognition()
    offered = {major.code: str(major) for major in school.majors.order_by("code")}
    mapped: dict[UUID, set[str]] = {level.pk: set() for level in levels}
    rows = level_majors_on(today()).filter(level__in=list(mapped)).order_by()
    for level, code in rows.values_list("level", "major__code"):
        mapped[level].add(code)
    spelled = {level: known.spellings(codes) for level, codes in mapped.items()}
    return {level: {code: name for code, name in offered.items() if code in spelled[level]} for level in mapped}


@dataclass(frozen=True)
class WhitelistEffect:
    """What a choice of majors means before it is handed in: whose students it lets in, and how many there are.

    `is_whitelist` is False where nothing was chosen, which means every mapped major. `has_roster` is False while the
    school has no students on the platform at all: then nothing is known, and 0 is no warning.
    """

    major_count: int
    student_count: int
    lines: tuple[MajorCount, ...]
    is_whitelist: bool
    has_roster: bool


def whitelist_effect(school: School, codes: Iterable[str], level: CertificateLevel) -> WhitelistEffect:
    """How many majors these codes name and how many rostered students they let in for this level; four queries.

    Without codes it is every mapped major: listed are those the school offers or has students of. An old code in the
    roster counts as what became of it, and a student once, however many of the majors theirs went into.
    """
    chosen = list(dict.fromkeys(codes))
    known = recognition()
    rows = dict(RosterCount.objects.filter(school=school).values_list("major_code", "count"))
    offered = dict(school.majors.order_by("code").values_list("code", "name"))
    mapped = dict(mapped_majors(level).values_list("code", "name"))
    if chosen:
        named = {code: offered.get(code) or mapped.get(code, "") for code in chosen}
    else:
        here = known.current_of([*offered, *(code for code, count in rows.items() if count)])
        named = {code: name for code, name in mapped.items() if known.current(code) & here}
    lines, students = counts_of_majors(named, rows, mapped, known)
    return WhitelistEffect(len(lines), students, lines, bool(chosen), any(rows.values()))


def rostered_counts(rows: QuerySet[PilotApplication]) -> dict[UUID, int]:
    """How many students each of these applications would let in, as `whitelist_effect` tells its school; five queries.

    Of the declared majors, or without any of every mapped one, by the mappings of today.
    """
    rows = rows.select_related(None).order_by()
    asked = list(rows.values_list("pk", "school_id", "level_id"))
    known = recognition()
    declared: dict[UUID, list[str]] = defaultdict(list)
    lines = DeclaredMajor.objects.filter(application__in=rows.values("pk")).order_by()
    for application, code in lines.values_list("application_id", "code"):
        declared[application].append(code)
    mapped: dict[UUID, set[str]] = defaultdict(set)
    mappings = level_majors_on(today()).filter(level__in={level for _, _, level in asked}).order_by()
    for level, code in mappings.values_list("level_id", "major__code"):
        mapped[level].add(code)
    rosters: dict[UUID, dict[str, int]] = defaultdict(dict)
    counts = RosterCount.objects.filter(school__in=rows.values("school")).order_by()
    for school, code, count in counts.values_list("school_id", "major_code", "count"):
        rosters[school][code] = count
    return {
        pk: students_let_in(declared.get(pk) or mapped[level], rosters[school], mapped[level], known)
        for pk, school, level in asked
    }


@dataclass(frozen=True)
class MajorEffect:
    """Whom the end of a mapping touches: schools that offer the major, its students, this year's applications.

    `open_count` are applications not decided yet that declare it, which cannot be handed in with it any more;
    `granted_count` approved ones, which keep it.
    """

    major: Major
    school_count: int
    student_count: int
    open_count: int
    granted_count: int


def effects_of_majors(level: CertificateLevel, majors: Iterable[Major], year: int) -> list[MajorEffect]:
    """What ending these majors' mapping to a level would touch; five queries however many they are.

    A school, a student and an application count under every major that theirs stands for, old codes too.
    """
    majors = list(majors)
    known = recognition()
    codes = known.spellings(major.code for major in majors)
    offered = list(SchoolMajor.objects.filter(code__in=codes).values_list("school_id", "code"))
    rosters = dict(
        RosterCount.objects.filter(major_code__in=codes).order_by().values_list("major_code").annotate(n=Sum("count"))
    )
    declared = DeclaredMajor.objects.filter(
        code__in=codes, application__level=level, application__plan__year=year, application__state__in=_ALIVE
    ).values_list("application_id", "application__state", "code")
    applications = list(declared)
    found = []
    for major in majors:
        mine = known.spellings([major.code])
        states = {pk: state for pk, state, code in applications if code in mine}
        granted = sum(state == ApplicationState.APPROVED for state in states.values())
        found.append(
            MajorEffect(
                major,
                len({school for school, code in offered if code in mine}),
                sum(count for code, count in rosters.items() if code in mine),
                len(states) - granted,
                granted,
            )
        )
    return found


def undeclared_counts(level: CertificateLevel, year: int) -> tuple[int, int]:
    """This year's applications for a level that name no majors: not decided yet, and approved."""
    rows = PilotApplication.objects.filter(level=level, plan__year=year, state__in=_ALIVE, declared_majors__isnull=True)
    counts = dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
    granted = counts.pop(ApplicationState.APPROVED.value, 0)
    return sum(counts.values()), granted

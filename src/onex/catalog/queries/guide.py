"""Named reads of the guide. All of it is public, so nothing here asks who is looking.

Unless a guide is given, the one of the latest year answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from onex.catalog import rules
from onex.catalog.models import (
    AssessmentScheme,
    CalendarSitting,
    CertificateLevel,
    CertificateType,
    GuideVersion,
    KnowledgeUnit,
    Major,
    ModuleWeight,
    RegionalContact,
    Textbook,
    TrainingClassPlan,
    WorkDomain,
    WorkTask,
)
from onex.catalog.queries.majors import level_majors_on, today

# --- the guide -----------------------------------------------------------------------------------------------------


def guide_in_force() -> GuideVersion:
    """The guide of the latest year. Raises GuideVersion.DoesNotExist before the first load."""
    return GuideVersion.objects.latest("year")


def texts(part: str) -> dict[str, Any]:
    """The words of one part of the guide: guide, assessment, fees, calendar, training, textbooks, contacts, pilots,
    venues, courses, portal, majors. Shapes are those of `data/guide-<year>/<part>.yaml`.
    """
    return dict(guide_in_force().texts[part])


# --- certificates, levels, standards -------------------------------------------------------------------------------


def certificates() -> QuerySet[CertificateType]:
    """Both certificates with their levels, in the order of their codes."""
    return CertificateType.objects.prefetch_related("levels")


def printed_certificates() -> QuerySet[CertificateType]:
    """Those whose standard a guide prints, level by level; an organisation's other certificates have no public page."""
    schemes = AssessmentScheme.objects.filter(level=OuterRef("pk"), label="")
    bare = CertificateLevel.objects.filter(~Exists(schemes), certificate=OuterRef("pk"))
    return certificates().filter(~Exists(bare), levels__isnull=False).distinct()


def certificate_levels() -> QuerySet[CertificateLevel]:
    """All levels with their certificate: what a school may apply for."""
    return CertificateLevel.objects.select_related("certificate")


def level_by_code(code: str, level: int) -> CertificateLevel:
    """The level of a certificate, e.g. ("101", 1). Raises CertificateLevel.DoesNotExist."""
    return certificate_levels().get(certificate__code=code, level=level)


def standard_of(level: CertificateLevel, guide: GuideVersion | None = None) -> QuerySet[WorkDomain]:
    """The work domains of a level with tasks and skill points (`domain.tasks.all()`, `task.skill_points.all()`)."""
    return level.domains.filter(guide=guide or guide_in_force()).prefetch_related("tasks__skill_points")


def tasks_of(level: CertificateLevel, guide: GuideVersion | None = None) -> QuerySet[WorkTask]:
    """The work tasks of a level with their domain, in the order of the standard."""
    found = WorkTask.objects.filter(domain__level=level, domain__guide=guide or guide_in_force())
    return found.select_related("domain").order_by("domain__position", "position")


def knowledge_units_of(level: CertificateLevel, guide: GuideVersion | None = None) -> QuerySet[KnowledgeUnit]:
    """The knowledge units of the level's textbook: what theory items belong to besides their task."""
    found = KnowledgeUnit.objects.filter(textbook__level=level, textbook__guide=guide or guide_in_force())
    return found.order_by("position")


# --- assessment and fees -------------------------------------------------------------------------------------------


def schemes_of(level: CertificateLevel) -> QuerySet[AssessmentScheme]:
    """Every scheme of a level, the newest guide first, each with its weights and their domains."""
    return level.schemes.select_related("guide").prefetch_related(_weights()).order_by("-guide__year", "label")


def scheme_in_force(level: CertificateLevel, label: str | None = None) -> AssessmentScheme:
    """The newest scheme of a level: the one everybody sits, or the one with this label (e.g. 演示).

    Raises AssessmentScheme.DoesNotExist when no guide has one.
    """
    found = schemes_of(level).filter(label=label or "").first()
    if found is None:
        raise AssessmentScheme.DoesNotExist(f"no scheme {label!r} for {level}")
    return found


def module_weights(level: CertificateLevel, label: str | None = None) -> QuerySet[ModuleWeight]:
    """The practical modules of the scheme in force with their domain, in the order of the standard."""
    scheme = scheme_in_force(level, label)
    return scheme.weights.select_related("domain").order_by("domain__position")


def fees() -> QuerySet[CertificateLevel]:
    """What each level costs per person and sitting (`fee_fen`)."""
    return certificate_levels()


def _weights() -> Prefetch[Any]:
    return Prefetch("weights", ModuleWeight.objects.select_related("domain").order_by("domain__position"))


# --- calendars -----------------------------------------------------------------------------------------------------


def sittings_of(certificate: CertificateType, guide: GuideVersion | None = None) -> QuerySet[CalendarSitting]:
    """The sittings of a certificate in the year of the guide, with their half days (`sitting.slots.all()`)."""
    return certificate.calendar_sittings.filter(guide=guide or guide_in_force()).prefetch_related("slots")


def sitting_by_number(certificate: CertificateType, number: int) -> CalendarSitting:
    """One sitting of the guide in force. Raises CalendarSitting.DoesNotExist."""
    return sittings_of(certificate).get(number=number)


def training_of(certificate: CertificateType, guide: GuideVersion | None = None) -> QuerySet[TrainingClassPlan]:
    """The training calendar of a certificate."""
    return certificate.training_classes.filter(guide=guide or guide_in_force())


# --- books and people ----------------------------------------------------------------------------------------------


def textbooks(guide: GuideVersion | None = None) -> QuerySet[Textbook]:
    """The textbooks with their level and certificate."""
    return Textbook.objects.filter(guide=guide or guide_in_force()).select_related("level__certificate")


def contacts(guide: GuideVersion | None = None) -> QuerySet[RegionalContact]:
    """The regional contacts in the order of the guide."""
    return RegionalContact.objects.filter(guide=guide or guide_in_force())


def contact_of(province_code: str) -> RegionalContact | None:
    """Whom a school of this province asks; 兵团 and 计划单列市 ask the contact of the province around them."""
    around = {province.code: province.within or province.code for province in rules.provinces()}
    wanted = around.get(province_code, province_code)
    return next((contact for contact in contacts() if wanted in contact.provinces), None)


# --- pages ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LevelPage:
    """One level as its page shows it."""

    level: CertificateLevel
    domains: Sequence[WorkDomain]
    scheme: AssessmentScheme
    majors: Sequence[Major]
    textbook: Textbook | None
    weights: dict[str, int]  # percent by domain code


@dataclass(frozen=True)
class CertificatePage:
    """One certificate with everything the guide says of it."""

    certificate: CertificateType
    levels: Sequence[LevelPage]
    sittings: Sequence[CalendarSitting]
    training: Sequence[TrainingClassPlan]
    has_draft_skill_points: bool
    has_draft_majors: bool


def certificate_page(code: str) -> CertificatePage | None:
    """The page of a certificate; None when no guide prints one. The same number of queries whatever its size."""
    certificate = printed_certificates().prefetch_related(None).filter(code=code).first()
    return None if certificate is None else _page_of(certificate, guide_in_force())


def _page_of(certificate: CertificateType, guide: GuideVersion) -> CertificatePage:
    rows = certificate.levels.prefetch_related(
        Prefetch("domains", WorkDomain.objects.filter(guide=guide).prefetch_related("tasks__skill_points")),
        Prefetch("schemes", AssessmentScheme.objects.filter(guide=guide, label="").prefetch_related(_weights())),
        Prefetch("textbooks", Textbook.objects.filter(guide=guide)),
        Prefetch("level_majors", level_majors_on(today()).select_related("major")),
    )
    levels = []
    for level in rows:
        (scheme,) = level.schemes.all()
        page = LevelPage(
            level=level,
            domains=list(level.domains.all()),
            scheme=scheme,
            majors=[row.major for row in level.level_majors.all()],
            textbook=next(iter(level.textbooks.all()), None),
            weights={weight.domain.code: weight.weight for weight in scheme.weights.all()},
        )
        levels.append(page)
    points = [p for page in levels for d in page.domains for task in d.tasks.all() for p in task.skill_points.all()]
    return CertificatePage(
        certificate=certificate,
        levels=levels,
        sittings=list(sittings_of(certificate, guide)),
        training=list(training_of(certificate, guide)),
        has_draft_skill_points=any(point.is_draft for point in points),
        has_draft_majors=any(row.is_draft for page in levels for row in page.level.level_majors.all()),
    )


# --- the whole as one document -------------------------------------------------------------------------------------


def whole_catalog() -> dict[str, Any]:
    """The guide in force as one public document, in the shape of `api.Catalog`; times are Beijing times.

    Raises GuideVersion.DoesNotExist before the first load.
    """
    guide = guide_in_force()
    contact_words, books = guide.texts["contacts"], list(textbooks(guide))
    return {
        "version": guide.version,
        "certificates": [
            _certificate(_page_of(certificate, guide), books)
            for certificate in printed_certificates().prefetch_related(None).filter(guide=guide)
        ],
        "contacts": [
            {"name": contact.name, "provinces": contact.as_printed.split("、"), "phone": contact.phone}
            for contact in contacts(guide)
        ],
        "office": contact_words["office"],
        "groups": [
            {"certificate": group["certificate"], "name": group["name"]["canonical"], "number": group["number"]}
            for group in contact_words["groups"]
        ],
        "ordering": guide.texts["textbooks"]["ordering"],
    }


def _certificate(page: CertificatePage, books: Sequence[Textbook]) -> dict[str, Any]:
    certificate = page.certificate
    return {
        "code": certificate.code,
        "name": certificate.name,
        "skill_point_count": certificate.skill_point_count,
        "levels": [_level(level) for level in page.levels],
        "sittings": [
            {
                "number": sitting.number,
                "levels": sitting.levels,
                "slots": [
                    {
                        "starts_at": slot.starts_at.astimezone(rules.BEIJING),
                        "ends_at": slot.ends_at.astimezone(rules.BEIJING),
                    }
                    for slot in sitting.slots.all()
                ],
            }
            for sitting in page.sittings
        ],
        "training": [
            {"month": row.month, "level": row.level, "content": row.content, "mode": row.mode} for row in page.training
        ],
        "textbooks": [
            {"name": book.name, "level": book.level.level}
            for book in books
            if book.level.certificate_id == certificate.pk
        ],
    }


def _level(page: LevelPage) -> dict[str, Any]:
    scheme = page.scheme
    return {
        "level": page.level.level,
        "name": rules.Level(page.level.level).label.msgid,
        "fee_fen": page.level.fee_fen,
        "theory": {
            "minutes": scheme.theory_minutes,
            "full_mark": scheme.theory_full_mark,
            "pass_mark": scheme.theory_pass_mark,
            "sections": [
                {"kind": section["kind"], "count": section["count"], "points_each": section["points_each"]}
                for section in scheme.theory_sections
            ],
        },
        "practical": {
            "minutes": scheme.practical_minutes,
            "full_mark": scheme.practical_full_mark,
            "pass_mark": scheme.practical_pass_mark,
        },
        "domains": [
            {
                "code": domain.code,
                "name": domain.name,
                "weight": page.weights[domain.code],
                "tasks": [
                    {
                        "code": task.code,
                        "name": task.name,
                        "skill_points": [
                            {"code": point.code, "name": point.name, "draft": point.is_draft}
                            for point in task.skill_points.all()
                        ],
                    }
                    for task in domain.tasks.all()
                ],
            }
            for domain in page.domains
        ],
    }

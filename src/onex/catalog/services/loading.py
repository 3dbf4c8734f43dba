"""Loading a version of the guide into the tables: repeatable, and it says what it did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model, ProtectedError, QuerySet

from onex.accounts.services import ensure_evaluation_org
from onex.catalog import rules
from onex.catalog.models import (
    AssessmentScheme,
    CalendarSitting,
    CalendarSlot,
    CertificateLevel,
    CertificateType,
    GuideVersion,
    KnowledgeUnit,
    LevelMajor,
    Major,
    MajorCatalogue,
    MajorSuccession,
    ModuleWeight,
    RegionalContact,
    SkillPoint,
    Textbook,
    TrainingClassPlan,
    WorkDomain,
    WorkTask,
)
from onex.catalog.rules.guide import Certificate, Guide, Scheme
from onex.common import tx
from onex.common.actors import SYSTEM, Actor
from onex.common.moves import leave_trace
from onex.common.text import Refused, say

M = TypeVar("M", bound=Model)
LevelKey = tuple[str, int]
# What of a scheme is not a column of its own name: the sections are JSON, the mark is only for messages.
SCHEME_COLUMNS = [name for name in Scheme.__dataclass_fields__ if name not in ("mark", "code", "theory_sections")]


@dataclass
class Loaded:
    """What a load did, by model name: rows added, changed, removed and left as they were.

    `kept` are rows that an organisation keeps itself and that the guide would have otherwise.
    """

    version: str
    added: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    unchanged: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)

    @property
    def did_anything(self) -> bool:
        return any((self.added, self.changed, self.removed))

    def as_json(self) -> dict[str, dict[str, int]]:
        return {"added": self.added, "changed": self.changed, "removed": self.removed}


def load_guide(version: str = rules.LATEST, *, by: Actor | None = None, at: datetime) -> Loaded:
    """Put a version of the guide that comes with the product into the tables; a second run changes nothing.

    Raises GuideError when the data is wrong, Refused when a row that is in use would have to go.
    """
    return load(rules.guide(version), by=by, at=at)


def load(guide: Guide, *, by: Actor | None = None, at: datetime) -> Loaded:
    """Put this guide into the tables: rows are added, changed and removed until the tables say what it says.

    Certificates, levels and fees follow the newest guide: loading an older one leaves them alone.
    """
    loading = _Loading(guide, at)
    with tx.write():
        loading.run()
        if loading.report.did_anything:
            GuideVersion.objects.filter(pk=loading.version.pk).update(loaded_at=at)
            leave_trace(loading.version, "load", by=by or SYSTEM, at=at, data=loading.report.as_json())
    return loading.report


class _Loading:
    """One load: the guide, what was done so far, and rows that have to go once nothing of ours hangs on them."""

    def __init__(self, guide: Guide, at: datetime) -> None:
        self.guide, self.at = guide, at
        self.report = Loaded(guide.head.version)
        self.leftover: list[Model] = []
        self.version: GuideVersion
        self.types: dict[str, CertificateType] = {}
        self.levels: dict[LevelKey, CertificateLevel] = {}
        self.domains: dict[tuple[LevelKey, str], WorkDomain] = {}

    def run(self) -> None:
        self.load_version()
        self.load_certificates()
        self.load_majors()
        self.load_standards()
        self.load_schemes()
        self.load_calendars()
        self.load_textbooks()
        self.load_contacts()
        self.remove_leftover()

    # --- tables, each after those it points to ---

    def load_version(self) -> None:
        head = self.guide.head
        (self.version,) = self.sync(
            GuideVersion,
            GuideVersion.objects.filter(version=head.version),
            [
                (
                    {"version": head.version},
                    {
                        "year": head.year,
                        "title": head.title,
                        "organisation_name": head.organisation.name,
                        "organisation_short_name": head.organisation.short_name,
                        "org_code": head.organisation.org_code,
                        "texts": texts_of(self.guide),
                        "digest": self.guide.digest,
                    },
                )
            ],
            loaded_at=self.at,
        )

    def load_certificates(self) -> None:
        """Certificates and levels, unless a newer guide has already said how they are."""
        organisation = self.guide.head.organisation
        self.issuer = ensure_evaluation_org(organisation.org_code, organisation.name, organisation.short_name)
        codes = [certificate.code for certificate in self.guide.certificates]
        present = CertificateType.objects.filter(code__in=codes)
        newer = set(present.filter(guide__year__gt=self.version.year).values_list("code", flat=True))
        mine = [certificate for certificate in self.guide.certificates if certificate.code not in newer]
        types = self.sync(
            CertificateType, present.exclude(code__in=newer), [({"code": c.code}, self.certificate(c)) for c in mine]
        )
        self.types = {row.code: row for row in (*types, *present.filter(code__in=newer))}
        fees = {fee.level: fee.fee_fen for fee in self.guide.fees.fees}
        wanted = []
        for certificate in mine:
            for standard in certificate.levels:
                label = standard.level.label.msgid
                values = {
                    "name": f"{certificate.name}（{label}）",
                    "short_name": f"{certificate.short_name}（{label}）",
                    "fee_fen": fees[standard.level],
                }
                key = {"certificate": self.types[certificate.code], "level": int(standard.level)}
                wanted.append((key, values))
        self.sync(CertificateLevel, CertificateLevel.objects.filter(certificate__in=types), wanted)
        every = CertificateLevel.objects.filter(certificate__in=self.types.values()).select_related("certificate")
        self.levels = {(row.certificate.code, row.level): row for row in every}
        self.mine = {certificate.code for certificate in mine}

    def certificate(self, certificate: Certificate) -> dict[str, Any]:
        organisation, printed = self.guide.head.organisation, certificate.printed_counts
        return {
            "guide": self.version,
            "code_is_ours": certificate.code_source == rules.Origin.ONEX,
            "name": certificate.name,
            "short_name": certificate.short_name,
            "english_name": certificate.english_name,
            "introduction": certificate.introduction,
            "sample_caption": certificate.sample.caption,
            "sample_alt": certificate.sample.alt,
            "sample_picture": certificate.sample.picture,
            "domain_count": printed.domains,
            "task_count": printed.tasks,
            "skill_point_count": printed.skill_points,
            "issuer_name": organisation.name,
            "issuer": self.issuer,
        }

    def load_majors(self) -> None:
        """Majors of all catalogues stay, old rosters carry old codes; the mapping follows the newest guide."""
        data = self.guide.majors
        editions = self.sync(
            MajorCatalogue,
            MajorCatalogue.objects.all(),
            [
                (
                    {"code": one.code},
                    {
                        "name": one.name,
                        "from_year": one.from_year,
                        "replaced_by": one.replaced_by,
                        "source": one.source,
                    },
                )
                for one in data.catalogues
            ],
            keep=True,
        )
        majors = self.sync(
            Major,
            Major.objects.filter(catalogue__in=editions),
            [
                (
                    {"catalogue_id": major.catalogue, "code": major.code},
                    {"name": major.name, "stage": major.stage.value},
                )
                for major in data.majors
            ],
            keep=True,
        )
        by_code = {major.code: major for major in majors}
        self.sync(
            MajorSuccession,
            MajorSuccession.objects.filter(old__in=majors),
            [
                (
                    {"old": by_code[row.old], "new": by_code[code]},
                    {"is_draft": row.draft, "source": row.source.value},
                )
                for row in data.successions
                for code in row.new
            ],
        )
        self.load_mapping(by_code)

    def load_mapping(self, by_code: dict[str, Major]) -> None:
        """对应专业 as the guide has them, but for those that the evaluation organisation has decided itself."""
        data = self.guide.majors
        present = LevelMajor.objects.filter(level__certificate__code__in=self.mine)
        own = {(row.level_id, row.major_id): row for row in present.filter(is_own=True)}
        said = [
            (self.levels[row.certificate, row.level], by_code[code])
            for row in data.mapped
            if row.certificate in self.mine
            for code in row.majors
        ]
        wanted = [(level, major) for level, major in said if (level.pk, major.pk) not in own]
        # What the organisation has added or ended against the guide; what it has only confirmed is no difference.
        in_guide = {(level.pk, major.pk) for level, major in said}
        kept = [key for key, row in own.items() if (key in in_guide) == (row.until_on is not None)]
        _add(self.report.kept, LevelMajor.__name__, len(kept))
        self.sync(
            LevelMajor,
            present.filter(is_own=False),
            [({"level": level, "major": major}, {"is_draft": data.mapping.draft}) for level, major in wanted],
        )

    def load_standards(self) -> None:
        standards = [((c.code, int(s.level)), c, s) for c in self.guide.certificates for s in c.levels]
        domains = self.sync(
            WorkDomain,
            WorkDomain.objects.filter(guide=self.version),
            [
                (
                    {"guide": self.version, "level": self.levels[key], "code": domain.code},
                    {"name": str(domain.name), "name_as_printed": domain.name.as_printed, "position": position},
                )
                for key, _, standard in standards
                for position, domain in enumerate(standard.domains, 1)
            ],
        )
        keys = {level.pk: key for key, level in self.levels.items()}
        self.domains = {(keys[row.level_id], row.code): row for row in domains}
        tasks = self.sync(
            WorkTask,
            WorkTask.objects.filter(domain__guide=self.version),
            [
                (
                    {"domain": self.domains[key, domain.code], "code": task.code},
                    {"name": str(task.name), "name_as_printed": task.name.as_printed, "position": position},
                )
                for key, _, standard in standards
                for domain in standard.domains
                for position, task in enumerate(domain.tasks, 1)
            ],
        )
        by_domain = {(row.domain_id, row.code): row for row in tasks}
        self.sync(
            SkillPoint,
            SkillPoint.objects.filter(task__domain__guide=self.version),
            [
                (
                    {
                        "task": by_domain[self.domains[key, domain.code].pk, task.code],
                        "code": f"{task.code}.{position}",
                    },
                    {"name": point, "is_draft": certificate.skill_points.draft, "position": position},
                )
                for key, certificate, standard in standards
                for domain in standard.domains
                for task in domain.tasks
                for position, point in enumerate(task.skill_points, 1)
            ],
        )

    def load_schemes(self) -> None:
        """Every level gets its own row of every scheme, so that one level's scheme can change alone one day."""
        schemes = self.sync(
            AssessmentScheme,
            AssessmentScheme.objects.filter(guide=self.version),
            [
                ({"guide": self.version, "level": level, "code": scheme.code}, scheme_columns(scheme))
                for level in self.levels.values()
                for scheme in self.guide.assessment.schemes
            ],
        )
        weights = {(row.certificate, int(row.level)): row.modules for row in self.guide.assessment.weights}
        keys = {level.pk: key for key, level in self.levels.items()}
        self.sync(
            ModuleWeight,
            ModuleWeight.objects.filter(scheme__guide=self.version),
            [
                (
                    {"scheme": scheme, "domain": self.domains[keys[scheme.level_id], module.domain]},
                    {"weight": module.weight, "name_as_printed": module.module},
                )
                for scheme in schemes
                for module in weights[keys[scheme.level_id]]
            ],
        )

    def load_calendars(self) -> None:
        calendars = self.guide.calendar.calendars
        sittings = self.sync(
            CalendarSitting,
            CalendarSitting.objects.filter(guide=self.version),
            [
                (
                    {
                        "guide": self.version,
                        "certificate": self.types[calendar.certificate],
                        "number": sitting.number,
                    },
                    {"name": sitting.name, "levels": [int(level) for level in sitting.levels]},
                )
                for calendar in calendars
                for sitting in calendar.sittings
            ],
        )
        self.sync(
            CalendarSlot,
            CalendarSlot.objects.filter(sitting__guide=self.version),
            [
                ({"sitting": row, "position": position}, {"starts_at": slot.starts_at, "ends_at": slot.ends_at})
                for row, said in zip(sittings, (s for c in calendars for s in c.sittings), strict=True)
                for position, slot in enumerate(said.slots, 1)
            ],
        )
        self.sync(
            TrainingClassPlan,
            TrainingClassPlan.objects.filter(guide=self.version),
            [
                (
                    {
                        "guide": self.version,
                        "certificate": self.types[calendar.certificate],
                        "month": row.month,
                        "level": int(row.level),
                    },
                    {"content": row.content, "mode": row.mode},
                )
                for calendar in self.guide.training.calendars
                for row in calendar.classes
            ],
        )

    def load_textbooks(self) -> None:
        data = self.guide.textbooks
        books = self.sync(
            Textbook,
            Textbook.objects.filter(guide=self.version),
            [
                (
                    {"guide": self.version, "level": self.levels[book.certificate, book.level]},
                    {"name": book.name, "publisher": data.publisher, "cover": book.cover},
                )
                for book in data.textbooks
            ],
        )
        self.sync(
            KnowledgeUnit,
            KnowledgeUnit.objects.filter(textbook__guide=self.version),
            [
                (
                    {"textbook": row, "code": str(position)},
                    {"name": unit, "is_draft": data.knowledge_units.draft, "position": position},
                )
                for row, book in zip(books, data.textbooks, strict=True)
                for position, unit in enumerate(book.knowledge_units, 1)
            ],
        )

    def load_contacts(self) -> None:
        self.sync(
            RegionalContact,
            RegionalContact.objects.filter(guide=self.version),
            [
                (
                    {"guide": self.version, "position": position},
                    {
                        "name": contact.name,
                        "as_printed": contact.as_printed,
                        "provinces": list(contact.provinces),
                        "phone": contact.phone,
                    },
                )
                for position, contact in enumerate(self.guide.contacts.contacts, 1)
            ],
        )

    # --- making a table say what the guide says ---

    def sync(
        self,
        model: type[M],
        present: QuerySet[M],
        wanted: Iterable[tuple[dict[str, Any], dict[str, Any]]],
        *,
        keep: bool = False,
        **when_new: Any,
    ) -> list[M]:
        """Rows of `present` brought to `wanted` (key, values), in that order; what is too many goes, unless kept.

        `when_new` are columns that only a new row gets.
        """
        table = model.__name__
        found: dict[tuple[Any, ...], M] = {}
        names: list[str] | None = None
        rows, new = [], []
        for key, values in wanted:
            if names is None:
                names = [_column(model, name) for name in key]
                found = {tuple(getattr(row, name) for name in names): row for row in present}
            row = found.pop(tuple(_plain(value) for value in key.values()), None)
            if row is None:
                row = model(**key, **values, **when_new)
                new.append(row)
            else:
                self.bring(row, values, table)
            rows.append(row)
        if names is None:
            found = {(row.pk,): row for row in present}
        model._base_manager.bulk_create(new)
        _add(self.report.added, table, len(new))
        if not keep:
            self.leftover += found.values()
        return rows

    def bring(self, row: Model, values: dict[str, Any], table: str) -> None:
        differing = [name for name, value in values.items() if getattr(row, _column(type(row), name)) != _plain(value)]
        for name in differing:
            setattr(row, name, values[name])
        if differing:
            row.save(update_fields=differing)
        _add(self.report.changed if differing else self.report.unchanged, table, 1)

    def remove_leftover(self) -> None:
        """Rows that the guide no longer has, children first. Raises Refused when one is in use elsewhere."""
        for row in reversed(self.leftover):
            try:
                row.delete()
            except ProtectedError:
                raise Refused(say("“{row}”已被使用，不能从指南中删去。", row=row)) from None
            _add(self.report.removed, type(row).__name__, 1)


def scheme_columns(scheme: Scheme) -> dict[str, Any]:
    """A scheme's values by column."""
    columns = {name: rules.as_json(getattr(scheme, name)) for name in SCHEME_COLUMNS}
    return columns | {"theory_sections": rules.as_json(scheme.theory_sections)}


def texts_of(guide: Guide) -> dict[str, Any]:
    """What of the guide is only read as words, by file: rows of tables of their own are left out."""
    words = {
        "guide": guide.head,
        "pilots": guide.pilots,
        "venues": guide.venues,
        "courses": guide.courses,
        "portal": guide.portal,
    }
    texts = {name: rules.as_json(struct) for name, struct in words.items()}
    for name, struct, tables in (
        ("assessment", guide.assessment, ("schemes", "weights")),
        ("fees", guide.fees, ("fees",)),
        ("calendar", guide.calendar, ("calendars",)),
        ("training", guide.training, ("calendars",)),
        ("textbooks", guide.textbooks, ("textbooks",)),
        ("contacts", guide.contacts, ("contacts",)),
        ("majors", guide.majors, ("majors", "mapped", "successions")),
    ):
        texts[name] = {key: value for key, value in rules.as_json(struct).items() if key not in tables}
    for name in ("calendar", "training"):
        calendars = getattr(guide, name).calendars
        texts[name]["titles"] = {calendar.certificate: calendar.title for calendar in calendars}
    return texts


def _column(model: type[Model], name: str) -> str:
    return str(getattr(model._meta.get_field(name), "attname", name))


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, Model) else value


def _add(counts: dict[str, int], table: str, number: int) -> None:
    if number:
        counts[table] = counts.get(table, 0) + number

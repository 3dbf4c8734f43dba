"""Named reads: site applications and sites as each hat sees them, and where a level may be sat."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from onex.accounts.models import EvaluationOrg, School
from onex.catalog.models import CertificateLevel
from onex.catalog.rules import Level
from onex.common.actors import Actor
from onex.common.permits import seen
from onex.common.queries import attachments_of, with_words
from onex.pilots.models import PilotApplication
from onex.pilots.queries import approved_levels
from onex.pilots.rules import ApplicationState, year_of
from onex.venues.models import ExamSite, SiteApplication
from onex.venues.rules import (
    CHECKS,
    DUE_DAYS,
    EDITABLE,
    ROOM_FIELDS,
    STAMPED_FORM,
    ChangeFacts,
    Checked,
    Difference,
    Portrait,
    RoomInput,
    SiteFacts,
    SiteState,
    Standing,
    StandingFacts,
    differences,
)

# What an application and its site have in common, by the same names.
WORDS_OF_A_SITE = ("name", "region", "address", "contact_name", "contact_phone", "contact_email")


def applications_seen_by(actor: Actor) -> QuerySet[SiteApplication]:
    """The applications this actor may see, newest first, with rooms and machines counted."""
    rows = SiteApplication.objects.select_related("school", "organisation", "changes").prefetch_related("levels")
    counted = rows.annotate(
        room_count=Count("rooms", distinct=True), machine_count=Coalesce(Sum("rooms__machine_count"), 0)
    )
    return seen("venues.application_see", actor, counted).order_by("-created_at")


def applications_to_reveal(actor: Actor) -> QuerySet[SiteApplication]:
    """The applications whose contact this actor may see whole, with a reason."""
    return seen("venues.application_reveal", actor, SiteApplication.objects.all())


def sites_to_reveal(actor: Actor) -> QuerySet[ExamSite]:
    """The sites whose contact this actor may see whole, with a reason."""
    return seen("venues.site_reveal", actor, ExamSite.objects.all())


def applications_found(rows: QuerySet[SiteApplication], words: str) -> QuerySet[SiteApplication]:
    """Those whose school, site name or address contains these words."""
    return with_words(rows, words, "school__name", "name", "address")


def application_counts(actor: Actor) -> dict[str, int]:
    """How many of the seen applications are in each state."""
    rows = seen("venues.application_see", actor, SiteApplication.objects.all())
    return dict(rows.order_by().values_list("state").annotate(n=Count("pk")))


def applications_waiting_for(actor: Actor) -> QuerySet[SiteApplication]:
    """What this organisation has to decide now, the longest waiting first."""
    rows = SiteApplication.objects.select_related("school").filter(state=SiteState.PENDING)
    return seen("venues.application_review", actor, rows).order_by("submitted_at")


def sites_seen_by(actor: Actor) -> QuerySet[ExamSite]:
    """The sites this actor may see, with rooms and machines counted."""
    rows = ExamSite.objects.select_related("school__province", "organisation").prefetch_related("levels")
    counted = rows.annotate(
        room_count=Count("rooms", distinct=True),
        machine_count=Coalesce(Sum("rooms__machine_count"), 0),
        spare_count=Coalesce(Sum("rooms__spare_count"), 0),
    )
    return seen("venues.site_see", actor, counted).order_by("name")


def sites_found(rows: QuerySet[ExamSite], words: str) -> QuerySet[ExamSite]:
    """Those whose school, name or address contains these words."""
    return with_words(rows, words, "school__name", "name", "address")


def site_counts(actor: Actor) -> dict[str, int]:
    """How many of the seen sites are in each state."""
    rows = seen("venues.site_see", actor, ExamSite.objects.all())
    return dict(rows.order_by().values_list("state").annotate(n=Count("pk")))


def standing_of(site: ExamSite, at: datetime) -> StandingFacts:
    """What the moves of a site judge."""
    return StandingFacts(site.valid_until, localdate(at))


def sites_to_expire(at: datetime) -> QuerySet[ExamSite]:
    """Those in use whose last day is over."""
    return ExamSite.objects.filter(state=Standing.ACTIVE, valid_until__lt=localdate(at)).order_by("pk")


def sites_to_remind_of(at: datetime) -> QuerySet[ExamSite]:
    """Those whose last day is near, with nobody reminded of it yet."""
    near = localdate(at) + timedelta(days=DUE_DAYS)
    rows = ExamSite.objects.exclude(state__in=(Standing.EXPIRED, Standing.REVOKED)).filter(valid_until__lte=near)
    told = Q(reminded_until__isnull=False, reminded_until=F("valid_until"))
    return rows.filter(valid_until__gte=localdate(at)).exclude(told).order_by("pk")


def changes_under_way(site: ExamSite) -> QuerySet[SiteApplication]:
    """The applications that change this site and are not approved yet."""
    return site.change_applications.exclude(state=SiteState.APPROVED).order_by("pk")


def sites_of(school: School) -> QuerySet[ExamSite]:
    """The school's own sites, also suspended ones."""
    return ExamSite.objects.filter(school=school)


def site_for(school: School, level: CertificateLevel) -> ExamSite | None:
    """The school's own active site that holds this level; None when there is none."""
    return sites_of(school).filter(state=Standing.ACTIVE, levels=level).first()


def sites_near(school: School, level: CertificateLevel) -> QuerySet[ExamSite]:
    """The active sites of the school's province that hold this level, with the machines of each."""
    holds = ExamSite.levels.through.objects.filter(examsite=OuterRef("pk"), certificatelevel=level)
    rows = ExamSite.objects.filter(Exists(holds), state=Standing.ACTIVE, school__province=school.province_id)
    return rows.annotate(machine_count=Coalesce(Sum("rooms__machine_count"), 0)).order_by("name")


def seats_at_once(site: ExamSite) -> int:
    """How many candidates may sit at this site at the same time."""
    return site.rooms.aggregate(n=Sum("machine_count"))["n"] or 0


def organisations() -> QuerySet[EvaluationOrg]:
    """The evaluation organisations that a school may apply to."""
    return EvaluationOrg.objects.filter(is_active=True).order_by("name")


def levels_of(organisation: EvaluationOrg | None) -> QuerySet[CertificateLevel]:
    """The certificate levels that this organisation issues; none for no organisation."""
    rows = CertificateLevel.objects.select_related("certificate").order_by("certificate__code", "level")
    return rows.filter(certificate__issuer=organisation) if organisation else rows.none()


def regions_of(school: School) -> list[str]:
    """Where the school's site may lie: its province, and the cities of it that are known."""
    province = school.province.region_name
    cities = list(school.province.cities.order_by("code").values_list("region_name", flat=True))
    if cities == [province]:  # 直辖市
        return cities
    return [*(f"{province}{city}" for city in cities), province]


def pilot_levels(school: School, at: datetime) -> QuerySet[CertificateLevel]:
    """The levels that the school is a pilot for this year: what its site will want to examine."""
    return approved_levels(school, year_of(at)).order_by("certificate__code", "level")


def pilot_words(school: School, at: datetime) -> list[tuple[str, list[str]]]:
    """Each certificate with the level words the school is a pilot for, e.g. ("直播电商…证书", ["初级", "中级"])."""
    found: dict[str, list[str]] = {}
    for level in pilot_levels(school, at):
        found.setdefault(level.certificate.name, []).append(str(Level(level.level).label))
    return list(found.items())


def rooms_written(row: SiteApplication | ExamSite) -> list[RoomInput]:
    """The rooms as the school wrote them down, or as the site has them, for the form; a closed room is none."""
    return [room for room in _rooms(row) if room.machine_count]


def _rooms(row: SiteApplication | ExamSite) -> tuple[RoomInput, ...]:
    return tuple(RoomInput(**values) for values in row.rooms.values(*ROOM_FIELDS))


def is_pilot_for(school: School, organisation: EvaluationOrg, at: datetime) -> bool:
    """Whether the school has an approved pilot application of this year for a certificate of this organisation."""
    return PilotApplication.objects.filter(
        school=school,
        state=ApplicationState.APPROVED,
        plan__year=year_of(at),
        level__certificate__issuer=organisation,
    ).exists()


def is_site(school: School, organisation: EvaluationOrg) -> bool:
    """Whether the school is a site of this organisation already, be it suspended or out of date; not once revoked."""
    rows = ExamSite.objects.filter(school=school, organisation=organisation)
    return rows.exclude(state=Standing.REVOKED).exists()


def open_application(school: School, organisation: EvaluationOrg) -> SiteApplication | None:
    """The application that is being written or judged; None when there is none."""
    rows = SiteApplication.objects.filter(school=school, organisation=organisation)
    return rows.exclude(state=SiteState.APPROVED).first()


def description_of(site: ExamSite) -> str:
    """What the school last wrote of the site in an approved application."""
    changes = site.change_applications.filter(state=SiteState.APPROVED).order_by("submitted_at")
    last = changes.last() or site.application
    return last.description


def begun_application(school: School) -> SiteApplication | None:
    """The application for a new site that the school is still writing; None when there is none."""
    return SiteApplication.objects.filter(school=school, changes=None, state__in=EDITABLE).first()


def facts_of(application: SiteApplication, at: datetime, checked: Checked) -> SiteFacts:
    """What is judged on submitting and on approving, as it stands in the database."""
    school, organisation = application.school, application.organisation
    return SiteFacts(
        name=application.name,
        region=application.region,
        address=application.address,
        contact_name=application.contact_name,
        contact_phone=application.contact_phone,
        contact_email=application.contact_email,
        description=application.description,
        level_count=application.levels.count(),
        rooms=_rooms(application),
        has_stamped_form=attachments_of(application, STAMPED_FORM).exists(),
        has_approved_pilot=is_pilot_for(school, organisation, at),
        is_already_site=is_site(school, organisation),
        ticks=checked.ticks,
        is_what_was_looked_at=checked.submitted_at == application.submitted_at,
        changes=_change_facts(application),
    )


def _change_facts(application: SiteApplication) -> ChangeFacts | None:
    site = application.changes
    if site is None:
        return None
    return ChangeFacts(site.state == Standing.REVOKED, bool(changes_of(application)))


def changes_of(application: SiteApplication) -> list[Difference]:
    """What a change application would make another of its site as it now is; nothing for other applications."""
    site = application.changes
    return differences(_portrait(site), _portrait(application)) if site is not None else []


def _portrait(row: SiteApplication | ExamSite) -> Portrait:
    return Portrait(
        **{name: getattr(row, name) for name in WORDS_OF_A_SITE},
        levels=tuple(str(level.name) for level in row.levels.select_related("certificate")),
        rooms=_rooms(row),
    )


def facts_if_checked(application: SiteApplication, at: datetime) -> SiteFacts:
    """The same for showing the moves: as if the reviewer had ticked everything, which they do on the button itself."""
    return facts_of(application, at, Checked(frozenset(CHECKS), application.submitted_at))

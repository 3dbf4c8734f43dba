"""The guide as frozen structs. Field names are the keys of the YAML files in `data/guide-<year>/`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated

from onex.catalog.rules.reading import Between, Entry, Like, Printed
from onex.catalog.rules.words import BEIJING, ItemKind, Level, Origin, PassRuleKind, RegionKind, ResitFee, Stage
from onex.common.text import say

Count = Annotated[int, Between(0)]
Some = Annotated[int, Between(1)]
Percent = Annotated[int, Between(1, 100)]
CertificateCode = Annotated[str, Like(r"\d{3}", say("证书编号（三位数字）"))]
DomainCode = Annotated[str, Like(r"[1-9]\d?", say("工作领域代码（如 2）"))]
TaskCode = Annotated[str, Like(r"[1-9]\d?\.[1-9]\d?", say("工作任务代码（如 2.1）"))]
ProvinceCode = Annotated[str, Like(r"\d\d|\d{4}", say("省级代码（两位，计划单列市四位）"))]
CityCode = Annotated[str, Like(r"\d{6}", say("城市代码（六位数字）"))]
MajorCode = Annotated[str, Like(r"\d{6}[TK]{0,2}", say("专业代码（六位数字，本科可带 T 或 K）"))]
Phone = Annotated[str, Like(r"1[3-9]\d{9}|0\d{2,3}-\d{7,8}", say("电话号码"))]
GroupNumber = Annotated[str, Like(r"[1-9]\d{4,11}", say("QQ 群号"))]
Address = Annotated[str, Like(r"https?://[a-z0-9.]+/\S*", say("网址"))]
MonthDay = Annotated[str, Like(r"\d\d-\d\d", say("月和日（如 05-18）"))]
Extension = Annotated[str, Like(r"\.[a-z0-9]+", say("扩展名（如 .pdf）"))]
Picture = Annotated[str, Like(r"catalog/[a-z0-9-]+\.svg", say("图片（如 catalog/certificate-101.svg）"))]


# --- guide.yaml ---


@dataclass(frozen=True, kw_only=True)
class IssuingOrganisation(Entry):
    """培训评价组织, which is also 颁证机构."""

    name: str
    short_name: str
    org_code: Annotated[str, Like(r"[0-9A-Z]{9}", say("组织机构代码（九位）"))]
    org_code_source: Origin


@dataclass(frozen=True, kw_only=True)
class Site(Entry):
    name: Printed
    url: Address


@dataclass(frozen=True, kw_only=True)
class Part(Entry):
    title: str
    chapters: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Counts(Entry):
    """How many of each there are; the other files are counted against this."""

    certificates: Some
    levels: Some
    domains: Some
    tasks: Some
    sittings: Some
    training_classes: Some
    textbooks: Some
    textbook_features: Some
    contacts: Some
    provinces: Some
    sample_applications: Count
    sample_plans: Count


@dataclass(frozen=True, kw_only=True)
class Correction(Entry):
    as_printed: str
    canonical: str
    where: str


@dataclass(frozen=True, kw_only=True)
class Head(Entry):
    version: Annotated[str, Like(r"guide-\d{4}", say("指南版本（如 guide-2024）"))]
    year: Annotated[int, Between(2019, 2100)]
    title: str
    organisation: IssuingOrganisation
    platform: Site
    website: Site
    training_url: Address
    outline: tuple[Part, ...]
    counts: Counts
    corrections: tuple[Correction, ...]


# --- certificate-<code>.yaml ---


@dataclass(frozen=True, kw_only=True)
class Sample(Entry):
    """样例: caption, what the picture shows in words, and where our drawing of it lies among the static files."""

    caption: str
    alt: str
    picture: Picture


@dataclass(frozen=True, kw_only=True)
class PrintedCounts(Entry):
    domains: Some
    tasks: Some
    skill_points: Some


@dataclass(frozen=True, kw_only=True)
class Draft(Entry):
    """Whether something is a draft of ours, and whose it is."""

    draft: bool
    source: Origin


@dataclass(frozen=True, kw_only=True)
class Task(Entry):
    code: TaskCode
    name: Printed
    skill_points: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Domain(Entry):
    code: DomainCode
    name: Printed
    tasks: tuple[Task, ...]


@dataclass(frozen=True, kw_only=True)
class LevelStandard(Entry):
    level: Level
    domains: tuple[Domain, ...]


@dataclass(frozen=True, kw_only=True)
class Certificate(Entry):
    code: CertificateCode
    code_source: Origin
    name: str
    short_name: str
    english_name: str
    introduction: str
    sample: Sample
    printed_counts: PrintedCounts
    skill_points: Draft
    levels: tuple[LevelStandard, ...]

    def all_tasks(self) -> Iterator[Task]:
        return (task for level in self.levels for domain in level.domains for task in domain.tasks)


# --- assessment.yaml ---


@dataclass(frozen=True, kw_only=True)
class Section(Entry):
    kind: ItemKind
    name: str
    count: Some
    points_each: Some
    total: Some


@dataclass(frozen=True, kw_only=True)
class Scheme(Entry):
    """考核方案: one version of how a level is assessed. `label` is empty for the one in force for everybody."""

    code: Annotated[str, Like(r"[a-z0-9-]{1,40}", say("方案代码"))]
    name: str
    label: str = ""
    theory_minutes: Some
    theory_full_mark: Some
    theory_pass_mark: Some
    theory_sections: tuple[Section, ...]
    practical_minutes: Some
    practical_full_mark: Some
    practical_pass_mark: Some
    pass_rule: PassRuleKind
    theory_percent: Count = 0
    practical_percent: Count = 0
    total_pass_mark: Count = 0
    mark_decimals: Annotated[int, Between(0, 2)]
    notice_days: Count
    minimum_candidates: Count
    entry_opens_minutes: Count
    latest_entry_minutes: Count
    earliest_hand_in_minutes: Count
    closing_grace_seconds: Count
    publicity_working_days: Count
    resit_keeps_passed_part: bool
    resit_valid_months: Count
    resit_limit: Count
    resit_absence_forfeits: bool
    resit_fee: ResitFee
    set_by_onex: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Module(Entry):
    """A row of the weight table; `module` is the name printed there, `domain` the code that it joins by."""

    domain: DomainCode
    module: str
    weight: Percent


@dataclass(frozen=True, kw_only=True)
class LevelWeights(Entry):
    certificate: CertificateCode
    level: Level
    modules: tuple[Module, ...]


@dataclass(frozen=True, kw_only=True)
class Assessment(Entry):
    method: str
    theory_content: str
    practical_content: str
    schemes: tuple[Scheme, ...]
    weights: tuple[LevelWeights, ...]


# --- fees.yaml ---


@dataclass(frozen=True, kw_only=True)
class Fee(Entry):
    level: Level
    fee_fen: Some


@dataclass(frozen=True, kw_only=True)
class Fees(Entry):
    unit: str
    fees: tuple[Fee, ...]


# --- calendar.yaml ---


@dataclass(frozen=True, kw_only=True)
class Slot(Entry):
    """A half day, in Beijing time."""

    day: date
    starts: time
    ends: time

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.day, self.starts, BEIJING)

    @property
    def ends_at(self) -> datetime:
        return datetime.combine(self.day, self.ends, BEIJING)


@dataclass(frozen=True, kw_only=True)
class Sitting(Entry):
    """统考."""

    number: Some
    name: str
    levels: tuple[Level, ...]
    slots: tuple[Slot, ...]


@dataclass(frozen=True, kw_only=True)
class SittingCalendar(Entry):
    certificate: CertificateCode
    title: str
    sittings: tuple[Sitting, ...]


@dataclass(frozen=True, kw_only=True)
class Calendar(Entry):
    title: str
    calendars: tuple[SittingCalendar, ...]
    notes: tuple[str, ...]
    registration_note: str


# --- training.yaml ---


@dataclass(frozen=True, kw_only=True)
class TrainingClass(Entry):
    month: Annotated[int, Between(1, 12)]
    level: Level
    content: str
    mode: str


@dataclass(frozen=True, kw_only=True)
class TrainingCalendar(Entry):
    certificate: CertificateCode
    title: str
    classes: tuple[TrainingClass, ...]


@dataclass(frozen=True, kw_only=True)
class Training(Entry):
    title: str
    calendars: tuple[TrainingCalendar, ...]
    awards: tuple[str, ...]
    notes: tuple[str, ...]


# --- textbooks.yaml ---


@dataclass(frozen=True, kw_only=True)
class Book(Entry):
    certificate: CertificateCode
    level: Level
    name: str
    cover: Picture
    knowledge_units: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Ordering(Entry):
    title: str
    ways: tuple[str, ...]
    phones: tuple[Phone, ...]
    qq_label: str
    qq: GroupNumber


@dataclass(frozen=True, kw_only=True)
class Textbooks(Entry):
    publisher: str
    introduction: str
    features: tuple[str, ...]
    knowledge_units: Draft
    textbooks: tuple[Book, ...]
    ordering: Ordering


# --- contacts.yaml ---


@dataclass(frozen=True, kw_only=True)
class Contact(Entry):
    """区域负责人."""

    name: str
    as_printed: str
    provinces: tuple[ProvinceCode, ...]
    phone: Phone


@dataclass(frozen=True, kw_only=True)
class Office(Entry):
    name: str
    phone: Phone
    people: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Group(Entry):
    certificate: CertificateCode
    label: str
    name: Printed
    number: GroupNumber


@dataclass(frozen=True, kw_only=True)
class Contacts(Entry):
    contacts: tuple[Contact, ...]
    office: Office
    groups: tuple[Group, ...]


# --- regions.yaml ---


@dataclass(frozen=True, kw_only=True)
class City(Entry):
    code: CityCode
    name: str


@dataclass(frozen=True, kw_only=True)
class Province(Entry):
    """A jurisdiction that publishes pilot plans. `within` is the province that surrounds 兵团 or a 计划单列市."""

    code: ProvinceCode
    name: str
    short: str
    authority: str
    kind: RegionKind
    within: ProvinceCode | None = None
    cities: tuple[City, ...]


@dataclass(frozen=True, kw_only=True)
class Regions(Entry):
    source: str
    provinces: tuple[Province, ...]


# --- majors.yaml ---


@dataclass(frozen=True, kw_only=True)
class MajorCatalogue(Entry):
    """An edition of a catalogue; `replaced_by` is the edition that took its place, if one did."""

    code: str
    name: str
    from_year: Annotated[int, Between(1990, 2100)]
    replaced_by: str = ""
    source: str


@dataclass(frozen=True, kw_only=True)
class Major(Entry):
    code: MajorCode
    name: str
    stage: Stage
    catalogue: str


@dataclass(frozen=True, kw_only=True)
class Succession(Entry):
    """What became of a major of an older edition: one major or several."""

    old: MajorCode
    new: tuple[MajorCode, ...]
    draft: bool
    source: Origin


@dataclass(frozen=True, kw_only=True)
class MappedMajors(Entry):
    certificate: CertificateCode
    level: Level
    majors: tuple[MajorCode, ...]


@dataclass(frozen=True, kw_only=True)
class Majors(Entry):
    catalogues: tuple[MajorCatalogue, ...]
    majors: tuple[Major, ...]
    successions: tuple[Succession, ...] = ()
    mapping: Draft
    mapped: tuple[MappedMajors, ...]


# --- pilots.yaml, venues.yaml, courses.yaml, portal.yaml: words of the pages ---


@dataclass(frozen=True, kw_only=True)
class Step(Entry):
    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class FormField(Entry):
    name: str
    required: bool = False
    help: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Form(Entry):
    title: str
    fields: tuple[FormField, ...]
    notes: tuple[str, ...]
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SampleApplication(Entry):
    year: int
    batch: str
    certificate: str
    level: Level
    organisation: Printed
    asked: Some
    approved: Count
    used: Count
    status: str
    action: str


@dataclass(frozen=True, kw_only=True)
class SamplePlan(Entry):
    year: int
    batch: str
    opens: datetime
    closes: datetime
    majors_required: bool
    city_review_required: bool
    scope: str
    status: str
    action: str


@dataclass(frozen=True, kw_only=True)
class SignIn(Entry):
    title: str
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Pilots(Entry):
    navigation: tuple[str, ...]
    overview: tuple[Step, ...]
    steps: tuple[Step, ...]
    rules: tuple[Printed, ...]
    application_columns: tuple[Printed, ...]
    sample_applications: tuple[SampleApplication, ...]
    plan_columns: tuple[str, ...]
    sample_plans: tuple[SamplePlan, ...]
    form: Form
    registration_note: str
    sign_in: SignIn


@dataclass(frozen=True, kw_only=True)
class FormSection(Entry):
    title: str
    fields: tuple[FormField, ...]


@dataclass(frozen=True, kw_only=True)
class SiteForm(Entry):
    title: str
    sections: tuple[FormSection, ...]
    notes_title: str
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Venues(Entry):
    navigation: tuple[str, ...]
    steps: tuple[Step, ...]
    application_form_url: Address
    form: SiteForm
    extensions: tuple[Extension, ...]


@dataclass(frozen=True, kw_only=True)
class Courses(Entry):
    introduction: str
    resources: tuple[str, ...]
    steps: tuple[Step, ...]
    form: Form
    sample_course: str
    review_hours: Some
    teachers_per_major: Some


@dataclass(frozen=True, kw_only=True)
class PortalSection(Entry):
    code: Annotated[str, Like(r"[a-z]+", say("栏目代码（小写字母）"))]
    name: str


@dataclass(frozen=True, kw_only=True)
class Notice(Entry):
    section: str
    label: str
    title: str
    month_day: MonthDay
    summary: Printed | None = None


@dataclass(frozen=True, kw_only=True)
class Portal(Entry):
    name: str
    all_label: str
    sections: tuple[PortalSection, ...]
    notices: tuple[Notice, ...]


# --- the whole ---


@dataclass(frozen=True, kw_only=True)
class Guide:
    """Everything one version of the guide says. `digest` is the SHA-256 of the files it was read from."""

    digest: str
    head: Head
    certificates: tuple[Certificate, ...]
    assessment: Assessment
    fees: Fees
    calendar: Calendar
    training: Training
    textbooks: Textbooks
    contacts: Contacts
    regions: Regions
    majors: Majors
    pilots: Pilots
    venues: Venues
    courses: Courses
    portal: Portal

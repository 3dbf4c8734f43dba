"""What must hold between the guide's figures: counts, sums, joins, dates. A check yields problems with their lines."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from onex.catalog.rules.guide import Certificate, Guide, LevelStandard, Scheme, Sitting
from onex.catalog.rules.reading import Entry, Problem
from onex.catalog.rules.words import LEVEL_LABELS, Level, PassRuleKind, RegionKind
from onex.common.text import Say, say

Found = Iterator[Problem]


def problems_in(guide: Guide) -> Found:
    """Everything that does not fit together in a guide whose files are readable."""
    for check in CHECKS:
        yield from check(guide)


def _no(entry: Entry, sentence: Say) -> Problem:
    return Problem(entry.mark, sentence)


def _counted(entry: Entry, what: Say, said: int, found: int) -> Found:
    if said != found:
        yield _no(entry, say("{what}应为 {said}，实为 {found}", what=what, said=said, found=found))


def _twice(entries: Iterable[tuple[Any, Entry]], what: Say) -> Found:
    """Each key once; the second one is the problem."""
    seen: set[Any] = set()
    for key, entry in entries:
        if key in seen:
            yield _no(entry, say("{what} {key} 出现了两次", what=what, key=_shown(key)))
        seen.add(key)


def _shown(key: Any) -> str:
    if isinstance(key, tuple):
        return " ".join(_shown(part) for part in key)
    if isinstance(key, Level):
        return str(LEVEL_LABELS[key])
    return str(key) or str(say("（空）"))


# --- counts -------------------------------------------------------------------------------------------------------


def counts(guide: Guide) -> Found:
    """The numbers that the guide states are the numbers of rows there are."""
    said = guide.head.counts
    levels = [level for certificate in guide.certificates for level in certificate.levels]
    domains = [domain for level in levels for domain in level.domains]
    real_provinces = [p for p in guide.regions.provinces if p.kind == RegionKind.PROVINCE]
    for what, number, found in (
        (say("证书数"), said.certificates, guide.certificates),
        (say("等级数"), said.levels, levels),
        (say("工作领域数"), said.domains, domains),
        (say("工作任务数"), said.tasks, [task for domain in domains for task in domain.tasks]),
        (say("统考数"), said.sittings, [s for c in guide.calendar.calendars for s in c.sittings]),
        (say("师资培训期数"), said.training_classes, [k for c in guide.training.calendars for k in c.classes]),
        (say("教材数"), said.textbooks, guide.textbooks.textbooks),
        (say("教材特色数"), said.textbook_features, guide.textbooks.features),
        (say("区域负责人数"), said.contacts, guide.contacts.contacts),
        (say("省级行政区数"), said.provinces, real_provinces),
        (say("申报样例行数"), said.sample_applications, guide.pilots.sample_applications),
        (say("申报计划样例行数"), said.sample_plans, guide.pilots.sample_plans),
    ):
        yield from _counted(said, what, number, len(found))


# --- standards ----------------------------------------------------------------------------------------------------


def standards(guide: Guide) -> Found:
    """Every certificate has each level once, codes run without gaps, and the printed counts are met."""
    for certificate in guide.certificates:
        yield from _twice(((level.level, level) for level in certificate.levels), say("等级"))
        missing = set(Level) - {level.level for level in certificate.levels}
        for level in sorted(missing):
            yield _no(certificate, say("缺少等级{level}", level=level.label))
        for standard in certificate.levels:
            yield from _codes_run(standard)
        yield from _printed_counts(certificate)


def _codes_run(standard: LevelStandard) -> Found:
    for number, domain in enumerate(standard.domains, 1):
        if domain.code != str(number):
            yield _no(domain, say("工作领域代码应为 {due}，实为 {code}", due=number, code=domain.code))
        for place, task in enumerate(domain.tasks, 1):
            due = f"{domain.code}.{place}"
            if task.code != due:
                yield _no(task, say("工作任务代码应为 {due}，实为 {code}", due=due, code=task.code))


def _printed_counts(certificate: Certificate) -> Found:
    said, tasks = certificate.printed_counts, list(certificate.all_tasks())
    domains = sum(len(level.domains) for level in certificate.levels)
    points = [point for task in tasks for point in task.skill_points]
    yield from _counted(said, say("工作领域数"), said.domains, domains)
    yield from _counted(said, say("工作任务数"), said.tasks, len(tasks))
    # A standard without wording is fine; one with half of it is not.
    if points:
        yield from _counted(said, say("技能点数"), said.skill_points, len(points))
        for task in tasks:
            if not task.skill_points:
                yield _no(task, say("工作任务 {code} 没有技能点", code=task.code))
            yield from _twice(((point, task) for point in task.skill_points), say("技能点"))


# --- assessment ---------------------------------------------------------------------------------------------------


def schemes(guide: Guide) -> Found:
    """Marks add up, the pass rule can be met, and exactly one scheme is in force for everybody."""
    found = guide.assessment.schemes
    yield from _twice(((scheme.code, scheme) for scheme in found), say("方案代码"))
    yield from _twice(((scheme.label, scheme) for scheme in found), say("方案标签"))
    if all(scheme.label for scheme in found):
        yield _no(guide.assessment, say("没有不带标签的考核方案"))
    for scheme in found:
        yield from _scheme(scheme)


def _scheme(scheme: Scheme) -> Found:
    yield from _twice(((section.kind, section) for section in scheme.theory_sections), say("题型"))
    for section in scheme.theory_sections:
        product = section.count * section.points_each
        if product != section.total:
            yield _no(
                section,
                say(
                    "{name}：{count} × {each} = {product}，不是 {total}",
                    name=section.name,
                    count=section.count,
                    each=section.points_each,
                    product=product,
                    total=section.total,
                ),
            )
    total = sum(section.count * section.points_each for section in scheme.theory_sections)
    if total != scheme.theory_full_mark:
        yield _no(scheme, say("各题型合计 {total} 分，不是满分 {full} 分", total=total, full=scheme.theory_full_mark))
    for pass_mark, full in (
        (scheme.theory_pass_mark, scheme.theory_full_mark),
        (scheme.practical_pass_mark, scheme.practical_full_mark),
    ):
        if pass_mark > full:
            yield _no(scheme, say("合格分 {least} 高于满分 {full}", least=pass_mark, full=full))
    percents = scheme.theory_percent + scheme.practical_percent
    if scheme.pass_rule == PassRuleKind.WEIGHTED and (percents != 100 or not scheme.total_pass_mark):
        yield _no(scheme, say("按总分合格的方案须写明合计 100% 的两个比重和总分合格线"))
    if scheme.pass_rule == PassRuleKind.EACH_PART and (percents or scheme.total_pass_mark):
        yield _no(scheme, say("分别合格的方案不写比重和总分合格线"))
    for minutes in (scheme.latest_entry_minutes, scheme.earliest_hand_in_minutes):
        if minutes > scheme.theory_minutes:
            yield _no(scheme, say("{n} 分钟长于理论考核的 {minutes} 分钟", n=minutes, minutes=scheme.theory_minutes))
    if scheme.resit_keeps_passed_part and not (scheme.resit_limit and scheme.resit_valid_months):
        yield _no(scheme, say("保留已合格部分的方案须写明补考次数和保留月数"))
    known = {field.name for field in dataclasses.fields(Scheme)} - {"mark", "set_by_onex"}
    for name in scheme.set_by_onex:
        if name not in known:
            yield _no(scheme, say("set_by_onex 中的“{name}”不是方案的键", name=name))


def weights(guide: Guide) -> Found:
    """Each level has its weights once; they join to its domains by code and add up to 100."""
    standards_by = {(c.code, level.level): level for c in guide.certificates for level in c.levels}
    rows = guide.assessment.weights
    yield from _twice((((row.certificate, row.level), row) for row in rows), say("权重表"))
    for key in sorted(standards_by.keys() - {(row.certificate, row.level) for row in rows}):
        yield _no(guide.assessment, say("{level}没有权重表", level=_shown(key)))
    for row in rows:
        standard = standards_by.get((row.certificate, row.level))
        if standard is None:
            yield _no(row, say("没有证书等级 {key}", key=_shown((row.certificate, row.level))))
            continue
        names = {domain.code: domain.name for domain in standard.domains}
        yield from _twice(((module.domain, module) for module in row.modules), say("工作领域"))
        for module in row.modules:
            name = names.get(module.domain)
            if name is None:
                yield _no(module, say("没有工作领域 {code}", code=module.domain))
            elif module.module not in (name.as_printed, name.canonical):
                yield _no(
                    module,
                    say(
                        "工作领域 {code} 是“{name}”，不是“{module}”",
                        code=module.domain,
                        name=name,
                        module=module.module,
                    ),
                )
        for code in sorted(names.keys() - {module.domain for module in row.modules}):
            yield _no(row, say("工作领域 {code} 没有权重", code=code))
        total = sum(module.weight for module in row.modules)
        if total != 100:
            yield _no(row, say("权重合计 {total}，不是 100", total=total))


def fees(guide: Guide) -> Found:
    """Each level has one fee, and a higher level never costs less."""
    rows = guide.fees.fees
    yield from _twice(((row.level, row) for row in rows), say("等级"))
    for level in sorted(set(Level) - {row.level for row in rows}):
        yield _no(guide.fees, say("{level}没有费用", level=level.label))
    ordered = sorted(rows, key=lambda row: row.level)
    for lower, higher in pairwise(ordered):
        if higher.fee_fen < lower.fee_fen:
            yield _no(higher, say("{level}的费用低于前一等级", level=higher.level.label))


# --- calendars ----------------------------------------------------------------------------------------------------


def calendars(guide: Guide) -> Found:
    """Sittings are numbered in the order of time, lie in the guide's year, and their half days can hold an exam."""
    in_force = next((scheme for scheme in guide.assessment.schemes if not scheme.label), None)
    needed = timedelta(minutes=in_force.theory_minutes + in_force.practical_minutes if in_force else 0)
    rows = guide.calendar.calendars
    yield from _each_certificate(guide, rows, guide.calendar, say("统考计划"))
    for row in rows:
        before: datetime | None = None
        for number, sitting in enumerate(row.sittings, 1):
            if sitting.number != number:
                yield _no(sitting, say("统考次序应为 {due}，实为 {number}", due=number, number=sitting.number))
            yield from _sitting(sitting, guide.head.year, needed)
            for slot in sitting.slots:
                if before is not None and slot.starts_at < before:
                    yield _no(slot, say("{day} 早于前一时段", day=slot.day))
                before = slot.ends_at


def _sitting(sitting: Sitting, year: int, needed: timedelta) -> Found:
    if not sitting.levels or len(set(sitting.levels)) != len(sitting.levels):
        yield _no(sitting, say("每次统考须有等级，且每个等级只写一次"))
    if not sitting.slots:
        yield _no(sitting, say("没有考试时间"))
    for slot in sitting.slots:
        if slot.day.year != year:
            yield _no(slot, say("{day} 不在 {year} 年", day=slot.day, year=year))
        if slot.ends_at <= slot.starts_at:
            yield _no(slot, say("结束时间不晚于开始时间"))
        elif slot.ends_at - slot.starts_at < needed:
            yield _no(slot, say("时段不足 {minutes} 分钟", minutes=needed // timedelta(minutes=1)))


def training(guide: Guide) -> Found:
    """Each certificate has its training calendar, in the order of the months."""
    rows = guide.training.calendars
    yield from _each_certificate(guide, rows, guide.training, say("师资培训计划"))
    for row in rows:
        yield from _twice((((k.month, k.level), k) for k in row.classes), say("师资培训"))
        for before, after in pairwise(row.classes):
            if after.month < before.month:
                yield _no(after, say("{month} 月排在 {before} 月之后", month=after.month, before=before.month))


def _each_certificate(guide: Guide, rows: Iterable[Any], whole: Entry, what: Say) -> Found:
    """Rows with a `certificate` name each certificate of the guide exactly once."""
    known = {certificate.code for certificate in guide.certificates}
    rows = list(rows)
    yield from _twice(((row.certificate, row) for row in rows), what)
    for row in rows:
        if row.certificate not in known:
            yield _no(row, say("没有证书 {code}", code=row.certificate))
    for code in sorted(known - {row.certificate for row in rows}):
        yield _no(whole, say("证书 {code} 没有{what}", code=code, what=what))


def textbooks(guide: Guide) -> Found:
    """Every level has one textbook, and its knowledge units have different names."""
    books = guide.textbooks.textbooks
    yield from _twice((((book.certificate, book.level), book) for book in books), say("教材"))
    keys = {(c.code, level.level) for c in guide.certificates for level in c.levels}
    for book in books:
        if (book.certificate, book.level) not in keys:
            yield _no(book, say("没有证书等级 {key}", key=_shown((book.certificate, book.level))))
        yield from _twice(((unit, book) for unit in book.knowledge_units), say("知识单元"))
    for key in sorted(keys - {(book.certificate, book.level) for book in books}):
        yield _no(guide.textbooks, say("{level}没有教材", level=_shown(key)))


# --- places, people, majors ---------------------------------------------------------------------------------------


def regions(guide: Guide) -> Found:
    """Codes are unique, a city lies in its province, and only 兵团 and 计划单列市 lie within another."""
    rows = guide.regions.provinces
    cities = [city for province in rows for city in province.cities]
    yield from _twice(((province.code, province) for province in rows), say("省级代码"))
    yield from _twice(((province.short, province) for province in rows), say("简称"))
    yield from _twice(((city.code, city) for city in cities), say("城市代码"))
    real = {province.code for province in rows if province.kind == RegionKind.PROVINCE}
    for province in rows:
        is_real = province.kind == RegionKind.PROVINCE
        if is_real != (province.within is None) or (province.within is not None and province.within not in real):
            yield _no(province, say("兵团和计划单列市须写明所在省（within），其他不写"))
        prefix = province.within if province.kind == RegionKind.CORPS else province.code
        for city in province.cities:
            if not city.code.startswith(prefix or province.code):
                yield _no(city, say("城市代码 {code} 不以 {prefix} 开头", code=city.code, prefix=prefix))


def contacts(guide: Guide) -> Found:
    """Each of the mainland provinces has exactly one regional contact, and the printed row names the same ones."""
    shorts = {p.code: p.short for p in guide.regions.provinces if p.kind == RegionKind.PROVINCE}
    rows = guide.contacts.contacts
    yield from _twice(((code, row) for row in rows for code in row.provinces), say("省级代码"))
    for row in rows:
        unknown = [code for code in row.provinces if code not in shorts]
        for code in unknown:
            yield _no(row, say("没有省级代码 {code}", code=code))
        if not unknown and row.as_printed.split("、") != [shorts[code] for code in row.provinces]:
            codes = "、".join(shorts[code] for code in row.provinces)
            yield _no(row, say("印作“{printed}”，代码却是“{codes}”", printed=row.as_printed, codes=codes))
    for code in sorted(shorts.keys() - {code for row in rows for code in row.provinces}):
        yield _no(guide.contacts, say("{short}没有区域负责人", short=shorts[code]))
    yield from _each_certificate(guide, guide.contacts.groups, guide.contacts, say("QQ 群"))


def majors(guide: Guide) -> Found:
    """Majors are unique and in a known catalogue; each level maps to majors that are there."""
    data = guide.majors
    catalogues = {catalogue.code for catalogue in data.catalogues}
    yield from _twice(((major.code, major) for major in data.majors), say("专业代码"))
    known = {major.code for major in data.majors}
    for major in data.majors:
        if major.catalogue not in catalogues:
            yield _no(major, say("没有专业目录 {code}", code=major.catalogue))
    yield from successions(guide)
    yield from _twice((((row.certificate, row.level), row) for row in data.mapped), say("对应专业"))
    keys = {(c.code, level.level) for c in guide.certificates for level in c.levels}
    for row in data.mapped:
        if (row.certificate, row.level) not in keys:
            yield _no(row, say("没有证书等级 {key}", key=_shown((row.certificate, row.level))))
        yield from _twice(((code, row) for code in row.majors), say("专业代码"))
        for code in row.majors:
            if code not in known:
                yield _no(row, say("没有专业 {code}", code=code))
    for key in sorted(keys - {(row.certificate, row.level) for row in data.mapped}):
        yield _no(data, say("{level}没有对应专业", level=_shown(key)))


def successions(guide: Guide) -> Found:
    """What became of a major leads from a replaced edition into its successor, once, and never in a circle."""
    data = guide.majors
    editions = {catalogue.code: catalogue for catalogue in data.catalogues}
    for edition in data.catalogues:
        later = editions.get(edition.replaced_by)
        if edition.replaced_by and (later is None or later.from_year <= edition.from_year):
            yield _no(
                edition, say("专业目录 {code} 没有更新的版本 {later}", code=edition.code, later=edition.replaced_by)
            )
    yield from _twice(((row.old, row) for row in data.successions), say("原专业代码"))
    of = {major.code: major.catalogue for major in data.majors}
    for row in data.successions:
        if not row.new:
            yield _no(row, say("{code} 没有写明现专业", code=row.old))
        yield from _twice(((code, row) for code in row.new), say("现专业代码"))
        for code in (row.old, *row.new):
            if code not in of:
                yield _no(row, say("没有专业 {code}", code=code))
        old = editions.get(of.get(row.old, ""))
        for code in row.new:
            if old is not None and code in of and of[code] != old.replaced_by:
                yield _no(row, say("{new} 不在接替 {old} 所属目录的版本里", new=code, old=row.old))


# --- samples and news ---------------------------------------------------------------------------------------------


def samples(guide: Guide) -> Found:
    """In the sample tables used ≤ approved ≤ asked, and a plan closes after it opens."""
    for row in guide.pilots.sample_applications:
        if not row.used <= row.approved <= row.asked:
            yield _no(row, say("已使用、批准、申请人数应依次不减"))
    for plan in guide.pilots.sample_plans:
        if plan.closes <= plan.opens:
            yield _no(plan, say("结束时间不晚于开始时间"))


def news(guide: Guide) -> Found:
    """A notice stands in a section there is, on a day there is."""
    yield from _twice(((section.code, section) for section in guide.portal.sections), say("栏目"))
    sections = {section.code for section in guide.portal.sections}
    for notice in guide.portal.notices:
        if notice.section not in sections:
            yield _no(notice, say("没有栏目 {code}", code=notice.section))
        try:
            date.fromisoformat(f"{guide.head.year}-{notice.month_day}")
        except ValueError:
            yield _no(notice, say("{day} 不是真实的日期", day=notice.month_day))


CHECKS = (
    counts,
    standards,
    schemes,
    weights,
    fees,
    calendars,
    training,
    textbooks,
    regions,
    contacts,
    majors,
    samples,
    news,
)

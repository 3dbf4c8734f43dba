"""Majors: what old codes stand for, how a mapping begins and ends, and that a newly loaded guide respects it."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from onex.accounts.tests.factories import an_actor, an_evaluation_org
from onex.catalog import queries, rules, services
from onex.catalog.models import CertificateLevel, LevelMajor, Major, MajorSuccession
from onex.catalog.rules import EditFacts, Recognition, is_mapped_on, problems_on_edit
from onex.catalog.tests.factories import a_level
from onex.common.actors import Role
from onex.common.clock import now
from onex.common.queries import timeline_of
from onex.common.text import Refused

CODES = [f"{n:06}" for n in range(8)]
LINKS = st.dictionaries(st.sampled_from(CODES), st.frozensets(st.sampled_from(CODES), max_size=3), max_size=8)
SOME = st.frozensets(st.sampled_from(CODES), max_size=4)


# --- what old codes stand for


@settings(deadline=None)  # the machine may be busy
@given(LINKS, st.sampled_from(CODES))
def test_what_a_code_stands_for_stands_for_itself(links: dict[str, frozenset[str]], code: str) -> None:
    known = Recognition(links)
    assert known.current(code)
    assert all(known.current(one) == {one} for one in known.current(code))
    assert known.current_of(known.current(code)) == known.current(code)


@settings(deadline=None)  # the machine may be busy
@given(LINKS, st.sampled_from(CODES), st.sampled_from(CODES))
def test_to_be_recognised_is_mutual_and_everybody_recognises_themselves(
    links: dict[str, frozenset[str]], one: str, other: str
) -> None:
    known = Recognition(links)
    assert known.is_among(one, [one])
    assert known.is_among(one, [other]) == known.is_among(other, [one])


@settings(deadline=None)  # the machine may be busy
@given(LINKS, st.sampled_from(CODES), SOME)
def test_looking_up_spellings_finds_exactly_what_is_recognised(
    links: dict[str, frozenset[str]], code: str, codes: frozenset[str]
) -> None:
    known = Recognition(links)
    assert (code in known.spellings(codes)) == known.is_among(code, codes)


@settings(deadline=None)  # the machine may be busy
@given(LINKS, SOME, SOME)
def test_more_codes_never_recognise_less(
    links: dict[str, frozenset[str]], some: frozenset[str], more: frozenset[str]
) -> None:
    known = Recognition(links)
    assert known.spellings(some) <= known.spellings(some | more)


@settings(deadline=None)  # the machine may be busy
@given(SOME)
def test_without_any_links_every_code_is_only_itself(codes: frozenset[str]) -> None:
    assert Recognition().spellings(codes) == codes


def test_an_edition_replaced_twice_is_followed_to_the_end() -> None:
    known = Recognition({"a": frozenset({"b"}), "b": frozenset({"c", "d"})})
    assert known.current("a") == {"c", "d"}
    assert known.is_old("b")
    assert not known.is_old("c")


# --- when a mapping holds

DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 20))


@settings(deadline=None)  # the machine may be busy
@given(st.none() | DAYS, st.none() | DAYS, DAYS)
def test_a_mapping_holds_from_its_first_day_until_the_day_before_its_end(
    begins: date | None, ends: date | None, day: date
) -> None:
    assert is_mapped_on(begins, ends, day) == (not (begins and day < begins) and not (ends and day >= ends))


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (EditFacts("", date(2026, 1, 2), date(2026, 1, 2), 1), "请写明理由"),
        (EditFacts("因", None, date(2026, 1, 2), 1), "请填写生效日期"),
        (EditFacts("因", date(2026, 1, 1), date(2026, 1, 2), 1), "不能早于今天"),
        (EditFacts("因", date(2026, 1, 2), date(2026, 1, 2), 0), "请至少选择一个专业"),
        (EditFacts("因", date(2026, 1, 2), date(2026, 1, 2), 1, 0), "至少保留一个对应专业"),
    ],
)
def test_an_edit_is_refused_in_words(facts: EditFacts, words: str) -> None:
    (problem,) = problems_on_edit(facts)
    assert words in str(problem)


# --- the data that comes with the product


def test_every_link_of_the_guide_is_a_draft_of_ours_until_somebody_compares_it() -> None:
    """No official table was at hand: nothing here may be shown as the ministry's."""
    links = rules.guide().majors.successions
    assert links
    assert all(link.draft and link.source == rules.Origin.ONEX for link in links)


def test_every_mapped_major_of_the_guide_is_of_a_catalogue_in_force() -> None:
    data = rules.guide().majors
    replaced = {one.code for one in data.catalogues if one.replaced_by}
    of = {major.code: major.catalogue for major in data.majors}
    assert not [code for row in data.mapped for code in row.majors if of[code] in replaced]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("{old: 630801, new: [530701]", "{old: 630801, new: [599999]", "没有专业 599999"),
        ("{old: 630801, new: [530701]", "{old: 630801, new: [530701, 530701]", "出现了两次"),
        ("{old: 630801, new: [530701]", "{old: 630801, new: []", "没有写明现专业"),
        ("{old: 630801, new: [530701]", "{old: 530701, new: [530702]", "不在接替"),
        ("{old: 630801, new: [530701]", "{old: 630801, new: [120801]", "不在接替"),
        ("{old: 630801, new: [530701]", "{old: 630802, new: [530701]", "出现了两次"),
        ("from_year: 2016, replaced_by: 2021", "from_year: 2016, replaced_by: 2010", "没有更新的版本"),
        ("from_year: 2016, replaced_by: 2021", "from_year: 2016, replaced_by: 1999", "没有更新的版本"),
    ],
)
def test_a_wrong_link_is_told_with_its_line(old: str, new: str, words: str) -> None:
    texts = dict(rules.texts_of("guide-2024"))
    assert old in texts["majors.yaml"]
    texts["majors.yaml"] = texts["majors.yaml"].replace(old, new, 1)
    with pytest.raises(rules.GuideError, match=words) as wrong:
        rules.parse(texts)
    assert "majors.yaml:" in str(wrong.value)


# --- in the tables


@pytest.fixture
def level(db: Any) -> CertificateLevel:
    return a_level()


def of(code: str) -> Major:
    return Major.objects.get(code=code)


def test_an_old_code_counts_as_the_mapped_major_it_became(level: CertificateLevel) -> None:
    assert queries.is_mapped(level, "630801")
    assert queries.current_codes("630801") == {"530701"}
    assert queries.current_codes("999999") == {"999999"}
    assert not queries.is_mapped(level, "630302")  # 会计, which became an unmapped one
    known = queries.known_code("630801")
    assert known is not None
    assert (known.is_old, [str(one) for one in known.successors]) == (True, ["530701 电子商务"])
    assert queries.known_code("999999") is None


def test_majors_are_added_from_a_day_and_ended_on_a_day(level: CertificateLevel) -> None:
    at, by = now(), an_actor(Role.ORG, level.certificate.issuer)
    today = queries.today(at)
    later, major = today + timedelta(days=30), of("530302")
    services.add_majors(level, [major], from_on=later, note="新学年起", by=by, at=at)
    assert not queries.is_mapped(level, "530302", today)
    assert queries.is_mapped(level, "530302", later)
    services.add_majors(level, [major], from_on=today, note="提前", by=by, at=at)
    assert queries.is_mapped(level, "530302", today)
    services.remove_majors(level, [major], until_on=later, note="停止", by=by, at=at)
    assert queries.is_mapped(level, "530302", later - timedelta(days=1))
    assert not queries.is_mapped(level, "530302", later)
    services.add_majors(level, [major], from_on=today, note="继续", by=by, at=at)
    assert queries.is_mapped(level, "530302", later)
    traces = timeline_of(level)
    assert [trace.verb for trace in traces] == ["majors_add", "majors_add", "majors_remove", "majors_add"]
    assert (traces[0].note, traces[0].data["majors"]) == ("新学年起", ["530302 大数据与会计"])


def test_a_major_that_ends_before_it_begins_is_never_mapped(level: CertificateLevel) -> None:
    at, by = now(), an_actor(Role.ORG, level.certificate.issuer)
    today = queries.today(at)
    services.add_majors(level, [of("530302")], from_on=today + timedelta(days=30), note="新学年起", by=by, at=at)
    services.remove_majors(level, [of("530302")], until_on=today, note="撤销", by=by, at=at)
    assert not any(queries.is_mapped(level, "530302", today + timedelta(days=n)) for n in range(60))


def test_nothing_to_change_is_said_and_nobody_else_may(level: CertificateLevel) -> None:
    at, by = now(), an_actor(Role.ORG, level.certificate.issuer)
    today = queries.today(at)
    with pytest.raises(Refused, match="请刷新"):
        services.add_majors(level, [of("530701")], from_on=today, note="重复", by=by, at=at)
    other = an_actor(Role.ORG, an_evaluation_org("123456788"))
    with pytest.raises(Refused, match="无权办理"):
        services.add_majors(level, [of("530302")], from_on=today, note="他人", by=other, at=at)
    assert not timeline_of(level)


# --- loading the guide again


def test_a_newly_loaded_guide_leaves_the_organisations_decisions_alone(level: CertificateLevel) -> None:
    at, by = now(), an_actor(Role.ORG, level.certificate.issuer)
    today = queries.today(at)
    services.add_majors(level, [of("530302")], from_on=today, note="增补", by=by, at=at)
    services.remove_majors(level, [of("530701")], until_on=today, note="不再对应", by=by, at=at)
    services.confirm_majors(level, [of("530704")], note="已核对", by=by, at=at)
    before = list(LevelMajor.objects.order_by("pk").values())
    for _time in range(2):
        loaded = services.load_guide(at=at)
        assert not loaded.did_anything
        assert loaded.kept == {"LevelMajor": 2}
        assert list(LevelMajor.objects.order_by("pk").values()) == before
    told = io.StringIO()
    call_command("loadguide", stdout=told)
    assert "保留 2 项" in told.getvalue()
    assert "没有变化" in told.getvalue()


def test_a_guide_that_drops_a_major_ends_only_what_is_its_own(level: CertificateLevel) -> None:
    at, by = now(), an_actor(Role.ORG, level.certificate.issuer)
    services.confirm_majors(level, [of("530705")], note="已核对", by=by, at=at)
    texts = dict(rules.texts_of("guide-2024"))
    kept, dropped = "530703,\n             530704, ", "530705, 530706, "
    assert kept + dropped in texts["majors.yaml"]
    texts["majors.yaml"] = texts["majors.yaml"].replace(kept + dropped, kept)
    loaded = services.load(rules.parse(texts), at=at)
    assert loaded.removed == {"LevelMajor": 1}
    assert queries.is_mapped(level, "530705")
    assert not queries.is_mapped(level, "530706")


def test_a_link_that_the_data_no_longer_has_goes_and_its_majors_stay(level: CertificateLevel) -> None:
    texts = dict(rules.texts_of("guide-2024"))
    line = "  - {old: 630801, new: [530701], draft: true, source: onex}\n"
    assert line in texts["majors.yaml"]
    texts["majors.yaml"] = texts["majors.yaml"].replace(line, "")
    assert services.load(rules.parse(texts), at=now()).removed == {"MajorSuccession": 1}
    assert MajorSuccession.objects.count() == 24
    assert of("630801")
    assert not queries.is_mapped(level, "630801")


@pytest.mark.parametrize("count", [1, 9])
def test_known_codes_cost_the_same_queries_however_many(
    level: CertificateLevel, count: int, django_assert_num_queries: Any
) -> None:
    codes = ["630801", *(f"63080{n}" for n in range(2, 2 + count))]
    with django_assert_num_queries(3):
        queries.known_codes(codes)
    with django_assert_num_queries(2):
        queries.is_mapped(level, "630801")

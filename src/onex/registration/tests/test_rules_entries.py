"""The one rule of registration: who may be entered, and every reason why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from onex.registration.rules.entries import (
    DeadlineFacts,
    EntryFacts,
    OfferFacts,
    OtherEntry,
    allot,
    clash_of,
    problems_on_cancel,
    problems_on_count,
    problems_on_entry,
    problems_on_review,
)
from onex.registration.rules.plans import Window

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AFTERNOON = Window(NOON + 30 * DAY, NOON + 30 * DAY + 4 * HOUR)
MORNING = Window(NOON + 31 * DAY, NOON + 31 * DAY + 4 * HOUR)

OFFER = OfferFacts(
    state="announced",
    registration=Window(NOON - DAY, NOON + DAY),
    places_left=5,
    is_site_active=True,
    does_site_hold_level=True,
    is_site_near=True,
    seats_left=80,
)
GOOD = EntryFacts(
    offer=OFFER,
    is_own_student=True,
    major_code="530704",
    major_name="网络营销与直播电商",
    allowed_major_codes=frozenset({"530701", "530704"}),
    are_majors_declared=False,
    is_entered=False,
    holds_level=False,
    windows=(AFTERNOON, MORNING),
)


def reasons(facts: EntryFacts) -> list[str]:
    return [str(reason) for reason in problems_on_entry(facts, NOON)]


def test_a_student_of_a_mapped_major_may_be_entered() -> None:
    assert reasons(GOOD) == []


def test_a_student_of_another_major_is_told_which_list_decides() -> None:
    other = replace(GOOD, major_code="530302", major_name="大数据与会计")
    assert reasons(other) == ["专业“大数据与会计（530302）”不在该证书该等级的对应专业之内"]
    declared = replace(other, are_majors_declared=True)
    assert reasons(declared) == ["专业“大数据与会计（530302）”不在贵校试点申报的拟申报专业之内"]


def test_places_come_from_an_approved_application() -> None:
    assert reasons(replace(GOOD, offer=replace(OFFER, places_left=None))) == [
        "贵校本年度没有审核通过的该证书该等级试点申报"
    ]
    assert reasons(replace(GOOD, offer=replace(OFFER, places_left=0))) == ["该证书该等级的培训名额已用完"]


def test_registration_has_a_beginning_and_an_end() -> None:
    early = replace(OFFER, registration=Window(NOON + HOUR, NOON + DAY))
    late = replace(OFFER, registration=Window(NOON - DAY, NOON))
    assert reasons(replace(GOOD, offer=early)) == ["报名将于 2026-11-24 13:00 开始"]
    assert reasons(replace(GOOD, offer=late)) == ["报名已于 2026-11-24 12:00 截止"]
    assert reasons(replace(GOOD, offer=replace(OFFER, state="closed"))) == ["该统考的报名已截止"]
    assert reasons(replace(GOOD, offer=replace(OFFER, state="draft"))) == ["该统考尚未发布报名通知"]


def test_the_site_must_hold_the_level_be_near_and_have_seats() -> None:
    assert reasons(replace(GOOD, offer=replace(OFFER, does_site_hold_level=False))) == [
        "该考核站点不承担该证书该等级的考核"
    ]
    assert reasons(replace(GOOD, offer=replace(OFFER, is_site_active=False))) == ["该考核站点已停用"]
    assert reasons(replace(GOOD, offer=replace(OFFER, is_site_near=False))) == ["该考核站点不在贵校所在省份"]
    assert reasons(replace(GOOD, offer=replace(OFFER, seats_left=0))) == ["该考核站点本次统考的机位已报满"]


def test_nobody_is_entered_twice_or_for_what_they_hold() -> None:
    assert reasons(replace(GOOD, is_entered=True)) == ["已报名该统考的该证书该等级"]
    assert reasons(replace(GOOD, holds_level=True)) == ["已取得该证书该等级，不能重复报考"]
    assert reasons(replace(GOOD, is_own_student=False)) == ["不是贵校学生库中的学生"]


def test_both_certificates_in_one_slot_are_a_clash() -> None:
    other = OtherEntry("第二次统考 · 新媒体技术（初级）", (AFTERNOON,))
    assert reasons(replace(GOOD, windows=(AFTERNOON,), others=(other,))) == [
        "与已报名的“第二次统考 · 新媒体技术（初级）”考试时段冲突（2026-12-24 12:00–16:00）"
    ]


def test_two_fixed_slots_of_one_sitting_do_not_clash() -> None:
    other = OtherEntry("第二次统考 · 新媒体技术（初级）", (AFTERNOON,))
    assert reasons(replace(GOOD, windows=(MORNING,), others=(other,))) == []


def test_an_entry_without_a_fixed_slot_holds_all_slots_of_its_sitting() -> None:
    other = OtherEntry("第二次统考 · 新媒体技术（初级）", (AFTERNOON, MORNING))
    assert len(reasons(replace(GOOD, windows=(MORNING,), others=(other,)))) == 1


def test_every_reason_is_told_at_once() -> None:
    worst = EntryFacts(
        offer=OfferFacts("closed", OFFER.registration, None, False, False, False, 0),
        is_own_student=False,
        major_code="530302",
        major_name="大数据与会计",
        allowed_major_codes=frozenset(),
        are_majors_declared=True,
        is_entered=True,
        holds_level=True,
        windows=(AFTERNOON,),
        others=(OtherEntry("甲", (AFTERNOON,)), OtherEntry("乙", (AFTERNOON,))),
    )
    assert len(reasons(worst)) == 11
    assert len(reasons(replace(worst, offer=replace(worst.offer, places_left=0)))) == 12


offers = st.builds(
    OfferFacts,
    state=st.sampled_from(["draft", "announced", "closed", "finished"]),
    registration=st.sampled_from([OFFER.registration, Window(NOON + DAY, NOON + 2 * DAY), Window(NOON - DAY, NOON)]),
    places_left=st.none() | st.integers(0, 3),
    is_site_active=st.booleans(),
    does_site_hold_level=st.booleans(),
    is_site_near=st.booleans(),
    seats_left=st.none() | st.integers(0, 3),
)
windows = st.lists(st.sampled_from([AFTERNOON, MORNING, slot_ := Window(NOON + 60 * DAY, NOON + 61 * DAY)]), max_size=3)
entries = st.builds(
    EntryFacts,
    offer=offers,
    is_own_student=st.booleans(),
    major_code=st.sampled_from(["530701", "530704", "530302"]),
    major_name=st.just("某专业"),
    allowed_major_codes=st.frozensets(st.sampled_from(["530701", "530704"])),
    are_majors_declared=st.booleans(),
    is_entered=st.booleans(),
    holds_level=st.booleans(),
    windows=windows.map(tuple),
    others=st.lists(st.builds(OtherEntry, st.just("别的报名"), windows.map(tuple)), max_size=3).map(tuple),
)


@given(entries)
def test_one_is_entered_exactly_when_every_condition_holds(facts: EntryFacts) -> None:
    offer = facts.offer
    free = all(not mine.overlaps(theirs) for o in facts.others for mine in facts.windows for theirs in o.windows)
    may = (
        offer.state == "announced"
        and offer.registration.starts_at <= NOON < offer.registration.ends_at
        and (offer.places_left or 0) > 0
        and offer.is_site_active
        and offer.does_site_hold_level
        and offer.is_site_near
        and (offer.seats_left is None or offer.seats_left > 0)
        and facts.is_own_student
        and facts.major_code in facts.allowed_major_codes
        and not facts.is_entered
        and not facts.holds_level
        and free
    )
    assert (problems_on_entry(facts, NOON) == []) == may


@given(entries)
def test_a_better_offer_never_adds_a_reason(facts: EntryFacts) -> None:
    facts = replace(facts, offer=replace(facts.offer, places_left=facts.offer.places_left or 0))
    before = {reason.msgid for reason in problems_on_entry(facts, NOON)}
    after = {reason.msgid for reason in problems_on_entry(replace(facts, offer=OFFER), NOON)}
    assert after <= before


@given(entries)
def test_no_reason_is_told_twice_but_for_each_clash(facts: EntryFacts) -> None:
    told = [str(reason) for reason in problems_on_entry(facts, NOON) if "冲突" not in str(reason)]
    assert len(told) == len(set(told))


@given(windows, windows)
def test_a_clash_does_not_depend_on_who_was_entered_first(mine: list[Window], theirs: list[Window]) -> None:
    assert (clash_of(mine, theirs) is None) == (clash_of(theirs, mine) is None)


def test_what_registration_promises_can_always_be_arranged() -> None:
    # Any slot of its own for each entry is free of overlaps, whichever slot the arrangement picks.
    for mine, theirs in permutations([(AFTERNOON,), (MORNING,)]):
        assert clash_of(mine, theirs) is None


def test_more_than_the_places_or_seats_left_are_refused_with_the_number_left() -> None:
    assert [str(p) for p in problems_on_count(6, 5, 80)] == ["选择了 6 人，该证书该等级只剩 5 个培训名额"]
    assert [str(p) for p in problems_on_count(6, 9, 4)] == ["选择了 6 人，该考核站点本次统考只剩 4 个机位"]
    assert problems_on_count(5, 5, 5) == []
    assert [str(p) for p in problems_on_count(0, 5, 5)] == ["请至少选择一名学生"]


def test_a_school_cancels_only_before_the_deadline() -> None:
    assert problems_on_cancel(DeadlineFacts("announced", NOON + HOUR), NOON) == []
    assert "报名已截止" in str(problems_on_cancel(DeadlineFacts("announced", NOON), NOON)[0])
    assert "报名已截止" in str(problems_on_cancel(DeadlineFacts("closed", NOON + HOUR), NOON)[0])


def test_entries_are_decided_until_seats_are_released() -> None:
    assert problems_on_review(DeadlineFacts("closed", NOON), NOON) == []
    assert problems_on_review(DeadlineFacts("ready", NOON), NOON) != []


def test_places_of_two_batches_are_taken_from_the_narrower_one_first() -> None:
    wide, narrow = (2, frozenset({"530701", "530704"})), (1, frozenset({"530701"}))
    assert allot(["530701", "530704", "530701"], [wide, narrow]) == [1, 0, 0]
    assert allot(["530704"] * 3, [wide, narrow]) == [0, 0, None]


@given(
    st.lists(st.sampled_from(["a", "b", "c"]), max_size=8),
    st.lists(st.tuples(st.integers(0, 4), st.frozensets(st.sampled_from(["a", "b", "c"]))), max_size=3),
)
def test_no_grant_gives_more_than_it_has_or_to_a_major_it_does_not_allow(
    codes: list[str], grants: list[tuple[int, frozenset[str]]]
) -> None:
    given_ = allot(codes, grants)
    assert len(given_) == len(codes)
    for n, (left, allowed) in enumerate(grants):
        assert given_.count(n) <= left
        assert all(code in allowed for code, grant in zip(codes, given_, strict=True) if grant == n)
    for code, grant in zip(codes, given_, strict=True):
        if grant is None:  # then nothing that fits is left over
            assert all(given_.count(n) == left for n, (left, allowed) in enumerate(grants) if code in allowed)

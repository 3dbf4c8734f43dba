"""Majors: old codes in applications, the effect of a whitelist, and the editor of the evaluation organisation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from onex.accounts.models import SchoolMajor
from onex.accounts.tests.factories import a_school, an_actor, an_evaluation_org, an_operator, signed_in_as
from onex.catalog import services as catalog
from onex.catalog.models import CertificateLevel, LevelMajor, Major, MajorCatalogue
from onex.catalog.queries import mapped_codes, today
from onex.catalog.rules import Recognition
from onex.common.actors import Role
from onex.common.clock import now
from onex.common.text import Refused
from onex.pilots import queries, services
from onex.pilots.models import PilotApplication
from onex.pilots.rules.majors import counts_of_majors
from onex.pilots.tests.factories import (
    NOON,
    a_draft,
    a_filed_application,
    a_level,
    a_plan,
    a_school_officer,
    an_approved_application,
    an_old_code,
)

pytestmark = pytest.mark.django_db


def an_officer_of(level: CertificateLevel) -> Any:
    return an_actor(Role.ORG, level.certificate.issuer)


# --- old codes


def test_a_school_may_declare_an_old_code_that_stands_for_a_mapped_major() -> None:
    level, plan = a_level(), a_plan()
    an_old_code()
    school = a_school(majors={"630801": "电子商务", "570102": "学前教育"})
    assert [row.code for row in queries.majors_to_choose(school, plan, level)] == ["630801"]
    row = a_filed_application(plan, a_school_officer(school), major_codes=["630801"])
    assert row.state == "province_review"


def test_a_code_of_today_counts_as_offered_where_the_list_still_has_the_old_one() -> None:
    level, plan = a_level(), a_plan()
    an_old_code()
    school = a_school(majors={"630801": "电子商务"})
    row = a_draft(plan, a_school_officer(school), level=level, major_codes=["530701"])
    assert queries.allowed_major_codes(row) == {"530701"}


# --- the effect of a whitelist

KNOWN = Recognition({"a": frozenset({"x"}), "b": frozenset({"x", "y"}), "c": frozenset({"a", "z"})})
CODES = st.sampled_from(["a", "b", "c", "x", "y", "z", "w"])


@settings(deadline=None)  # the machine may be busy
@given(
    st.lists(CODES, unique=True),
    st.dictionaries(CODES, st.integers(0, 500)),
    st.frozensets(CODES),
)
def test_a_student_counts_once_and_only_for_what_is_mapped(
    chosen: list[str], roster: dict[str, int], mapped: frozenset[str]
) -> None:
    lines, together = counts_of_majors(dict.fromkeys(chosen, ""), roster, mapped, KNOWN)
    assert max((line.count for line in lines), default=0) <= together <= sum(line.count for line in lines)
    assert together <= sum(roster.values())
    assert len(lines) == len(chosen)
    if not mapped:
        assert together == 0


def test_the_effect_of_a_whitelist_counts_old_codes_as_what_became_of_them() -> None:
    level = a_level()
    an_old_code()
    school = a_school(majors={"530701": "电子商务", "530605": "市场营销", "570102": "学前教育"})
    services.count_roster(school, {"530701": 300, "630801": 12, "530605": 100, "570102": 999})
    effect = queries.whitelist_effect(school, ["530701", "530605"], level)
    assert (effect.major_count, effect.student_count, effect.is_whitelist) == (2, 412, True)
    assert [(line.code, line.name, line.count) for line in effect.lines] == [
        ("530701", "电子商务", 312),
        ("530605", "市场营销", 100),
    ]
    everybody = queries.whitelist_effect(school, [], level)
    assert (everybody.major_count, everybody.student_count, everybody.is_whitelist) == (2, 412, False)
    foreign = queries.whitelist_effect(school, ["570102"], level)
    assert foreign.student_count == 0  # no students of a major that is not mapped may register


def test_without_a_roster_the_effect_says_that_nothing_is_known(django_assert_num_queries: Any) -> None:
    level, school = a_level(), a_school()
    with django_assert_num_queries(4):
        effect = queries.whitelist_effect(school, [], level)
    assert (effect.major_count, effect.student_count, effect.has_roster) == (2, 0, False)


def told_to_both(row: PilotApplication, codes: list[str]) -> int:
    """What the form tells the school of this choice, and the reviewer reads: one figure."""
    told = queries.whitelist_effect(row.school, codes, row.level).student_count
    assert queries.rostered_counts(PilotApplication.objects.filter(pk=row.pk)) == {row.pk: told}
    assert queries.signal_facts(row)[1] == told
    return told


def test_a_reviewer_counts_the_students_that_the_form_told_the_school() -> None:
    level, plan = a_level(), a_plan()
    an_old_code()
    school = a_school(majors={"530701": "电子商务", "530605": "市场营销", "630801": "电子商务"})
    services.count_roster(school, {"530701": 300, "630801": 12, "530605": 100, "570102": 999})
    officer = a_school_officer(school)
    today_s = a_filed_application(plan, officer, level=level, major_codes=["530701"])
    assert told_to_both(today_s, ["530701"]) == 312  # the roster's old code is of the major, too
    old = a_filed_application(a_plan(batch=2), officer, level=level, major_codes=["630801", "530605"])
    assert told_to_both(old, ["630801", "530605"]) == 412
    without = a_filed_application(a_plan(batch=3), officer, level=level)
    assert told_to_both(without, []) == 412


@pytest.mark.parametrize(("days", "count"), [({"from_on": 1}, 100), ({"from_on": 0}, 400), ({"until_on": 1}, 400),
                                             ({"until_on": 0}, 100)])  # fmt: skip
def test_only_mappings_of_today_let_students_in(days: dict[str, int], count: int) -> None:
    level = a_level()
    school = a_school(majors={"530701": "电子商务", "530605": "市场营销"})
    services.count_roster(school, {"530701": 300, "530605": 100})
    row = a_filed_application(a_plan(), a_school_officer(school), level=level)
    named = a_filed_application(a_plan(batch=2), a_school_officer(school), level=level, major_codes=["530701"])
    moved = {field: today() + timedelta(days=n) for field, n in days.items()}
    level.level_majors.filter(major__code="530701").update(**moved)
    assert told_to_both(row, []) == count
    assert told_to_both(named, ["530701"]) == count - 100


# --- who sees and keeps the mapping


def test_the_issuer_alone_keeps_the_mapping_and_others_look_or_find_nothing(client: Any) -> None:
    level = a_level()
    addresses = [reverse(f"pilots:mapping-{name}", args=[level.pk]) for name in ("detail", "history", "export")]
    add = reverse("pilots:mapping-add", args=[level.pk])
    change = reverse("pilots:mapping-change", args=[level.pk])
    signed_in_as(client, an_officer_of(level))
    assert [client.get(one).status_code for one in (*addresses, add)] == [200] * 4
    signed_in_as(client, an_actor(Role.ORG, an_evaluation_org("123456788")))
    assert [client.get(one).status_code for one in (*addresses, add)] == [404] * 4
    assert client.post(change, {"pk": LevelMajor.objects.first().pk}).status_code == 404  # type: ignore[union-attr]
    assert level.name not in client.get(reverse("pilots:mapping-list")).content.decode()
    for role in (Role.OPERATOR, Role.AUDITOR):
        signed_in_as(client, an_actor(role, an_operator()))
        assert [client.get(one).status_code for one in (*addresses, add)] == [200, 200, 200, 403]
    signed_in_as(client, a_school_officer())
    assert client.get(addresses[0]).status_code == 403


# --- the editor


@pytest.fixture
def level() -> CertificateLevel:
    found = a_level()
    catalogue = MajorCatalogue.objects.get(code="2021")
    for code, name in {"530702": "跨境电子商务", "530703": "移动商务"}.items():
        Major.objects.create(code=code, name=name, stage="高职专科", catalogue=catalogue)
    an_old_code("630802", "移动商务", "530703")
    an_old_code("630703", "广告策划与营销", "530605", "530702")
    return found


@pytest.fixture
def org_client(client: Any, level: CertificateLevel) -> Any:
    signed_in_as(client, an_officer_of(level))
    return client


def test_majors_are_found_across_catalogues_and_several_added_at_once(org_client: Any, level: CertificateLevel) -> None:
    add = reverse("pilots:mapping-add", args=[level.pk])
    page = org_client.get(add, {"q": "商务"}).content.decode()
    assert "已对应" in page
    assert "现为 530703 移动商务" in page
    keys = [str(Major.objects.get(code=code).pk) for code in ("530702", "630802")]
    preview = org_client.post(add, {"major": keys})
    assert preview.context["counts"] == {"new": 2, "same": 0, "bad": 0}
    assert "530703" not in mapped_codes(level)
    confirm = {"pasted": preview.context["pasted"], "then": "confirm", "note": "教育部增补", "day": _today()}
    assert org_client.post(add, confirm).status_code == 302
    assert {"530702", "530703"} <= mapped_codes(level)
    history = org_client.get(reverse("pilots:mapping-history", args=[level.pk])).content.decode()
    assert "教育部增补" in history
    assert "530703 移动商务" in history


def test_each_pasted_line_has_its_own_reason(org_client: Any, level: CertificateLevel) -> None:
    pasted = "530702 跨境电子商务\n电商\n999999\n530701\n630703\n\n５３０７０２\n630802\n530703"
    page = org_client.post(reverse("pilots:mapping-add", args=[level.pk]), {"pasted": pasted})
    lines = {line.number: line for line in page.context["lines"]}
    assert [number for number, line in lines.items() if line.is_new] == [1, 8]
    assert "不是专业代码" in str(lines[2].reason)
    assert "都没有代码 999999" in str(lines[3].reason)
    assert "已是对应专业" in str(lines[4].note)
    assert "现分为 530605 市场营销、530702 跨境电子商务" in str(lines[5].reason)
    assert "与第 1 行是同一专业" in str(lines[7].note)
    assert "按现行的 530703 移动商务 添加" in str(lines[8].note)
    assert "与第 8 行是同一专业" in str(lines[9].note)


@pytest.mark.parametrize(
    ("missing", "status", "words"),
    [
        ({"note": ""}, 422, "请写明理由"),
        ({"day": "2020-01-01"}, 409, "不能早于今天"),
        ({"day": "2026-02-30"}, 422, "真实的日期"),
        ({"pasted": "530701"}, 409, "请至少选择一个专业"),
    ],
)
def test_adding_asks_for_a_reason_a_day_and_a_major(
    org_client: Any, level: CertificateLevel, missing: dict[str, str], status: int, words: str
) -> None:
    good = {"pasted": "530702", "then": "confirm", "note": "增补", "day": _today()}
    answer = org_client.post(reverse("pilots:mapping-add", args=[level.pk]), good | missing)
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert "530702" not in mapped_codes(level)


@pytest.mark.parametrize("pasted", ["", " \n ", "\n".join(["530702"] * 301)])
def test_nothing_and_too_much_are_refused_before_any_preview(
    org_client: Any, level: CertificateLevel, pasted: str
) -> None:
    answer = org_client.post(reverse("pilots:mapping-add", args=[level.pk]), {"pasted": pasted})
    assert answer.status_code == 422


def test_removing_shows_whom_it_touches_before_it_acts(org_client: Any, level: CertificateLevel) -> None:
    school = a_school(majors={"530701": "电子商务", "530605": "市场营销"})
    a_school(majors={"530701": "电子商务"})
    services.count_roster(school, {"530701": 70})
    plan = a_plan()
    an_approved_application(plan=plan, officer=a_school_officer(school), level=level, major_codes=["530701"])
    a_draft(plan, a_school_officer(), level=level, major_codes=["530701"])
    a_draft(plan, a_school_officer(), level=level)
    row = level.level_majors.get(major__code="530701")
    change = reverse("pilots:mapping-change", args=[level.pk])
    (effect,) = queries.effects_of_majors(level, [row.major], 2026)
    assert (effect.student_count, effect.open_count, effect.granted_count) == (70, 1, 1)
    assert effect.school_count == SchoolMajor.objects.filter(code="530701").count()
    assert queries.undeclared_counts(level, 2026) == (1, 0)
    page = org_client.post(change, {"pk": [row.pk], "act": "remove"})
    assert page.status_code == 200
    assert "已批准的申报不受影响" in page.content.decode()
    assert "530701" in mapped_codes(level)
    done = org_client.post(
        change, {"pk": [row.pk], "act": "remove", "then": "confirm", "note": "不再对应", "day": _today()}
    )
    assert done.status_code == 302
    assert "530701" not in mapped_codes(level)
    assert LevelMajor.objects.filter(pk=row.pk).exists()
    again = org_client.post(
        change, {"pk": [row.pk], "act": "remove", "then": "confirm", "note": "不再对应", "day": _today()}
    )
    assert again.status_code == 409
    assert "请刷新后查看" in again.content.decode()


def test_the_effect_costs_the_same_queries_for_one_major_and_for_all(
    level: CertificateLevel, django_assert_num_queries: Any
) -> None:
    for some in (1, 3):
        majors = list(Major.objects.filter(levels=level)[:some])
        with django_assert_num_queries(4):
            queries.effects_of_majors(level, majors, 2026)


def test_a_removed_major_keeps_a_draft_out_but_not_what_was_approved(level: CertificateLevel) -> None:
    plan, school = a_plan(), a_school()
    draft = a_draft(plan, a_school_officer(school), level=level, major_codes=["530701"])
    major = Major.objects.get(code="530701")
    catalog.remove_majors(level, [major], until_on=today(), note="不再对应", by=an_officer_of(level), at=now())
    with pytest.raises(Refused, match="不是该证书这一等级的对应专业"):
        services.move_application(draft, "submit", by=a_school_officer(school), at=NOON)


def test_a_draft_of_ours_is_confirmed_by_the_organisation(org_client: Any, level: CertificateLevel) -> None:
    row = level.level_majors.get(major__code="530701")
    change = reverse("pilots:mapping-change", args=[level.pk])
    assert org_client.post(change, {"act": "confirm"}).status_code == 422
    assert org_client.post(change, {"pk": ["x"], "act": "confirm"}).status_code == 422
    assert org_client.post(change, {"pk": [row.pk], "act": "void"}).status_code == 409
    assert "不是草案" in org_client.post(change, {"pk": [row.pk], "act": "confirm"}).content.decode()
    good = {"pk": [row.pk], "act": "confirm", "then": "confirm", "note": "已核对标准", "day": _today()}
    assert org_client.post(change, good).status_code == 302
    row.refresh_from_db()
    assert (row.is_draft, row.is_own) == (False, True)


def test_the_last_major_of_a_level_stays(org_client: Any, level: CertificateLevel) -> None:
    keys = list(level.level_majors.values_list("pk", flat=True))
    form = {"pk": keys, "act": "remove", "then": "confirm", "note": "全部", "day": _today()}
    answer = org_client.post(reverse("pilots:mapping-change", args=[level.pk]), form)
    assert answer.status_code == 409
    assert "至少保留一个对应专业" in answer.content.decode()


def test_the_editor_costs_the_same_queries_for_three_majors_and_for_thirty(
    org_client: Any, level: CertificateLevel, django_assert_max_num_queries: Any
) -> None:
    def cost() -> list[int]:
        found = []
        for name in ("list", "detail", "history", "export"):
            args = [] if name == "list" else [level.pk]
            with django_assert_max_num_queries(80) as caught:
                assert org_client.get(reverse(f"pilots:mapping-{name}", args=args)).status_code == 200
            found.append(len(caught))
        return found

    few = cost()
    catalogue = MajorCatalogue.objects.get(code="2021")
    for n in range(27):
        major = Major.objects.create(code=f"5901{n:02}", name=f"专业{n}", stage="高职专科", catalogue=catalogue)
        LevelMajor.objects.create(level=level, major=major, is_draft=True)
    assert cost() == few


def _today() -> str:
    return today().isoformat()

"""批准名单: what it lists, under which number, on paper; and who may see it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from onex.accounts.tests.factories import a_city, a_province, a_school, an_actor, another_province, signed_in_as
from onex.common.actors import Role
from onex.common.pdf import GlyphMissing
from onex.common.permits import allows
from onex.common.queries import timeline_of
from onex.common.text import Refused
from onex.pilots import printing, services
from onex.pilots.models import ApprovalList
from onex.pilots.tests.factories import (
    NOON,
    a_filed_application,
    a_plan,
    a_province_officer,
    a_school_officer,
    an_approved_application,
)

pytestmark = pytest.mark.django_db
NUMBER = "苏教职函〔2026〕15号"


def issued(plan: Any, **values: Any) -> ApprovalList:
    given: dict[str, Any] = {"document_no": NUMBER, "title": "试点院校名单", "issued_on": date(2026, 12, 27)}
    given |= {"only_new": False, "by": a_province_officer(), "at": NOON} | values
    return services.issue_list(plan, **given)


def test_a_list_freezes_what_was_approved_and_stays_as_it_was_printed() -> None:
    plan = a_plan()
    row = an_approved_application(60, plan=plan)
    a_filed_application(plan)
    made = issued(plan)
    assert [(line["school"], line["requested"], line["approved"]) for line in made.lines] == [(row.school.name, 80, 60)]
    services.move_application(row, "correct", by=a_province_officer(), at=NOON, note="录错")
    made.refresh_from_db()
    assert made.lines[0]["approved"] == 60
    assert [one.verb for one in timeline_of(plan)] == ["issue_list"]
    assert timeline_of(made).get().data["count"] == 1


def test_the_next_list_has_only_what_no_earlier_one_has() -> None:
    plan = a_plan()
    an_approved_application(60, plan=plan)
    issued(plan)
    with pytest.raises(Refused, match="以前的名单之后没有新的批准"):
        issued(plan, document_no="二号", only_new=True)
    late = an_approved_application(70, plan=plan)
    assert [line["school"] for line in issued(plan, document_no="二号", only_new=True).lines] == [late.school.name]
    assert len(issued(plan, document_no="三号").lines) == 2


def test_a_list_of_nothing_and_a_number_used_twice_are_refused() -> None:
    plan = a_plan()
    with pytest.raises(Refused, match="还没有审核通过的申报"):
        issued(plan)
    an_approved_application(60, plan=plan)
    issued(plan)
    with pytest.raises(Refused, match="已经用过"):
        issued(plan)
    assert ApprovalList.objects.count() == 1


def test_what_cannot_be_printed_is_not_frozen() -> None:
    plan = a_plan()
    an_approved_application(60, plan=plan)
    with pytest.raises(GlyphMissing):
        issued(plan, title="名单\U0002a6d6")
    assert not ApprovalList.objects.exists()


def test_abuse_02_another_province_issues_no_list_here() -> None:
    plan = a_plan()
    an_approved_application(60, plan=plan)
    stranger = an_actor(Role.PROVINCE, another_province())
    with pytest.raises(Refused, match="无权办理"):
        issued(plan, by=stranger)
    made = issued(plan)
    seers = {
        role: allows("pilots.list_see", an_actor(role, home), made)
        for role, home in (
            (Role.PROVINCE, a_province()), (Role.CITY, a_city()), (Role.SCHOOL, a_school()),
        )
    }  # fmt: skip
    assert set(seers.values()) == {True}
    assert not allows("pilots.list_see", stranger, made)
    client = signed_in_as(Client(), stranger)
    for name in ("approval-list-detail", "approval-list-paper"):
        assert client.get(reverse(f"pilots:{name}", args=[made.pk])).status_code == 404
    assert client.get(reverse("pilots:approval-list-create", args=[plan.pk])).status_code == 404


def test_a_province_makes_a_list_on_its_page_and_everybody_of_it_prints_it(client: Client) -> None:
    plan = a_plan()
    row = an_approved_application(60, plan=plan)
    province = signed_in_as(client, a_province_officer())
    page = reverse("pilots:approval-list-create", args=[plan.pk])
    assert "该计划已批准 1 项、60 人，其中 1 项还没有列入名单" in province.get(page).content.decode()
    assert "以前的名单之后没有新的批准" not in province.get(page).content.decode()
    wrong = province.post(page, {"document_no": "", "title": "x", "issued_on": "明天", "scope": "all"})
    assert wrong.status_code == 422
    assert "请填写文号" in wrong.content.decode()
    form = {"document_no": NUMBER, "title": "试点院校名单", "issued_on": "2026-12-27", "scope": "all"}
    made = province.post(page, form)
    assert made.status_code == 302
    assert province.post(page, form).status_code == 409
    assert "以前的名单之后没有新的批准" in province.get(page).content.decode()  # before another number is typed in vain
    school = signed_in_as(Client(), a_school_officer(row.school))
    assert row.school.name in school.get(made.url).content.decode()
    assert NUMBER in school.get(reverse("pilots:plan-detail", args=[plan.pk])).content.decode()
    paper = school.get(f"{made.url}paper/")
    assert (paper["Content-Type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    assert [one.verb for one in timeline_of(ApprovalList.objects.get())] == ["issue_list", "print"]


def test_sums_are_by_certificate_level() -> None:
    plan = a_plan()
    for count in (60, 20):
        an_approved_application(count, plan=plan)
    made = issued(plan)
    assert [(one["count"], one["approved"]) for one in printing.sums_of(made)] == [(2, 80)]


def test_abuse_25_a_name_with_markup_is_printed_as_it_is() -> None:
    plan = a_plan()
    an_approved_application(60, plan=plan, officer=a_school_officer(a_school("#pagebreak()[*x*]<b>学院")))
    assert printing.approval_list(issued(plan, title="#panic()")).startswith(b"%PDF-")

"""The home of each role: what waits, by when, what changed, and how to begin when nothing does."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from onex.accounts import services as accounts
from onex.accounts.models import Organisation, User
from onex.accounts.tests.factories import (
    a_city,
    a_province,
    a_school,
    a_submitted_registration,
    an_actor,
    an_evaluation_org,
    another_province,
    signed_in_as,
)
from onex.catalog.tests.factories import the_guide
from onex.certificates import services as certificates
from onex.common.actors import Actor, Role
from onex.marking import services as marking
from onex.marking.tests.factories import AFTER, a_sat_session
from onex.pilots import services as pilots
from onex.pilots.tests.factories import (
    NOON,
    a_draft,
    a_filed_application,
    a_level,
    a_plan,
    a_province_officer,
    a_school_officer,
)
from onex.portal.queries.desk import DESKS, changes_for, desk_of
from onex.portal.rules import Desk, Task
from onex.portal.tests import printed
from onex.portal.views.desk import url_of
from onex.registration import services as registration
from onex.registration.tests.factories import a_draft_plan, a_plan_level, a_row, a_workbook, an_entered, some_students
from onex.results.tests.factories import a_computed_release, a_marked_level, a_released
from onex.sittings import services as sittings
from onex.sittings.tests.factories import LATER, a_closed_level, an_arranged_session
from onex.venues.tests.factories import a_filed_site_application, a_pilot_school, a_site, a_site_draft, an_org_officer

pytestmark = pytest.mark.django_db(databases=["default", "room"])
SOON = NOON + timedelta(hours=1)


def titles(desk: Desk) -> list[str]:
    return [str(task.title) for task in desk.tasks]


def one(desk: Desk) -> Task:
    (task,) = desk.tasks
    return task


def an_operator(role: Role = Role.OPERATOR) -> Actor:
    found = Organisation.objects.filter(kind="operator").first()
    return an_actor(role, found or Organisation.objects.create(kind="operator", name="OneX 平台运营"))


def the_organisation(role: Role = Role.ORG) -> Actor:
    return an_actor(role, an_evaluation_org())


# --- nothing waits -------------------------------------------------------------------------------------------------

NEWCOMERS = {
    Role.SCHOOL: (lambda: an_actor(Role.SCHOOL, a_school()), "从申报证书试点开始"),
    Role.PROVINCE: (lambda: an_actor(Role.PROVINCE, a_province()), "从发布申报计划开始"),
    Role.CITY: (lambda: an_actor(Role.CITY, a_city()), "没有待审核的申报"),
    Role.ORG: (the_organisation, "从开设统考开始"),
    Role.AUTHOR: (lambda: the_organisation(Role.AUTHOR), "从导入试题开始"),
    Role.ASSESSOR: (lambda: the_organisation(Role.ASSESSOR), "没有待评阅的任务"),
    Role.OPERATOR: (an_operator, "没有待审核的院校注册"),
    Role.AUDITOR: (lambda: an_operator(Role.AUDITOR), "查看审计日志"),
    Role.SECURITY_ADMIN: (lambda: an_operator(Role.SECURITY_ADMIN), "查看登录与访问"),
    Role.TEACHER: (lambda: an_actor(Role.TEACHER, a_school()), "从云课程开始"),
    Role.STUDENT: (lambda: an_actor(Role.STUDENT, a_school()), "还没有报名"),
    Role.LEARNER: (lambda: an_operator(Role.LEARNER), "从云课程开始"),
    Role.REGISTRAR: (lambda: an_actor(Role.REGISTRAR, a_school()), "导入学生名单"),
    Role.SITE_MANAGER: (lambda: an_actor(Role.SITE_MANAGER, a_site().unit), "没有待安排监考员的场次"),
    Role.SITE_INVIGILATOR: (lambda: an_actor(Role.SITE_INVIGILATOR, a_site().unit), "查看本考点的场次"),
    Role.TECH: (lambda: an_actor(Role.TECH, a_site().unit), "查看本考点的场次"),
    Role.REVIEWER: (lambda: the_organisation(Role.REVIEWER), "审读题目与试卷"),
    Role.ASSEMBLER: (lambda: the_organisation(Role.ASSEMBLER), "等待命题员导入试题"),
    Role.SITE_REVIEWER: (lambda: the_organisation(Role.SITE_REVIEWER), "没有待审核的站点申请"),
    Role.TRAINER: (lambda: the_organisation(Role.TRAINER), "培训管理尚未开放"),
    Role.FINANCE: (lambda: the_organisation(Role.FINANCE), "查看考核费用"),
    Role.EDITOR: (lambda: the_organisation(Role.EDITOR), "内容管理尚未开放"),
    Role.ADMIN: (lambda: the_organisation(Role.ADMIN), "管理本机构人员"),
    Role.SYSTEM_ADMIN: (lambda: an_operator(Role.SYSTEM_ADMIN), "管理机构与账号"),
    Role.SECURITY_ADMIN: (lambda: an_operator(Role.SECURITY_ADMIN), "授予和收回管理员身份"),
}


def test_every_hat_that_somebody_may_wear_has_a_desk() -> None:
    assert set(NEWCOMERS) == set(Role) - {Role.SYSTEM}
    assert set(DESKS) <= set(NEWCOMERS)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("role", NEWCOMERS)
def test_an_empty_desk_says_how_to_begin(client, role: Role, language: str) -> None:
    the_guide()
    make, start = NEWCOMERS[role]
    actor = make()
    assert str(desk_of(actor, NOON).start.title) == start
    assert len(desk_of(actor, NOON).figures) == 3
    answer = signed_in_as(client, actor).get(reverse("portal:desk"), headers={"Accept-Language": language})
    text = printed.text_of(answer.content.decode())
    assert answer.status_code == 200
    if language == "zh-hans":
        assert f"{actor.name}，您好" in text
        assert start in text


def test_a_stranger_is_sent_to_the_door(client) -> None:
    answer = client.get(reverse("portal:desk"))
    assert answer.status_code == 302
    assert reverse("accounts:sign-in") in answer["Location"]


# --- a school ------------------------------------------------------------------------------------------------------


def test_an_open_plan_waits_for_a_school_until_it_has_filed_something() -> None:
    plan, officer = a_plan(), a_school_officer()
    task = one(desk_of(officer, NOON))
    assert (str(task.title), task.until) == ("申报证书试点：2026 年第一次", plan.closes_at)
    a_filed_application(plan, officer)
    assert desk_of(officer, SOON).tasks == []


def test_a_plan_of_another_province_or_after_its_time_waits_for_nobody() -> None:
    plan, officer = a_plan(), a_school_officer()
    assert desk_of(a_school_officer(a_school(province=another_province())), NOON).tasks == []
    assert desk_of(officer, plan.closes_at).tasks == []


def test_a_returned_application_waits_with_its_deadline_and_a_draft_after_the_plan_does_not() -> None:
    plan, officer = a_plan(), a_school_officer()
    row = a_filed_application(plan, officer)
    pilots.move_application(row, "return", by=a_province_officer(plan), at=NOON, note="请补充师资情况。")
    task = one(desk_of(officer, SOON))
    assert str(task.title).startswith("修改退回的试点申报：")
    assert (task.until, url_of(task)) == (plan.closes_at, reverse("pilots:application-edit", args=[row.pk]))
    assert desk_of(officer, plan.closes_at).tasks == []


def test_a_returned_application_may_be_corrected_after_the_plan_has_closed() -> None:
    plan = a_plan(corrections_until=NOON + timedelta(days=20))
    officer = a_school_officer()
    row = a_filed_application(plan, officer)
    pilots.move_application(row, "return", by=a_province_officer(plan), at=NOON, note="请补充师资情况。")
    assert one(desk_of(officer, plan.closes_at)).until == plan.corrections_until


def test_a_draft_waits_to_be_submitted() -> None:
    plan, officer = a_plan(), a_school_officer()
    a_draft(plan, officer)
    assert titles(desk_of(officer, SOON)) == ["提交试点申报：直播电商职业技能等级证书（初级）"]


def test_a_site_application_and_a_roster_wait_where_they_were_left() -> None:
    school = a_pilot_school()
    officer = an_actor(Role.SCHOOL, school)
    a_site_draft(school, officer)
    registration.preview_students(school, a_workbook([a_row(1)]), by=officer, at=NOON)
    found = titles(desk_of(officer, SOON))
    assert [title.partition("：")[0] for title in found] == ["提交考核站点申请", "确认导入学生名单"]


def test_a_sitting_waits_for_a_school_that_has_places_for_it_only() -> None:
    school = a_pilot_school()
    other = a_school()
    level = a_plan_level()
    task = one(desk_of(an_actor(Role.SCHOOL, school), NOON))
    assert str(task.title).startswith("为学生报名：")
    assert (task.until, str(task.note)) == (level.registration_closes_at, "已报 0 人")
    assert not [title for title in titles(desk_of(an_actor(Role.SCHOOL, other), NOON)) if "报名" in title]
    assert desk_of(an_actor(Role.SCHOOL, school), level.registration_closes_at).tasks == []


def test_returned_candidates_wait_in_one_line_until_they_are_entered_again() -> None:
    school = a_pilot_school()
    officer = an_actor(Role.SCHOOL, school)
    entries = an_entered(3, school=school)
    for entry in entries[:2]:
        org = an_org_officer(entry.plan_level.plan.organisation)
        registration.move_entry(entry, "return", by=org, at=NOON, note="照片不清晰")
    waiting = [title for title in titles(desk_of(officer, SOON)) if "退回" in title]
    assert waiting == [f"2 名考生的报名被退回：{entries[0].plan_level.plan.title} · {a_level().name}"]
    students = [entry.student for entry in entries[:2]]
    registration.register(school, entries[0].plan_level, students, entries[0].site, by=officer, at=NOON)
    assert not [title for title in titles(desk_of(officer, SOON)) if "退回" in title]


def test_a_session_without_invigilators_waits_for_the_school_whose_site_it_is() -> None:
    session = an_arranged_session(2)
    officer = an_actor(Role.SCHOOL, session.site.school)
    task = one(desk_of(officer, LATER))
    assert str(task.title).startswith("安排监考员：")
    assert task.until == session.slot.starts_at
    rooms = {seat.room: ["李建国"] for seat in session.seats.select_related("room")}
    sittings.name_staff(session, "周敏", rooms, by=officer, at=LATER)
    assert desk_of(officer, LATER).tasks == []


def test_the_figures_of_a_school_are_its_places_and_certificates() -> None:
    entries = an_entered(3)
    school = entries[0].student.school
    figures = desk_of(an_actor(Role.SCHOOL, school), NOON).figures
    assert [figure.value for figure in figures] == [80, 3, 0]
    assert str(figures[1].note) == "还剩 77 人"


def test_a_school_goes_on_from_places_to_roster_to_site() -> None:
    school = a_pilot_school()
    officer = an_actor(Role.SCHOOL, school)
    assert str(desk_of(officer, NOON).start.title) == "导入学生名单"
    some_students(school, 1)
    assert str(desk_of(officer, NOON).start.title) == "申报考核站点"
    entered = an_entered(1, school=school)[0].student.school
    assert str(desk_of(an_actor(Role.SCHOOL, entered), NOON).start.title) == "等待下一次统考"


# --- province and city ---------------------------------------------------------------------------------------------


def test_a_province_sees_registrations_applications_and_its_own_draft() -> None:
    a_submitted_registration()
    plan = a_plan()
    a_filed_application(plan)
    a_plan("draft", batch=2, opens_at=NOON + timedelta(days=3))
    found = titles(desk_of(a_province_officer(plan), SOON))
    assert sorted(title.partition("：")[0] for title in found) == ["发布申报计划", "审核试点申报", "审核院校注册"]
    assert desk_of(an_actor(Role.PROVINCE, another_province()), SOON).tasks == []


def test_a_city_reviews_only_where_the_plan_asks_for_it() -> None:
    city = an_actor(Role.CITY, a_city())
    a_filed_application(a_plan())
    assert desk_of(city, SOON).tasks == []
    a_filed_application(a_plan(batch=2, requires_city_approval=True))
    assert titles(desk_of(city, SOON))[0].startswith("审核试点申报：")


def test_more_than_five_of_a_kind_become_one_line_that_leads_to_their_list(client) -> None:
    plan = a_plan()
    for _ in range(8):
        a_filed_application(plan)
    officer = a_province_officer(plan)
    desk = desk_of(officer, SOON)
    assert (len(desk.tasks), desk.count) == (5, 8)
    assert str(desk.tasks[-1].title) == "另有 4 件：待审核的试点申报"
    answer = signed_in_as(client, officer).get(url_of(desk.tasks[-1]))
    assert answer.status_code == 200
    assert desk.next_task is desk.tasks[0]


# --- the evaluation organisation -----------------------------------------------------------------------------------


def words_of(actor: Actor, at: datetime) -> list[str]:
    return [title.partition("：")[0] for title in titles(desk_of(actor, at))]


def test_the_organisation_is_led_from_site_to_certificate() -> None:
    org = the_organisation()
    a_filed_site_application()
    assert words_of(org, SOON) == ["审核考核站点申请"]


def test_a_draft_sitting_waits_to_be_announced_while_it_is_ahead() -> None:
    plan = a_draft_plan()
    org = an_org_officer(plan.organisation)
    assert words_of(org, NOON) == ["发布报名通知"]
    assert words_of(org, NOON + timedelta(days=60)) == []


def test_entries_wait_to_be_accepted_and_registration_to_be_closed() -> None:
    entries = an_entered(4)
    org = an_org_officer(entries[0].plan_level.plan.organisation)
    assert titles(desk_of(org, SOON)) == [f"受理 4 人的报名：{entries[0].plan_level.plan.title} · {a_level().name}"]
    assert "截止报名" in words_of(org, LATER)


def test_a_closed_level_waits_to_be_arranged_and_then_its_tickets_to_be_released() -> None:
    level = a_closed_level(2)
    org = an_org_officer(level.plan.organisation)
    assert words_of(org, LATER) == ["编排考场"]
    sittings.arrange(level, seed=7, by=org, at=LATER)
    assert words_of(org, LATER) == ["发布准考证"]


def test_a_session_that_was_sat_waits_to_be_collected_and_its_jobs_for_an_assessor() -> None:
    session = a_sat_session(2)
    org = an_org_officer(session.plan_level.plan.organisation)
    assessor = the_organisation(Role.ASSESSOR)
    assert words_of(org, AFTER) == ["收卷"]
    assert desk_of(assessor, AFTER).tasks == []
    marking.collect(session, by=org, at=AFTER)
    assert str(one(desk_of(assessor, AFTER)).title) == "评阅 2 份主观任务"


def test_a_marked_level_waits_to_be_computed() -> None:
    level = a_marked_level(1)
    assert words_of(an_org_officer(level.plan.organisation), AFTER) == ["核算成绩"]


def test_results_wait_to_be_publicised() -> None:
    release = a_computed_release(1)
    assert words_of(an_org_officer(release.plan_level.plan.organisation), AFTER) == ["公示成绩"]


def test_passes_wait_for_their_certificates_and_then_nothing_waits() -> None:
    release = a_released(2)
    at = release.ends_at
    assert at is not None
    org = an_org_officer(release.plan_level.plan.organisation)
    assert titles(desk_of(org, at))[0].startswith("签发 2 张证书：")
    certificates.issue_due(release, by=org, at=at)
    assert desk_of(org, at).tasks == []
    assert desk_of(org, at).figures[2].value == 2


def test_an_assembler_checks_draft_papers_before_they_are_frozen() -> None:
    from onex.bank import services as bank
    from onex.bank.tests import factories as shipped
    from onex.sittings.tests.factories import the_level

    level, author, assembler = the_level(), the_organisation(Role.AUTHOR), the_organisation(Role.ASSEMBLER)
    bank.import_practical(level, shipped.practical(), by=author, at=NOON)
    desk = desk_of(assembler, NOON)
    assert words_of(author, NOON) == []
    assert words_of(assembler, NOON) == ["核对并封卷"]
    assert [figure.value for figure in desk.figures][1:] == [0, 1]


def test_an_invitation_waits_at_the_desk_of_whatever_hat_is_worn() -> None:
    admin, teacher = an_actor(Role.SCHOOL, a_school("南京甲校")), an_actor(Role.TEACHER, a_school())
    account = User.objects.get(pk=teacher.user_id).username
    school = Organisation.objects.get(pk=admin.organisation_id)
    accounts.invite_existing(school, account, [Role.TEACHER], by=admin, at=NOON)
    task = one(desk_of(teacher, NOON))
    assert (str(task.title), url_of(task)) == ("接受邀请：南京甲校 · 教师", reverse("accounts:hat-choose"))


# --- what changed --------------------------------------------------------------------------------------------------


def test_a_school_sees_what_its_province_decided_with_the_reason_and_not_what_it_did_itself() -> None:
    plan, officer = a_plan(), a_school_officer()
    row = a_filed_application(plan, officer)
    pilots.move_application(row, "return", by=a_province_officer(plan), at=NOON, note="请补充师资情况。")
    (change,) = changes_for(officer, SOON)
    assert (str(change.what), change.note) == ("退回修改", "请补充师资情况。")
    assert change.who.endswith("（江苏省教育厅）")


def test_a_stranger_sees_no_change_of_another_school() -> None:
    plan, officer = a_plan(), a_school_officer()
    a_filed_application(plan, officer)
    assert changes_for(a_school_officer(), SOON) == []


def test_changes_are_forgotten_after_a_week() -> None:
    plan, officer = a_plan(), a_school_officer()
    row = a_filed_application(plan, officer)
    pilots.move_application(row, "return", by=a_province_officer(plan), at=NOON, note="请补充师资情况。")
    assert changes_for(officer, NOON + timedelta(days=8)) == []


def test_the_page_shows_tasks_deadlines_figures_and_changes(client) -> None:
    plan, officer = a_plan(), a_school_officer()
    row = a_filed_application(plan, officer)
    pilots.move_application(row, "return", by=a_province_officer(plan), at=NOON, note="请补充师资情况。")
    page = signed_in_as(client, officer).get(reverse("portal:desk")).content.decode()
    assert page.count("btn btn-primary") == 2  # the one next step, and the dialog's own button
    text = printed.text_of(page)
    for words in ("您有 1 件事要办", "修改退回的试点申报", "修改截止", "批准培训总人数", "请补充师资情况。"):
        assert words in text


# --- the price -----------------------------------------------------------------------------------------------------


def cost_of(actor: Actor, at: datetime) -> int:
    with CaptureQueriesContext(connection) as queries:
        desk_of(actor, at)
    return len(queries)


def test_a_province_pays_the_same_for_six_waiting_applications_and_for_twenty() -> None:
    plan = a_plan()
    officer: Any = a_province_officer(plan)
    for _ in range(6):
        a_filed_application(plan)
    before = cost_of(officer, SOON)
    for _ in range(14):
        a_filed_application(plan)
    assert cost_of(officer, SOON) == before <= 16


def test_a_school_and_the_organisation_pay_the_same_for_three_candidates_and_for_thirty() -> None:
    school = a_pilot_school()
    officer, entries = an_actor(Role.SCHOOL, school), an_entered(3, school=school)
    org = an_org_officer(entries[0].plan_level.plan.organisation)
    before = cost_of(officer, SOON), cost_of(org, SOON)
    level, site = entries[0].plan_level, entries[0].site
    registration.register(school, level, some_students(school, 27), site, by=officer, at=NOON)
    assert (cost_of(officer, SOON), cost_of(org, SOON)) == before
    assert max(before) <= 24

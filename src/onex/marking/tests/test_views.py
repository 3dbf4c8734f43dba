"""The pages of marking by plain forms: wrong marks, stale screens, the queue, and what a session's page says."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from onex.accounts.models import Membership
from onex.accounts.tests.factories import a_school, an_actor, an_evaluation_org, signed_in_as
from onex.common.actors import Role
from onex.examroom.models import Answer
from onex.marking import queries, services
from onex.marking.models import Mark, MarkingJob, Script
from onex.marking.tests.factories import AFTER, a_sat_session
from onex.sittings.models import ExamSession
from onex.sittings.tests.factories import a_published_session
from onex.venues.tests.factories import an_org_officer

pytestmark = pytest.mark.django_db(databases=["default", "room"])


def collected(number: int = 2, absent: int = 0) -> ExamSession:
    session = a_sat_session(number, absent)
    services.collect(session, by=an_org_officer(), at=AFTER)
    return ExamSession.objects.get(pk=session.pk)


def the_assessor(client: Client) -> Client:
    signed_in_as(client, an_actor(Role.ASSESSOR, an_evaluation_org()))
    return client


def fields_of(job: MarkingJob) -> dict[str, str]:
    """Full marks, as they are typed."""
    return {f"c-{c.id}": str(c.points) for c in queries.scores_of(job.script)[job.item].needs_examiner}


def mark_address(job: MarkingJob) -> str:
    return reverse("marking:job-mark", args=[job.pk])


@pytest.mark.parametrize("wrong", ["99", "-1", "0.3", "两分", "", "NaN", "1e400"])
def test_a_wrong_mark_is_told_beside_its_field_and_everything_typed_stays(client: Client, wrong: str) -> None:
    collected(1)
    the_assessor(client)
    job = MarkingJob.objects.get()
    typed = fields_of(job)
    bad, *good = typed
    typed[bad] = wrong
    answer = client.post(mark_address(job), {**typed, "remark": "口语自然，少一处互动。"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count('class="ox-field has-error"') == 1
    assert "处需要修改，您填写的内容都还在" in page
    assert "口语自然，少一处互动。" in page
    for name in good:
        assert re.search(rf'name="{name}"[^>]*value="{re.escape(typed[name])}"', page), name
    assert not Mark.objects.exists()
    assert MarkingJob.objects.get().state == "waiting"


def test_right_marks_lead_to_the_next_job_and_the_last_one_back_to_the_queue(client: Client) -> None:
    collected(2)
    the_assessor(client)
    first, second = queries.jobs_for(an_actor(Role.ASSESSOR, an_evaluation_org()))
    page = client.get(mark_address(first)).content.decode()
    assert "还有 2 份待评分" in page
    assert mark_address(second) in page
    answer = client.post(mark_address(first), fields_of(first))
    assert (answer.status_code, answer["Location"]) == (302, mark_address(second))
    answer = client.post(mark_address(second), fields_of(second))
    assert (answer.status_code, answer["Location"]) == (302, reverse("marking:job-list"))
    assert set(Script.objects.values_list("state", flat=True)) == {"scored"}


def test_a_page_left_open_while_somebody_else_marked_says_so(client: Client) -> None:
    collected(2)
    the_assessor(client)
    job, other = queries.jobs_for(an_actor(Role.ASSESSOR, an_evaluation_org()))
    typed = fields_of(job)
    services.mark(
        job,
        {c.id: c.points for c in queries.scores_of(job.script)[job.item].needs_examiner},
        by=an_actor(Role.ASSESSOR, an_evaluation_org()),
        at=AFTER,
    )
    answer = client.post(mark_address(job), typed)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "没有保存" in page
    assert mark_address(other) in page
    assert Mark.objects.count() == 1
    assert client.get(mark_address(job)).status_code == 200


def test_a_job_of_the_own_school_or_of_another_organisation_is_not_there(client: Client) -> None:
    session = collected(1)
    job = MarkingJob.objects.get()
    assessor = an_actor(Role.ASSESSOR, an_evaluation_org())
    school = session.seats.get().entry.student.school
    Membership.objects.create(user_id=assessor.user_id, role=Role.TEACHER, organisation_id=school.pk)
    signed_in_as(client, assessor)
    assert client.get(mark_address(job)).status_code == 404
    assert client.post(mark_address(job), fields_of(job)).status_code == 404
    signed_in_as(client, an_actor(Role.ASSESSOR, an_evaluation_org("A12345678")))
    assert client.get(mark_address(job)).status_code == 404


def test_the_marking_page_names_nobody(client: Client) -> None:
    session = collected(1)
    the_assessor(client)
    seat = session.seats.select_related("entry__student__school", "room").get()
    student = seat.entry.student
    type(student).objects.filter(pk=student.pk).update(name="古丽努尔·阿卜杜克热木")
    for address in (mark_address(MarkingJob.objects.get()), reverse("marking:job-list")):
        page = client.get(address).content.decode()
        for fact in ("古丽努尔", student.school.name, student.student_no, seat.ticket_no, session.site.name):
            assert fact not in page, fact


def test_the_queue_counts_what_waits_by_task(client: Client) -> None:
    collected(3)
    the_assessor(client)
    page = client.get(reverse("marking:job-list")).content.decode()
    job = MarkingJob.objects.order_by("number").first()
    assert job is not None
    assert "撰写开场与商品讲解脚本" in page
    assert '<td class="ox-num">3</td>' in page
    assert mark_address(job) in page


def test_an_empty_queue_says_what_will_come(client: Client) -> None:
    the_assessor(client)
    page = client.get(reverse("marking:job-list")).content.decode()
    assert "收卷之后，需要人工判断的题会出现在这里" in page
    assert "开始评分" not in page


def test_collecting_too_early_is_refused_on_the_sessions_page(client: Client) -> None:
    session = a_published_session(1)
    signed_in_as(client, an_org_officer())
    answer = client.post(reverse("marking:session-collect", args=[session.pk]))
    assert answer.status_code == 409
    assert "收卷要等考场关闭之后" in answer.content.decode()


def test_a_sessions_page_tells_who_sat_who_was_absent_and_what_waits(client: Client) -> None:
    session = collected(3, absent=1)
    signed_in_as(client, an_org_officer())
    page = client.get(reverse("marking:session-detail", args=[session.pk])).content.decode()
    figures = re.findall(r'ox-figure-label">([^<]+)</span><span class="ox-figure-value[^"]*">(\d+)', page)
    assert dict(figures) == {"收到答卷": "4", "缺考答卷": "2", "已评完": "4", "待人工评分": "2"}
    assert "还有 2 份答卷待评分" in page
    assert page.count('<span class="ox-quiet">缺考</span>') == 2


def test_what_could_not_be_placed_and_broken_chains_are_shown(client: Client) -> None:
    session = a_sat_session(1)
    line = Answer.objects.order_by("seq")[3]
    Answer.objects.filter(pk=line.pk).delete()
    services.collect(session, by=an_org_officer(), at=AFTER)
    Script.objects.filter(part="theory").update(answers={})
    services.collect(ExamSession.objects.get(pk=session.pk), by=an_org_officer(), at=AFTER)
    signed_in_as(client, an_org_officer())
    page = client.get(reverse("marking:session-detail", args=[session.pk])).content.decode()
    assert "有答卷包需要查明" in page
    assert "与已收的答卷不一致" in page
    assert "有缺口" in page


def test_another_organisations_session_is_not_there(client: Client) -> None:
    session = collected(1)
    signed_in_as(client, an_org_officer(an_evaluation_org("A12345678")))
    assert client.get(reverse("marking:session-detail", args=[session.pk])).status_code == 404
    assert client.post(reverse("marking:session-collect", args=[session.pk])).status_code == 404


@pytest.mark.parametrize("role", [Role.SCHOOL, Role.PROVINCE, Role.AUTHOR, Role.TEACHER, Role.AUDITOR])
def test_nobody_else_has_pages_of_marking(client: Client, role: Role) -> None:
    signed_in_as(client, an_actor(role, a_school()))
    for name in ("session-list", "job-list"):
        assert client.get(reverse(f"marking:{name}")).status_code == 403


def cost(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_pages_cost_the_same_with_three_candidates_and_with_thirty(client: Client) -> None:
    officer, assessor = an_org_officer(), an_actor(Role.ASSESSOR, an_evaluation_org())
    costs: dict[str, list[int]] = {"session": [], "list": [], "queue": [], "job": []}
    for number in (3, 30):
        session = collected(number)
        signed_in_as(client, officer)
        costs["session"].append(cost(client, reverse("marking:session-detail", args=[session.pk])))
        costs["list"].append(cost(client, reverse("marking:session-list")))
        signed_in_as(client, assessor)
        costs["queue"].append(cost(client, reverse("marking:job-list")))
        job = queries.jobs_for(assessor).first()  # the first of the queue: its neighbour before is the last
        assert job is not None
        costs["job"].append(cost(client, mark_address(job)))
    assert {name: few == many for name, (few, many) in costs.items()} == dict.fromkeys(costs, True)

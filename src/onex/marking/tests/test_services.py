"""From a closed room to scored scripts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from onex.accounts.models import Membership
from onex.accounts.tests.factories import an_actor, an_evaluation_org
from onex.common.actors import Actor, Role
from onex.common.text import Refused
from onex.marking import queries, services
from onex.marking.models import Mark, MarkingJob, Script, StrayBundle
from onex.marking.tests.factories import AFTER, a_sat_session, right_answers, sit
from onex.registration.models import ExamPlanLevel
from onex.sittings.models import ExamSession
from onex.sittings.tests.factories import LATER, a_published_session
from onex.venues.tests.factories import an_org_officer

pytestmark = pytest.mark.django_db(databases=["default", "room"])


def an_assessor() -> Actor:
    return an_actor(Role.ASSESSOR, an_evaluation_org())


def collected(number: int = 2, absent: int = 0) -> ExamSession:
    session = a_sat_session(number, absent)
    services.collect(session, by=an_org_officer(), at=AFTER)
    return ExamSession.objects.get(pk=session.pk)


def full_marks(job: MarkingJob) -> dict[str, Decimal | None]:
    return {c.id: c.points for c in queries.scores_of(job.script)[job.item].needs_examiner}


def test_an_open_room_is_not_collected() -> None:
    session = a_published_session(1)
    with pytest.raises(Refused, match="考场关闭之后"):
        services.collect(session, by=an_org_officer(), at=LATER)
    assert not Script.objects.exists()


def test_a_perfect_candidate_has_hundred_in_theory_and_waits_for_the_examiner_in_practice() -> None:
    session = collected(1)
    theory, practical = session.scripts.get(part="theory"), session.scripts.get(part="practical")
    assert (theory.state, theory.points) == ("scored", Decimal("100.0"))
    assert practical.state == "marking"
    assert practical.jobs.count() == 1
    job = MarkingJob.objects.get()
    script = services.mark(job, full_marks(job), by=an_assessor(), at=AFTER)
    assert (script.state, script.points) == ("scored", Decimal("100.0"))


def test_collecting_twice_takes_nothing_twice() -> None:
    session = a_sat_session(2)
    assert services.collect(session, by=an_org_officer(), at=AFTER) == 4
    assert services.collect(ExamSession.objects.get(pk=session.pk), by=an_org_officer(), at=AFTER) == 0
    assert Script.objects.count() == 4
    assert not StrayBundle.objects.exists()


def test_collecting_ends_the_session_and_moves_the_level_to_scoring() -> None:
    session = collected(1)
    assert session.state == "ended"
    assert ExamPlanLevel.objects.get(pk=session.plan_level_id).state == "scoring"


def test_who_never_came_is_absent_and_needs_no_marks() -> None:
    session = collected(2, absent=1)
    absent = [script for script in session.scripts.all() if script.is_absent]
    assert len(absent) == 2
    assert all(script.state == "scored" for script in absent)
    marks = queries.marks_of(session.plan_level)
    assert marks[absent[0].entry_id] == {"theory": None, "practical": None}


def test_a_changed_answer_after_collection_is_set_aside_and_never_scored() -> None:
    session = a_sat_session(1)
    services.collect(session, by=an_org_officer(), at=AFTER)
    script = Script.objects.get(part="theory")
    Script.objects.filter(pk=script.pk).update(answers={})
    services.collect(ExamSession.objects.get(pk=session.pk), by=an_org_officer(), at=AFTER)
    assert StrayBundle.objects.get().reason == "contradicts"


def test_a_wrong_mark_is_refused_in_words_and_nothing_is_kept() -> None:
    collected(1)
    job = MarkingJob.objects.get()
    wrong = full_marks(job)
    wrong[next(iter(wrong))] = Decimal("99")
    with pytest.raises(Refused, match="分为一档"):
        services.mark(job, wrong, by=an_assessor(), at=AFTER)
    assert not Mark.objects.exists()
    assert MarkingJob.objects.get().state == "waiting"


def test_a_job_is_marked_once() -> None:
    collected(1)
    job = MarkingJob.objects.get()
    services.mark(job, full_marks(job), by=an_assessor(), at=AFTER)
    with pytest.raises(Refused, match="已评分"):
        services.mark(job, full_marks(job), by=an_assessor(), at=AFTER)


def test_an_assessor_never_gets_a_script_of_the_own_school() -> None:
    session = collected(1)
    assessor = an_assessor()
    assert queries.jobs_for(assessor).count() == 1
    school = session.seats.get().entry.student.school
    Membership.objects.create(user_id=assessor.user_id, role=Role.TEACHER, organisation_id=school.pk)
    assert queries.jobs_for(assessor).count() == 0
    with pytest.raises(Refused):
        services.mark(MarkingJob.objects.get(), {}, by=assessor, at=AFTER)


def test_another_organisations_assessor_marks_nothing_here() -> None:
    collected(1)
    other = an_actor(Role.ASSESSOR, an_evaluation_org("A12345678"))
    assert not queries.jobs_for(other).exists()
    with pytest.raises(Refused, match="无权办理"):
        services.mark(MarkingJob.objects.get(), {}, by=other, at=AFTER)


def test_the_last_value_of_an_item_counts() -> None:
    session = a_published_session(1)
    entry = session.seats.get().entry
    answers = right_answers(session)
    first = next(iter(answers["theory"]))
    sit(session, entry, {"theory": {first: answers["theory"][first]}})
    services.collect(session, by=an_org_officer(), at=AFTER)
    script = Script.objects.get(part="theory")
    assert script.answers == {first: answers["theory"][first]}
    assert script.points > 0


def test_the_marking_page_shows_the_work_and_nobody(client) -> None:
    from onex.accounts.tests.factories import signed_in_as

    session = collected(1)
    student = session.seats.select_related("entry__student__school").get().entry.student
    job = MarkingJob.objects.get()
    signed_in_as(client, an_assessor())
    page = client.get(f"/marking/jobs/{job.pk}/").content.decode()
    assert str(job.number) in page
    for fact in (student.name + "（", student.school.name, student.student_no, session.seats.get().ticket_no):
        assert fact not in page

"""What goes by itself: exactly what is over, counted before, traced after, and twice is once."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command

from onex.accounts.models import InstitutionRegistration, OnceToken, SignIn
from onex.accounts.rules import TokenPurpose, WhyEnded
from onex.accounts.services import end_tokens, issue_token, issue_tokens
from onex.accounts.services.sessions import begin_sign_in, end_sign_in
from onex.accounts.tests.factories import NOON, a_registration, a_submitted_registration, a_user, an_actor
from onex.common.actors import SYSTEM, Role
from onex.common.limits import enter
from onex.common.models import Attachment, LimitCount, Trace
from onex.common.reveal import DOOR
from onex.common.text import say
from onex.pilots.models import PilotApplication
from onex.portal import services
from onex.portal.management.commands.sweep import Command
from onex.registration import services as registration
from onex.registration.models import RosterImport, Student
from onex.registration.tests.factories import a_row, a_student, a_workbook, an_entered
from onex.venues.tests.factories import a_pilot_school

pytestmark = pytest.mark.django_db(databases=["default", "room"])
DAY = timedelta(days=1)


def counts(at) -> dict[str, int]:
    return {one.rule.code: one.count for one in services.due(at) if one.count}


def test_students_who_left_long_ago_and_were_never_entered_go_and_no_others() -> None:
    (entry,) = an_entered(1)
    Student.objects.filter(pk=entry.student_id).update(entry_year=2010)
    gone = a_student(entry.student.school, entry_year=2018)
    stays = a_student(entry.student.school, entry_year=2019)
    assert counts(NOON) == {"roster": 1}
    services.sweep_retention(NOON)
    assert set(Student.objects.values_list("pk", flat=True)) == {entry.student_id, stays.pk}
    assert gone.pk not in Student.objects.values_list("pk", flat=True)


def test_a_preview_that_nobody_decides_is_discarded_with_its_rows() -> None:
    school = a_pilot_school()
    roster = registration.preview_students(school, a_workbook([a_row(5)]), by=an_actor(Role.SCHOOL, school), at=NOON)
    made = RosterImport.objects.get().created_at
    assert counts(made + 6 * DAY) == {}
    services.sweep_retention(made + 8 * DAY)
    roster.refresh_from_db()
    assert (roster.state, roster.lines) == ("discarded", None)


def test_registrations_begun_and_forgotten_go_with_their_files_and_what_waits_stays() -> None:
    row, _ = a_registration()
    waits = a_submitted_registration()
    made = row.created_at
    assert Attachment.objects.count() == 2
    assert "draft" not in counts(made + 364 * DAY)
    services.sweep_retention(made + 366 * DAY)
    assert list(InstitutionRegistration.objects.all()) == [waits]
    assert Attachment.objects.count() == 1


def test_old_tokens_counts_and_sessions_go() -> None:
    user = a_user()
    issue_token(TokenPurpose.RESET, user, by=SYSTEM, at=NOON)
    ends = OnceToken.objects.get().expires_at
    enter(DOOR, at=NOON, account=str(user.pk))
    Session.objects.create(session_key="s" * 32, session_data="x", expire_date=NOON)
    assert "token" not in counts(ends + 29 * DAY)
    services.sweep_retention(ends + 31 * DAY)
    assert (OnceToken.objects.count(), LimitCount.objects.count(), Session.objects.count()) == (0, 0, 0)


def test_sign_ins_go_half_a_year_after_they_ended_and_open_ones_stay() -> None:
    old, still = (
        begin_sign_in(a_user(f"p{key[0]}"), by=SYSTEM, at=NOON, key=key, hat=None) for key in ("a" * 32, "b" * 32)
    )
    end_sign_in(old, WhyEnded.BY_SELF, at=NOON)
    assert "signin" not in counts(NOON + 183 * DAY)
    services.sweep_retention(NOON + 184 * DAY)
    assert list(SignIn.objects.all()) == [still]


def test_a_used_token_goes_as_an_expired_one_does() -> None:
    used, _ = issue_tokens(TokenPurpose.STUDENT, 2, by=SYSTEM, at=NOON)
    end_tokens([used[0].pk], at=NOON)
    assert counts(NOON + 31 * DAY) == {"token": 1}
    services.sweep_retention(NOON + 31 * DAY)
    assert OnceToken.objects.filter(used_at__isnull=True).count() == OnceToken.objects.count() == 1


def test_a_rule_that_fails_keeps_no_other_from_its_turn() -> None:
    def broken(at: datetime) -> int:
        raise OSError("the storage is away")

    a_student(a_pilot_school(), entry_year=2010)
    rules = (services.Rule("broken", say("x"), broken, broken), *services.RULES)
    found = services.sweep_retention(NOON, rules)
    assert [one.rule.code for one in found] == [rule.code for rule in services.RULES]
    assert not Student.objects.exists()


def test_the_sweep_traces_how_many_went_and_is_silent_when_nothing_did() -> None:
    a_student(a_pilot_school(), entry_year=2010)
    services.sweep_retention(NOON)
    (trace,) = Trace.objects.filter(verb="retention")
    assert trace.data == {"counts": {"roster": 1}}
    services.sweep_retention(NOON)
    assert Trace.objects.filter(verb="retention").count() == 1


def test_a_dry_run_counts_and_keeps() -> None:
    a_student(a_pilot_school(), entry_year=2010)
    said = io.StringIO()
    call_command("retention", dry_run=True, stdout=said)
    assert "roster 1" in said.getvalue()
    assert Student.objects.count() == 1
    call_command("retention", stdout=io.StringIO())
    assert Student.objects.count() == 0


def test_what_sweeps_all_day_keeps_the_retention_once_a_night() -> None:
    said = io.StringIO()
    command = Command(stdout=said)
    evening = datetime(2026, 6, 1, 23, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    school = a_pilot_school()
    a_student(school, entry_year=2010)
    command.daily(evening)
    assert "retention roster 1" in said.getvalue()
    a_student(school, entry_year=2010)
    for hours in (1, 3):  # midnight is no night's end
        command.daily(evening + timedelta(hours=hours))
    assert Student.objects.count() == 1
    command.daily(evening + timedelta(hours=4))
    assert Student.objects.count() == 0
    a_student(school, entry_year=2010)
    Command(stdout=said).daily(evening + timedelta(hours=5))  # another process, started in between
    assert Student.objects.count() == 0


def test_what_sweeps_all_day_adds_up_the_places_once_an_hour_and_counts_the_rosters_once_a_night() -> None:
    said = io.StringIO()
    command = Command(stdout=said)
    evening = datetime(2026, 6, 1, 23, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    school = a_pilot_school()
    for minutes, used in ((0, 1), (59, 2), (60, 3)):
        PilotApplication.objects.update(used_count=used)
        command.hourly(evening + timedelta(minutes=minutes))
    assert [trace.data["used_count"] for trace in Trace.objects.filter(verb="alarm").order_by("at")] == [1, 3]
    assert "places found wrong 1" in said.getvalue()
    a_student(school)
    command.daily(evening)
    assert "rosters counted again 1" in said.getvalue()


def test_a_single_sweep_is_no_retention_and_a_repeated_one_is() -> None:
    a_student(a_pilot_school(), entry_year=2010)
    call_command("sweep", stdout=io.StringIO())
    assert Student.objects.count() == 1
    command = Command(stdout=io.StringIO())
    command.stop.set()  # after the first round
    call_command(command, every=20.0)
    assert Student.objects.count() == 0

"""What goes by itself, and what goes with a person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from onex.accounts.queries import actor_in
from onex.common.actors import Role
from onex.notices import services
from onex.notices.models import Delivery, Notice, Preference, Sending
from onex.notices.rules import READ_KEPT, UNREAD_KEPT, Pace
from onex.notices.tests.factories import NOON, a_notice, a_sending, prefers, somebody, told_to
from onex.portal import services as portal
from onex.portal.queries import persons
from onex.registration.services import erase_student
from onex.registration.tests.factories import a_student

pytestmark = pytest.mark.django_db(databases=["default", "room"])
DAY = timedelta(days=1)


def test_a_notice_goes_a_year_after_it_was_read_and_its_words_with_the_last_copy() -> None:
    hats = [somebody(), somebody()]
    sending = a_sending([hat.organisation for hat in hats])
    sending.notices.filter(user=hats[0].user).update(read_at=NOON)
    sending.notices.filter(user=hats[1].user).update(read_at=NOON + 9 * DAY)
    assert services.drop_notices(NOON + READ_KEPT) == 0
    assert services.drop_notices(NOON + READ_KEPT + DAY) == 1
    assert Sending.objects.count() == 1
    assert services.drop_notices(NOON + READ_KEPT + 10 * DAY) == 1
    assert (Sending.objects.count(), Delivery.objects.count()) == (0, 0)


def test_what_nobody_read_goes_after_two() -> None:
    a_notice()
    assert services.drop_notices(NOON + UNREAD_KEPT) == 0
    assert services.drop_notices(NOON + UNREAD_KEPT + DAY) == 1


def test_a_sending_without_readers_goes_after_a_year() -> None:
    a_sending(somebody(role=Role.TEACHER).organisation)
    services.drop_notices(NOON + READ_KEPT - DAY)
    assert Sending.objects.count() == 1
    services.drop_notices(NOON + READ_KEPT + DAY)
    assert Sending.objects.count() == 0


def test_the_nightly_round_counts_it_before_and_drops_it() -> None:
    notice = a_notice()
    Notice.objects.filter(pk=notice.pk).update(read_at=NOON)
    later = NOON + READ_KEPT + DAY
    assert {one.rule.code: one.count for one in portal.due(later) if one.count} == {"notice": 1}
    portal.sweep_retention(later)
    assert not Notice.objects.exists()


def test_who_is_forgotten_takes_their_inbox_and_nobody_elses() -> None:
    leaving, staying = somebody(role=Role.LEARNER), somebody()
    for hat in (leaving, staying):
        told_to(hat)
    prefers(leaving.user, Pace.DAILY)
    row = portal.file_own_erasure(leaving.user, "不再使用", by=actor_in(leaving), at=NOON)
    portal.move_erasure(row, "approve", by=actor_in(somebody(role=Role.OPERATOR)), at=NOON)
    assert set(Notice.objects.values_list("user", flat=True)) == {staying.user_id}
    assert not Preference.objects.exists()


def test_a_student_who_is_taken_off_the_roster_takes_the_accounts_inbox_along() -> None:
    student = a_student(somebody().organisation.as_school)
    hat = somebody(student.school, Role.STUDENT)
    told_to(hat)
    hat.is_active = False
    hat.save()
    student.user = hat.user
    student.save()
    erase_student(student, at=NOON)
    assert not Notice.objects.exists()


def test_the_copy_of_ones_data_holds_what_one_was_told() -> None:
    hat = somebody()
    notice = told_to(hat)
    told_to(somebody(), values={"school": "别的学校", "reason": "x", "until": "y"})
    held = dict(persons.held_about([], hat.user))
    assert [row["正文"] for row in held["消息发送"]] == [notice.sending.text]
    assert len(held["消息"]) == 1

"""How notices go out: after the commit, again after a failure, once a day, and never twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail

from onex.accounts.models import Membership
from onex.accounts.tests.factories import a_school, an_operator
from onex.common import moves, tx
from onex.common.actors import Role
from onex.common.models import Trace
from onex.common.post import outbox
from onex.common.tests.at_once import at_once
from onex.notices import queries, services
from onex.notices.models import Delivery, Notice, Sending
from onex.notices.rules import BACKOFF, IN_A_ROW, LEASE, Pace, Standing, digest_after
from onex.notices.tests import broken_posts
from onex.notices.tests.factories import NOON, URGENT, a_sending, a_template, an_officer, prefers, somebody, told_to

pytestmark = pytest.mark.django_db
DEAD = "onex.notices.tests.broken_posts.Dead"
PICKY = "onex.notices.tests.broken_posts.Picky"


@pytest.fixture(autouse=True)
def _not_tried() -> None:
    broken_posts.tried.clear()


def mail_of(notice: Notice) -> Delivery:
    return Delivery.objects.get(notice=notice, channel="mail")


def test_a_dead_mail_server_leaves_what_was_decided_and_the_mail_is_tried_again(settings) -> None:
    settings.EMAIL_BACKEND = DEAD
    hat, officer = somebody(), an_officer()
    with tx.write():
        moves.leave_trace(hat.organisation, "return", by=officer, at=NOON)
        notice = told_to(hat, by=officer)
    assert Trace.objects.filter(verb="return").exists()
    first = mail_of(notice)
    assert (first.standing, first.why, first.tries) == (Standing.AGAIN, "unreachable", 1)
    assert first.due_at is not None
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert services.sweep_notices(at=first.due_at - timedelta(seconds=1)).done == 0
    assert services.sweep_notices(at=first.due_at).done == 1
    sent = mail_of(notice)
    assert (sent.standing, sent.sent_at, sent.tries) == (Standing.SENT, first.due_at, 2)


def test_the_second_try_is_no_second_mail() -> None:
    notice = told_to(somebody())
    for hours in range(3):
        services.sweep_notices(at=NOON + timedelta(hours=hours))
        services.deliver(at=NOON + timedelta(hours=hours), sending=notice.sending_id)
    assert len(mail.outbox) == 1


def test_after_the_last_try_it_is_given_up(settings) -> None:
    settings.EMAIL_BACKEND = DEAD
    notice = told_to(somebody())
    for _ in BACKOFF:
        due = mail_of(notice).due_at
        assert due is not None
        services.sweep_notices(at=due)
    assert mail_of(notice).standing == Standing.FAILED
    assert queries.receipts_of(Sending.objects.all()).get().lost_count == 1  # type: ignore[attr-defined]


def test_an_address_that_is_refused_stops_nobody_else(settings) -> None:
    school = a_school()
    somebody(school, email="nobody@example.edu.cn")
    somebody(school, email="zhou@example.edu.cn")
    settings.EMAIL_BACKEND = PICKY
    sending = a_sending(school)
    found = {one.notice.user.email: one.why for one in Delivery.objects.filter(channel="mail")}
    assert found == {"nobody@example.edu.cn": "refused", "zhou@example.edu.cn": ""}
    assert broken_posts.tried == ["zhou@example.edu.cn"]
    assert sending.notices.count() == 2


def test_an_address_that_would_write_headers_goes_nowhere() -> None:
    notice = told_to(somebody(email="a@example.edu.cn\nBcc: all@example.com"))
    assert mail_of(notice).why == "broken"
    assert mail.outbox == []


def test_a_server_that_is_down_is_not_asked_for_everybody(settings) -> None:
    settings.EMAIL_BACKEND = DEAD
    school = a_school()
    for n in range(IN_A_ROW + 4):
        somebody(school, email=f"p{n}@example.edu.cn")
    a_sending(school)
    assert len(broken_posts.tried) == IN_A_ROW
    services.sweep_notices(at=NOON + timedelta(seconds=20))
    assert len(set(broken_posts.tried)) == 2 * IN_A_ROW  # the next ones: who was tried waits longer


def test_a_provider_of_text_messages_that_is_away_is_tried_again(settings) -> None:
    settings.SMS_SENDER = "onex.notices.tests.broken_posts.DeadSms"
    notice = told_to(somebody(phone="13800001234"), code=URGENT)
    (sms,) = notice.deliveries.filter(channel="sms")
    assert sms.standing == Standing.AGAIN
    settings.SMS_SENDER = "onex.common.post.MemorySms"
    services.sweep_notices(at=sms.due_at)
    assert len(outbox) == 1


def test_what_somebody_took_and_left_lying_is_taken_again_after_a_while() -> None:
    notice = told_to(somebody())
    Delivery.objects.filter(notice=notice, channel="mail").update(sent_at=None, due_at=NOON + LEASE)
    mail.outbox.clear()
    assert services.sweep_notices(at=NOON + LEASE - timedelta(seconds=1)).done == 0
    assert services.sweep_notices(at=NOON + LEASE).done == 1
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_the_job_and_two_sweeps_at_once_send_one_mail() -> None:
    for _ in range(3):
        notice = told_to(somebody())
        Delivery.objects.filter(notice=notice, channel="mail").update(sent_at=None, due_at=NOON)
    mail.outbox.clear()
    later = NOON + timedelta(seconds=1)
    at_once(*[lambda n=n: services.deliver(at=later + timedelta(seconds=n)) for n in range(3)])  # type: ignore[misc]
    assert len(mail.outbox) == 3


def test_who_left_meanwhile_is_not_written_to(settings) -> None:
    settings.EMAIL_BACKEND = DEAD
    hat = somebody()
    notice = told_to(hat)
    Membership.objects.filter(pk=hat.pk).update(is_active=False)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    services.sweep_notices(at=NOON + timedelta(hours=1))
    assert (mail_of(notice).why, mail.outbox) == ("left", [])


# --- the mail of the day ------------------------------------------------------------------------------------------


def a_digest_reader() -> Membership:
    hat = somebody()
    prefers(hat.user, Pace.DAILY)
    return hat


def test_the_day_is_told_in_one_mail_at_its_hour() -> None:
    hat = a_digest_reader()
    for minutes in (0, 90):
        told_to(hat, at=NOON + timedelta(minutes=minutes))
    five = digest_after(NOON)
    services.sweep_notices(at=five - timedelta(minutes=1))
    assert mail.outbox == []
    assert services.sweep_notices(at=five).done == 1
    (message,) = mail.outbox
    assert message.subject == "OneX 今日消息 2 条"
    assert f"【{hat.organisation.name}】" in message.body
    assert message.body.index("12:00  钱江") < message.body.index("13:30  钱江")
    services.sweep_notices(at=five + timedelta(hours=20))
    assert len(mail.outbox) == 1


def test_what_was_read_is_not_told_again() -> None:
    hat = a_digest_reader()
    read, unread = told_to(hat), told_to(hat)
    Notice.objects.filter(pk=read.pk).update(read_at=NOON)
    services.sweep_notices(at=digest_after(NOON))
    assert mail.outbox[0].subject == "OneX 今日消息 1 条"
    assert (mail_of(read).standing, mail_of(unread).standing) == (Standing.SPARED, Standing.SENT)


def test_a_day_that_was_all_read_sends_nothing() -> None:
    hat = a_digest_reader()
    told_to(hat)
    Notice.objects.update(read_at=NOON)
    services.sweep_notices(at=digest_after(NOON))
    assert mail.outbox == []


def test_a_mail_of_the_day_that_fails_is_sent_later_with_all_of_it(settings) -> None:
    hat = a_digest_reader()
    told_to(hat)
    told_to(hat)
    five = digest_after(NOON)
    settings.EMAIL_BACKEND = DEAD
    services.sweep_notices(at=five)
    assert set(Delivery.objects.filter(channel="mail").values_list("why", "tries")) == {("unreachable", 1)}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    services.sweep_notices(at=five + BACKOFF[0])
    assert mail.outbox[0].subject == "OneX 今日消息 2 条"


# --- what never went ----------------------------------------------------------------------------------------------


def test_the_operator_hears_once_a_day_of_what_never_went() -> None:
    keeper = somebody(an_operator(), Role.OPERATOR)
    notice = told_to(somebody())
    Delivery.objects.filter(notice=notice, channel="mail").update(
        sent_at=None, due_at=None, why="refused", tried_at=NOON
    )
    for hours in (1, 20, 21):
        services.sweep_notices(at=NOON + timedelta(hours=hours))
    (told,) = Notice.objects.filter(user=keeper.user)
    assert told.sending.subject == "2026年11月24日有 1 条邮件或短信发送失败"
    assert told.deliveries.get().channel == "inbox"


def test_a_sweep_with_nothing_to_do_asks_a_few_questions_and_writes_nothing(django_assert_max_num_queries) -> None:
    a_template()
    with django_assert_max_num_queries(4):
        swept = services.sweep_notices(at=NOON)
    assert (swept.done, swept.failed) == (0, ())

"""Who is told what: the people of a role, once each, in words that stay as they were."""

from __future__ import annotations

import pytest
from django.core import mail
from django.utils import translation

from onex.accounts.models import Membership
from onex.accounts.queries import actor_in
from onex.accounts.tests.factories import a_hat, a_school, a_user, another_province
from onex.common import tx
from onex.common.actors import SYSTEM, Role
from onex.common.post import outbox
from onex.common.text import say
from onex.notices import queries, services
from onex.notices.models import Delivery, Notice, Sending
from onex.notices.rules import Pace
from onex.notices.tests.factories import (
    NOON,
    RETURNED,
    URGENT,
    a_sending,
    a_template,
    an_officer,
    prefers,
    some_values,
    somebody,
    told_to,
)

pytestmark = pytest.mark.django_db


def test_everybody_in_the_role_at_the_organisation_is_told_and_nobody_else() -> None:
    school = a_school()
    first, second = somebody(school), somebody(school, Role.REGISTRAR)
    somebody(school, Role.TEACHER)
    somebody(a_school())
    sending = a_sending(school, (Role.SCHOOL, Role.REGISTRAR))
    assert {row.user for row in sending.notices.all()} == {first.user, second.user}


def test_who_may_not_come_in_any_more_is_not_told() -> None:
    school = a_school()
    laid_aside, disabled = somebody(school), somebody(school)
    Membership.objects.filter(pk=laid_aside.pk).update(is_active=False, suspended_at=NOON)
    disabled.user.is_active = False
    disabled.user.save()
    assert a_sending(school).notices.count() == 0


def test_two_roles_of_one_person_at_one_organisation_get_one_copy_in_the_role_named_first() -> None:
    hat = somebody(role=Role.REGISTRAR)
    a_hat(Role.SCHOOL, hat.organisation, hat.user)
    sending = a_sending(hat.organisation, (Role.SCHOOL, Role.REGISTRAR))
    assert [row.role for row in sending.notices.all()] == ["school"]


def test_many_organisations_are_told_at_once_and_counted_together() -> None:
    schools = [a_school() for _ in range(3)]
    for school in schools:
        somebody(school)
    sending = a_sending(schools)
    assert queries.receipts_of(Sending.objects.filter(pk=sending.pk)).get().told_count == 3  # type: ignore[attr-defined]


def test_telling_thirty_costs_as_many_queries_as_telling_three(django_assert_max_num_queries) -> None:
    officer, costs = an_officer(), []
    a_template()
    for count in (3, 30):
        school = a_school()
        for _ in range(count):
            somebody(school, email="")
        with django_assert_max_num_queries(20) as asked:
            assert a_sending(school, by=officer).notices.count() == count
        costs.append(len(asked))
    assert costs[0] == costs[1]


def test_who_acts_is_not_told_what_they_did() -> None:
    hat = somebody()
    assert a_sending(hat.organisation, by=actor_in(hat)).notices.count() == 0
    assert a_sending(hat.organisation, by=actor_in(hat), also_self=True).notices.count() == 1


def test_a_notice_says_what_the_template_said_then() -> None:
    hat = somebody()
    notice = told_to(hat, values=some_values(reason=say("没有{what}", what="师资表")))
    assert notice.sending.subject == "钱江职业技术学院的申报被退回"
    assert "因“没有师资表”被退回，请在 2026年11月24日 12:00 前修改" in notice.sending.text


def test_it_is_frozen_in_chinese_whoever_pressed_the_button() -> None:
    with translation.override("en"):
        sending = services.tell(
            "notices.mail_failed",
            organisation=a_school(),
            roles=[Role.SCHOOL],
            values={"day": "12月27日", "count": 1200},
            by=SYSTEM,
            at=NOON,
        )
    assert sending is not None
    assert sending.subject == "12月27日有 1,200 条邮件或短信发送失败"


def test_a_value_is_never_read_as_a_template_nor_as_a_header() -> None:
    notice = told_to(somebody(), values=some_values(school="{reason}\r\nBcc: all@example.com\x00"))
    assert notice.sending.subject == "{reason} Bcc: all@example.com的申报被退回"
    (message,) = mail.outbox
    assert message.bcc == []
    assert "\n" not in message.subject


def test_a_caller_who_forgets_a_value_or_leads_elsewhere_is_told_so_at_once() -> None:
    a_template()
    school, officer = a_school(), an_officer()
    for values in ({"school": "x"}, some_values(more=1)):
        with pytest.raises(ValueError, match=RETURNED):
            services.tell(RETURNED, organisation=school, roles=[Role.SCHOOL], values=values, by=officer, at=NOON)
    with pytest.raises(ValueError, match="no path"):
        a_sending(school, link="https://evil.example/")
    with pytest.raises(KeyError):
        services.tell("no.such", organisation=school, roles=[], values={}, by=officer, at=NOON)
    assert Sending.objects.count() == 0


def test_a_reminder_under_one_mark_is_told_once() -> None:
    hat = somebody()
    assert a_sending(hat.organisation, once="plan 7: three days left").notices.count() == 1
    with pytest.raises(ValueError, match="before"):
        a_sending(hat.organisation, once="plan 7: three days left")
    assert (Notice.objects.count(), len(mail.outbox)) == (1, 1)


def test_what_is_rolled_back_was_never_told() -> None:
    hat = somebody()

    def begun_and_broken() -> None:
        with tx.write():
            a_sending(hat.organisation)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        begun_and_broken()
    assert (Notice.objects.count(), Delivery.objects.count(), Sending.objects.count()) == (0, 0, 0)


def test_people_can_be_told_themselves_whatever_they_wear() -> None:
    a_template()
    person, gone = a_user(), a_user()
    gone.is_active = False
    sending = services.tell_people(RETURNED, users=[person, gone, person], values=some_values(), by=SYSTEM, at=NOON)
    assert sending is not None
    (notice,) = sending.notices.all()
    assert (notice.user, notice.organisation, notice.role) == (person, None, "")


# --- ways ---------------------------------------------------------------------------------------------------------


def ways(notice: Notice) -> dict[str, str]:
    return {one.channel: str(one.standing) for one in notice.deliveries.all()}


def test_mail_goes_at_once_unless_the_person_chose_otherwise() -> None:
    at_once, daily, inbox = somebody(), somebody(), somebody()
    prefers(daily.user, Pace.DAILY)
    prefers(inbox.user, Pace.INBOX)
    found = [ways(told_to(hat)) for hat in (at_once, daily, inbox)]
    assert found == [{"inbox": "sent", "mail": "sent"}, {"inbox": "sent", "mail": "waiting"}, {"inbox": "sent"}]
    assert len(mail.outbox) == 1


def test_the_mail_has_the_text_and_the_way_back_and_nothing_about_the_person(settings) -> None:
    hat = somebody()
    notice = told_to(hat)
    (message,) = mail.outbox
    assert message.subject == notice.sending.subject
    assert message.body.startswith(notice.sending.text)
    assert f"{settings.PUBLIC_URL}/notices/{notice.pk}/" in message.body
    assert hat.user.name not in message.body
    assert hat.user.username not in message.body
    assert message.to == ["zhou@example.edu.cn"]


def test_what_is_urgent_goes_to_the_phone_too_whatever_was_chosen() -> None:
    hat = somebody(phone="13800001234")
    prefers(hat.user, Pace.INBOX)
    notice = told_to(hat, code=URGENT)
    assert ways(notice) == {"inbox": "sent", "mail": "sent", "sms": "sent"}
    assert [one.phone for one in outbox] == ["13800001234"]
    assert "\n" not in outbox[0].text


def test_who_has_no_phone_gets_no_text_message_and_who_has_no_mail_is_told_inside() -> None:
    notice = told_to(somebody(email=""), code=URGENT)
    assert ways(notice) == {"inbox": "sent", "mail": "spared"}
    assert outbox == []


def test_what_is_not_urgent_never_goes_to_a_phone() -> None:
    assert "sms" not in ways(told_to(somebody(phone="13800001234")))


def test_another_organisation_reads_the_same_words() -> None:
    a, b = somebody(a_school()), somebody(a_school(province=another_province()))
    sending = a_sending([a.organisation, b.organisation])
    assert Sending.objects.count() == 1
    assert {row.sending_id for row in Notice.objects.all()} == {sending.pk}

"""The pages: one's own notices and nobody else's, what was sent and read, and the words of the templates."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from onex.accounts.models import Membership
from onex.accounts.tests.factories import (
    a_hat,
    a_province,
    a_school,
    an_actor,
    an_operator,
    another_province,
    signed_in_as,
    signed_in_with,
)
from onex.common.actors import SYSTEM, Role
from onex.common.models import Trace
from onex.notices.models import Notice, NoticeTemplate, Preference
from onex.notices.rules import Pace
from onex.notices.tests.factories import (
    NOON,
    RETURNED,
    a_notice,
    a_sending,
    a_template,
    an_officer,
    an_urgent_template,
    somebody,
    told_to,
)

pytestmark = pytest.mark.django_db
INBOX = reverse("notices:inbox")


def page(client: Client, url: str, **more: Any) -> str:
    answer = client.get(url, **more)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def reader(client: Client, hat: Membership | None = None) -> Membership:
    hat = hat or somebody()
    signed_in_with(client, hat)
    return hat


# --- the inbox ----------------------------------------------------------------------------------------------------


def test_the_inbox_shows_unread_first_and_the_bell_counts_them(client) -> None:
    hat = reader(client)
    old = told_to(hat, at=NOON - timedelta(days=2))
    new = told_to(hat, at=NOON)
    Notice.objects.filter(pk=new.pk).update(read_at=NOON)
    text = page(client, INBOX)
    assert text.index(str(old.pk)) < text.index(str(new.pk))
    assert '<span class="ox-top-count">1<' in text


def test_opening_marks_as_read_and_leads_to_what_it_is_about(client) -> None:
    hat = reader(client)
    notice = told_to(hat, link="/accounts/security/")
    answer = client.post(reverse("notices:notice-open", args=[notice.pk]))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/security/")
    notice.refresh_from_db()
    assert notice.read_at is not None
    assert "ox-top-count" not in page(client, INBOX)


def test_looking_changes_nothing_and_the_browser_says_when_it_was_seen(client) -> None:
    hat = reader(client)
    notice = told_to(hat)
    text = page(client, reverse("notices:notice-detail", args=[notice.pk]))
    read = reverse("notices:notice-read", args=[notice.pk])
    assert f'hx-post="{read}" hx-trigger="load"' in text
    notice.refresh_from_db()
    assert notice.read_at is None
    assert client.post(read, headers={"HX-Request": "true"}).status_code == 204
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_marking_all_leaves_what_came_after_the_page(client) -> None:
    hat = reader(client)
    seen, later = told_to(hat, at=NOON), told_to(hat, at=NOON + timedelta(minutes=1))
    client.post(reverse("notices:inbox-read"), {"until": (NOON + timedelta(seconds=1)).isoformat()})
    seen.refresh_from_db()
    later.refresh_from_db()
    assert (seen.read_at is not None, later.read_at) == (True, None)


@pytest.mark.parametrize("verb", ["notice-detail", "notice-open", "notice-read"])
def test_somebody_elses_notice_is_not_there(client, verb: str) -> None:
    reader(client)
    other = a_notice()
    url = reverse(f"notices:{verb}", args=[other.pk])
    answer = client.get(url) if verb == "notice-detail" else client.post(url)
    assert answer.status_code == 404
    other.refresh_from_db()
    assert other.read_at is None


def test_a_colleague_in_the_same_hat_has_a_copy_of_their_own(client) -> None:
    school = a_school()
    mine, theirs = somebody(school), somebody(school)
    sending = a_sending(school)
    signed_in_with(client, mine)
    assert (
        client.get(reverse("notices:notice-detail", args=[sending.notices.get(user=theirs.user).pk])).status_code == 404
    )
    assert str(sending.notices.get(user=mine.user).pk) in page(client, INBOX)


def test_who_wears_two_hats_sees_which_hat_it_was_for_and_may_choose_one(client) -> None:
    hat = somebody()
    other = a_hat(Role.PROVINCE, another_province(), hat.user)
    first, second = told_to(hat), told_to(other)
    signed_in_with(client, hat)
    text = page(client, INBOX)
    assert f"发给：试点院校 · {hat.organisation.name}" in text
    assert f"发给：省级教育行政部门 · {other.organisation.name}" in text
    only = page(client, f"{INBOX}?hat=province:{other.organisation_id}")
    assert str(second.pk) in only
    assert str(first.pk) not in only


def test_what_was_sent_to_the_other_hat_asks_to_put_it_on_first(client) -> None:
    hat = somebody()
    other = a_hat(Role.PROVINCE, another_province(), hat.user)
    notice = told_to(other, link="/pilots/plans/")
    signed_in_with(client, hat)
    detail = reverse("notices:notice-detail", args=[notice.pk])
    assert client.post(reverse("notices:notice-open", args=[notice.pk])).headers["Location"] == detail
    text = page(client, detail)
    assert "切换身份并打开" in text
    answer = client.post(reverse("accounts:hat-switch"), {"hat": str(other.pk), "next": "/pilots/plans/"})
    assert answer.headers["Location"] == "/pilots/plans/"


def test_what_a_hat_was_told_goes_with_the_hat(client) -> None:
    hat = somebody()
    kept = a_hat(Role.PROVINCE, another_province(), hat.user)
    notice = told_to(hat)
    Membership.objects.filter(pk=hat.pk).update(is_active=False)
    signed_in_with(client, kept)
    assert str(notice.pk) not in page(client, INBOX)
    assert client.get(reverse("notices:notice-detail", args=[notice.pk])).status_code == 404


@pytest.mark.parametrize(
    "query",
    ["q=%00", "q=a%00b", "hat=%00", "hat=school:not-a-key", "hat=school:", "state=%00", "page=-1", "page=9999999999"],
)
def test_what_is_typed_wrongly_into_the_address_breaks_nothing(client, query: str) -> None:
    hat = reader(client)
    told_to(hat)
    assert client.get(f"{INBOX}?{query}").status_code == 200


@pytest.mark.parametrize(
    "until", ["\x00", "yesterday", "2026-13-45T00:00:00Z", "2026-11-24T00:00:00", "9999-12-31T23:59:59Z"]
)
def test_marking_all_with_a_moment_that_is_none_marks_what_is_there_now(client, until: str) -> None:
    notice = told_to(reader(client))
    assert client.post(reverse("notices:inbox-read"), {"until": until}).status_code == 302
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_search_finds_words_and_senders(client) -> None:
    hat = reader(client)
    notice = told_to(hat)
    for words, found in (("钱江", True), ("师资表", True), ("江苏省", True), ("四川", False)):
        assert (str(notice.pk) in page(client, INBOX, data={"q": words})) is found, words


def test_words_of_a_notice_are_text_and_never_markup(client) -> None:
    hat = reader(client)
    notice = told_to(hat, values={"school": "<script>alert(1)</script>", "reason": "<b>", "until": "x"})
    for url in (INBOX, reverse("notices:notice-detail", args=[notice.pk])):
        assert "<script>alert" not in page(client, url)


def cost(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as found:
        page(client, url)
    return len(found)


def test_the_inbox_costs_the_same_with_three_and_with_thirty(client) -> None:
    hat = reader(client)
    officer = an_officer()
    for _ in range(3):
        told_to(hat, by=officer)
    page(client, INBOX)
    few = cost(client, INBOX)
    for _ in range(27):
        told_to(hat, by=officer)
    assert cost(client, INBOX) == few


# --- how one wants to be told -------------------------------------------------------------------------------------


def test_everybody_chooses_for_what_their_hats_are_told(client) -> None:
    a_template()
    hat = reader(client)
    url = reverse("notices:preferences")
    text = page(client, url)
    assert "申报被退回" in text
    assert "邮件或短信发不出去" not in text
    assert "z***@example.edu.cn" in text
    assert client.post(url, {"notices__sample": "daily"}).status_code == 302
    assert Preference.objects.get(user=hat.user).pace == Pace.DAILY
    assert Trace.objects.filter(verb="choose", actor_id=hat.user_id).count() == 1
    client.post(url, {"notices__sample": "daily"})
    assert Trace.objects.filter(verb="choose", actor_id=hat.user_id).count() == 1  # nothing changed


def test_what_is_urgent_cannot_be_put_off(client) -> None:
    an_urgent_template()
    hat = reader(client)
    url = reverse("notices:preferences")
    assert "紧急消息：总是立即" in page(client, url)
    client.post(url, {"notices__sample_urgent": "inbox"})
    assert not Preference.objects.filter(user=hat.user).exists()


def test_a_pace_that_is_none_is_refused_beside_its_field(client) -> None:
    a_template()
    hat = reader(client)
    answer = client.post(reverse("notices:preferences"), {"notices__sample": "hourly"})
    assert answer.status_code == 422
    assert not Preference.objects.filter(user=hat.user).exists()


# --- what was sent ------------------------------------------------------------------------------------------------


def test_who_sent_it_sees_how_many_have_read_it_but_no_names(client) -> None:
    officer = an_officer()
    hats = [somebody(name) for name in (a_school("甲职业学院"), a_school("乙职业学院"))]
    sending = a_sending([hat.organisation for hat in hats], by=officer)
    sending.notices.filter(user=hats[0].user).update(read_at=NOON)
    signed_in_as(client, officer)
    assert "2 人收到，1 人已读" in page(client, reverse("notices:sending-detail", args=[sending.pk]))
    text = page(client, reverse("notices:sending-detail", args=[sending.pk]), data={"state": "unread"})
    assert "乙职业学院" in text
    assert "甲职业学院" not in text.split("<tbody>")[1]
    assert hats[1].user.username not in text
    assert sending.subject in page(client, reverse("notices:sending-list"))


def test_what_the_platform_sent_by_itself_is_said_to_be_the_platforms(client) -> None:
    sending = a_sending(a_school(), by=SYSTEM)
    signed_in_as(client, an_actor(Role.OPERATOR, an_operator()))
    text = page(client, reverse("notices:sending-detail", args=[sending.pk]))
    assert "平台" in text.partition("发送机构")[2].partition("发送时间")[0]


def test_another_province_does_not_see_it_and_its_readers_see_no_receipts(client) -> None:
    sending = a_sending(a_school(), by=an_officer(a_province()))
    url = reverse("notices:sending-detail", args=[sending.pk])
    signed_in_as(client, an_officer(another_province()))
    assert client.get(url).status_code == 404
    assert sending.subject not in page(client, reverse("notices:sending-list"))
    signed_in_as(client, an_actor(Role.TEACHER, a_school()))
    assert client.get(url).status_code == 403
    assert client.get(reverse("notices:sending-list")).status_code == 403


def test_receipts_leave_as_a_file_and_leave_a_trace(client) -> None:
    officer = an_officer()
    sending = a_sending(somebody(a_school("甲职业学院"), email="").organisation, by=officer)
    signed_in_as(client, officer)
    answer = client.get(reverse("notices:sending-export", args=[sending.pk]))
    row = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()[1]
    assert row == ["甲职业学院", "试点院校", "", "无须发送（没有登记联系方式）", "未选用"]
    assert Trace.objects.filter(verb="export", subject_id=sending.pk).count() == 1
    assert client.get(reverse("notices:sent-export")).status_code == 200


def test_nobody_there_is_said(client) -> None:
    officer = an_officer()
    sending = a_sending(a_school(), by=officer)
    signed_in_as(client, officer)
    assert "没有人收到这条消息" in page(client, reverse("notices:sending-detail", args=[sending.pk]))


@pytest.mark.parametrize("sort", ["sent", "-told", "read", "-lost", "%00", "sending__user__password"])
def test_sent_notices_sort_by_what_is_shown(client, sort: str) -> None:
    officer = an_officer()
    a_sending(a_school(), by=officer)
    signed_in_as(client, officer)
    assert client.get(f"{reverse('notices:sending-list')}?sort={sort}").status_code == 200


def test_lists_of_what_was_sent_cost_the_same_with_three_and_with_thirty(client) -> None:
    officer = an_officer()
    signed_in_as(client, officer)
    schools = [somebody().organisation for _ in range(30)]
    few, many = a_sending(schools[:3], by=officer), a_sending(schools, by=officer)
    a_sending(schools[:3], by=officer)
    listed, detail = reverse("notices:sending-list"), "notices:sending-detail"
    page(client, listed)
    before = cost(client, listed)
    for _ in range(27):
        a_sending(schools[:1], by=officer)
    assert cost(client, listed) == before
    assert cost(client, reverse(detail, args=[few.pk])) == cost(client, reverse(detail, args=[many.pk]))


# --- the words ----------------------------------------------------------------------------------------------------


def an_editor(client: Client) -> Any:
    a_template()
    actor = an_actor(Role.OPERATOR, an_operator())
    signed_in_as(client, actor)
    return actor


EDIT = reverse("notices:template-edit", args=[RETURNED])
WORDS = {"subject": "{school}：请修改申报", "text": "理由：{reason}", "version": "0"}


def test_an_operator_changes_the_words_and_the_next_notice_has_them(client) -> None:
    an_editor(client)
    hat = somebody()
    before = told_to(hat)
    assert client.post(EDIT, WORDS).status_code == 302
    after = told_to(hat)
    before.sending.refresh_from_db()
    assert before.sending.subject == "钱江职业技术学院的申报被退回"
    assert (after.sending.subject, after.sending.text) == ("钱江职业技术学院：请修改申报", "理由：缺少师资表")
    trace = Trace.objects.get(verb="save")
    assert trace.data["before"]["subject"] == "{school}的申报被退回"
    assert trace.data["after"]["subject"] == "{school}：请修改申报"
    assert "已修改" in page(client, EDIT)


def test_a_place_that_is_none_is_refused_beside_the_words_with_the_allowed_ones(client) -> None:
    an_editor(client)
    answer = client.post(EDIT, WORDS | {"text": "理由：{reason.__class__}"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "“{reason.__class__}”不是这个模板的占位符" in text
    assert "{school}（院校）、{reason}（退回理由）" in text
    assert "理由：{reason.__class__}</textarea>" in text  # nothing typed is lost
    assert not NoticeTemplate.objects.exists()


def test_a_look_at_the_words_saves_nothing(client) -> None:
    an_editor(client)
    text = client.post(EDIT, WORDS | {"then": "preview"}).content.decode()
    assert "预览（尚未保存）" in text
    assert "院校：请修改申报" in text
    assert not NoticeTemplate.objects.exists()


def test_the_built_in_words_come_back_and_both_steps_are_traced(client) -> None:
    an_editor(client)
    client.post(EDIT, WORDS)
    version = NoticeTemplate.objects.get().version
    assert client.post(reverse("notices:template-reset", args=[RETURNED]), {"version": version}).status_code == 302
    assert "内置文字" in page(client, EDIT)
    assert told_to(somebody()).sending.subject == "钱江职业技术学院的申报被退回"
    assert set(Trace.objects.filter(subject_type="notices.noticetemplate").values_list("verb", flat=True)) == {
        "save",
        "reset",
    }


def test_a_stale_page_does_not_overwrite_what_another_saved(client) -> None:
    an_editor(client)
    client.post(EDIT, WORDS)
    answer = client.post(EDIT, WORDS | {"subject": "旧"})
    assert answer.status_code == 409
    assert "刚刚被别人改动" in answer.content.decode()
    assert client.post(reverse("notices:template-reset", args=[RETURNED]), {"version": "0"}).status_code == 409
    assert NoticeTemplate.objects.get().subject == "{school}：请修改申报"


@pytest.mark.parametrize("role", [Role.PROVINCE, Role.SCHOOL, Role.AUDITOR, Role.SYSTEM_ADMIN])
def test_nobody_else_touches_the_words(client, role: Role) -> None:
    a_template()
    organisation = {Role.PROVINCE: a_province, Role.SCHOOL: a_school}.get(role, an_operator)()
    signed_in_as(client, an_actor(role, organisation))
    for url in (reverse("notices:template-list"), EDIT):
        assert client.get(url).status_code == 403
    assert client.post(EDIT, WORDS).status_code == 403


@pytest.mark.parametrize("code", ["no.such", "../x", "notices.sample\x00", "__class__"])
def test_a_template_that_is_none_is_not_there(client, code: str) -> None:
    an_editor(client)
    assert client.get(reverse("notices:template-list") + f"{code}/").status_code == 404


def test_an_operator_finds_templates_by_words_and_by_what_was_changed(client) -> None:
    an_editor(client)
    client.post(EDIT, WORDS)
    listed = reverse("notices:template-list")
    assert EDIT in page(client, listed, data={"q": "请修改"})
    assert EDIT in page(client, listed, data={"state": "changed"})
    assert EDIT not in page(client, listed, data={"q": "没有这样的"})
    assert EDIT not in page(client, listed, data={"state": "urgent", "q": "\x00"})

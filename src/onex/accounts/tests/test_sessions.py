"""A session is worth what its sign-in says: begun, followed, ended, and dead at the next request."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings as site
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from onex.accounts import kept, services
from onex.accounts.models import Membership, SignIn, User
from onex.accounts.services.sessions import sweep_sign_ins
from onex.accounts.tests.factories import (
    PASSWORD,
    a_hat,
    a_province,
    a_school,
    a_user,
    an_actor,
    an_evaluation_org,
    an_operator,
    signed_in_as,
    signed_in_with,
)
from onex.common.actors import Role
from onex.common.clock import now
from onex.common.models import Trace
from onex.common.text import Refused

pytestmark = pytest.mark.django_db
SIGN_IN, DESK = "/accounts/sign-in/", "/desk/"
SECURITY = "/accounts/security/"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/109.0.0.0 Safari/537.36"


def text_of(response) -> str:
    return response.content.decode()


def sign_in(client: Client, user: User, **more: str):
    return client.post(SIGN_IN, {"username": user.username, "password": PASSWORD, **more})


def is_in(client: Client) -> bool:
    return client.get(SECURITY).status_code == 200


def out_with(client: Client) -> str:
    """Asks for a page and is sent to the door; the sentence that stands there."""
    response = client.get(SECURITY)
    assert response.status_code == 302
    assert response.url.startswith(SIGN_IN)
    return text_of(client.get(response.url))


def the_sign_in() -> SignIn:
    return SignIn.objects.get()


def copied(client: Client) -> Client:
    """Another browser with the same cookies: what a thief has."""
    thief = Client()
    thief.cookies.load({name: morsel.value for name, morsel in client.cookies.items()})
    return thief


@pytest.fixture
def school() -> Membership:
    return a_hat(Role.SCHOOL, a_school())


# --- beginning


def test_signing_in_is_written_down_with_browser_and_address(school) -> None:
    client = Client(headers={"User-Agent": CHROME}, REMOTE_ADDR="203.0.113.7")
    sign_in(client, school.user)
    row = the_sign_in()
    assert (row.user, row.hat, row.address, row.agent) == (school.user, school, "203.0.113.7", "Chrome 109 · Windows")
    trace = Trace.objects.get(verb="sign_in")
    assert (trace.actor_id, trace.hat, trace.address) == (school.user_id, "school", "203.0.113.7")
    assert client.session.session_key not in (row.key_digest, str(row.__dict__))


def test_abuse_16_a_session_known_before_signing_in_is_worth_nothing_after(client, school) -> None:
    session = client.session  # the attacker's own, planted in the victim's browser
    session["planted"] = "yes"
    session.save()
    fixed = session.session_key
    client.cookies[site.SESSION_COOKIE_NAME] = fixed
    sign_in(client, school.user)
    assert client.session.session_key != fixed
    attacker = Client()
    attacker.cookies[site.SESSION_COOKIE_NAME] = fixed
    assert not is_in(attacker)
    assert is_in(client)


def test_abuse_16_a_cookie_after_signing_out_is_dead(client, school) -> None:
    sign_in(client, school.user)
    thief = copied(client)
    assert is_in(thief)
    response = client.post("/accounts/sign-out/")
    assert response["Clear-Site-Data"] == '"cache"'
    assert not is_in(thief)
    assert not Session.objects.filter(session_key=thief.cookies[site.SESSION_COOKIE_NAME].value).exists()
    assert the_sign_in().why_ended == "signed_out"


def test_abuse_16_a_session_row_that_comes_back_is_dead_too(client, school) -> None:
    """A restored backup, a copy of the table: the sign-in has ended, whatever the session says."""
    sign_in(client, school.user)
    row = Session.objects.get(session_key=client.session.session_key)
    thief = copied(client)
    client.post("/accounts/sign-out/")
    row.save(force_insert=True)
    assert "您已退出登录" not in out_with(thief)
    assert not is_in(thief)


def test_abuse_16_a_session_without_a_sign_in_is_nobodys(client, school) -> None:
    client.force_login(school.user)
    assert "登录已失效" in out_with(client)


def test_abuse_16_a_changed_password_ends_every_other_session(client, school) -> None:
    sign_in(client, school.user)
    User.objects.filter(pk=school.user_id).update(password=make_password("another-Horse-7"))
    assert "您的密码已修改" in out_with(client)
    assert the_sign_in().why_ended == "password"


def test_abuse_16_a_disabled_person_is_out_at_the_next_request(client, school) -> None:
    sign_in(client, school.user)
    User.objects.filter(pk=school.user_id).update(is_active=False)
    assert "您的账号已停用" in out_with(client)
    User.objects.filter(pk=school.user_id).update(is_active=True)
    assert not is_in(client)  # the session does not come back with the account


def test_abuse_16_a_lost_hat_ends_the_session_that_wore_it(client) -> None:
    user = a_user()
    lost, other = a_hat(Role.SCHOOL, a_school(), user), a_hat(Role.ORG, an_evaluation_org(), user)
    sign_in(client, user)
    client.post("/accounts/hats/switch/", {"hat": str(lost.pk)})
    Membership.objects.filter(pk=lost.pk).update(is_active=False)
    assert "您的身份已变更" in out_with(client)
    sign_in(client, user)
    assert client.session["hat"] == str(other.pk)


def test_abuse_16_a_closed_organisation_takes_its_people_out(client, school) -> None:
    sign_in(client, school.user)
    type(school.organisation).objects.filter(pk=school.organisation_id).update(is_active=False)
    assert not is_in(client)


def test_abuse_11_two_browsers_are_two_sign_ins_and_each_sees_the_other(school) -> None:
    desk, phone = Client(), Client(headers={"User-Agent": CHROME})
    sign_in(desk, school.user)
    sign_in(phone, school.user)
    page = text_of(desk.get(SECURITY))
    assert "本次登录" in page
    assert "Chrome 109 · Windows" in page
    assert "结束其他全部登录" in page


# --- rotation


def test_the_key_changes_with_the_hat_and_the_old_one_is_dead(client) -> None:
    user = a_user()
    a_hat(Role.SCHOOL, a_school(), user)
    second = a_hat(Role.ORG, an_evaluation_org(), user)
    sign_in(client, user)
    thief = copied(client)
    client.post("/accounts/hats/switch/", {"hat": str(second.pk)})
    assert is_in(client)
    assert not is_in(thief)
    assert the_sign_in().hat == second


def test_signing_in_again_in_the_same_browser_ends_the_first(client, school) -> None:
    other = a_hat(Role.ORG, an_evaluation_org())
    sign_in(client, school.user)
    thief = copied(client)
    sign_in(client, school.user)
    sign_in(client, other.user)
    assert [row.why_ended for row in SignIn.objects.order_by("began_at")] == ["replaced", "replaced", ""]
    assert not is_in(thief)
    assert client.get(SECURITY).wsgi_request.actor.user_id == other.user_id


def test_a_view_that_changes_the_key_by_itself_takes_the_sign_in_along(client, school) -> None:
    """As Django's own update_session_auth_hash does after a changed password."""
    sign_in(client, school.user)
    before = client.session.session_key
    client.post(reverse("accounts:prove"), {"password": PASSWORD})
    assert client.session.session_key != before
    assert is_in(client)


# --- the clock (stored times are moved, not the clock)


def backdate(row: SignIn, **ago: timedelta) -> None:
    SignIn.objects.filter(pk=row.pk).update(**{name: now() - by for name, by in ago.items()})


def test_half_an_hour_without_a_click_ends_a_staff_session(client, school) -> None:
    sign_in(client, school.user)
    backdate(the_sign_in(), seen_at=timedelta(minutes=29))
    assert is_in(client)
    backdate(the_sign_in(), seen_at=timedelta(minutes=30))
    assert "较长时间没有操作" in out_with(client)
    assert the_sign_in().why_ended == "idle"


def test_a_student_may_read_for_two_hours(client) -> None:
    student = a_hat(Role.STUDENT, a_school())
    sign_in(client, student.user)
    backdate(the_sign_in(), seen_at=timedelta(minutes=119))
    assert is_in(client)
    backdate(the_sign_in(), seen_at=timedelta(minutes=120))
    assert not is_in(client)


def test_twelve_hours_end_the_busiest_session(client, school) -> None:
    sign_in(client, school.user)
    backdate(the_sign_in(), began_at=timedelta(hours=12))
    assert "最长时限" in out_with(client)
    assert the_sign_in().why_ended == "too_long"


def test_a_click_is_written_once_a_minute_and_a_page_that_asks_by_itself_never(client, school) -> None:
    sign_in(client, school.user)
    at_once = the_sign_in().seen_at
    is_in(client)
    assert the_sign_in().seen_at == at_once
    backdate(the_sign_in(), seen_at=timedelta(seconds=61))
    stored = the_sign_in().seen_at
    client.get(SECURITY, headers={"X-Poll": "1"})
    assert the_sign_in().seen_at == stored
    is_in(client)
    assert the_sign_in().seen_at > stored


def test_the_sweep_ends_what_nobody_came_back_to(school) -> None:
    for ago in (timedelta(minutes=1), timedelta(hours=3), timedelta(hours=13)):
        client = Client()
        sign_in(client, school.user)
        backdate(SignIn.objects.latest("began_at"), began_at=ago, seen_at=ago)
    oldest = Session.objects.latest("expire_date")
    Session.objects.filter(pk=oldest.pk).update(expire_date=now() - timedelta(seconds=1))
    assert sweep_sign_ins(at=now()).done == 2
    assert sweep_sign_ins(at=now()).done == 0
    assert not Session.objects.filter(pk=oldest.pk).exists()
    assert sorted(SignIn.objects.values_list("why_ended", flat=True)) == ["", "idle", "too_long"]


def test_recognising_a_person_costs_three_queries(client, school, django_assert_num_queries) -> None:
    for _ in range(3):
        a_hat(Role.TEACHER, a_school(), school.user)
    sign_in(client, school.user)
    with django_assert_num_queries(3 + 1):  # session, sign-in with its user, hats; and the page's own: invitations
        client.get("/accounts/hats/")
    with django_assert_num_queries(0):
        Client().get("/accounts/hats/")


# --- ending


def test_a_person_ends_one_other_sign_in_or_all_of_them(school) -> None:
    here, there, elsewhere = Client(), Client(), Client()
    for client in (here, there, elsewhere):
        sign_in(client, school.user)
    first = SignIn.objects.order_by("began_at")[1]
    here.post(reverse("accounts:session-end"), {"session": str(first.pk)})
    assert "您在另一处结束了本次登录" in out_with(there)
    assert is_in(elsewhere)
    here.post(reverse("accounts:session-end"), {"session": "others"})
    assert not is_in(elsewhere)
    assert is_in(here)
    assert Trace.objects.filter(verb="sessions_end", actor_id=school.user_id).count() == 2


def test_nobody_ends_the_sign_in_of_another_this_way(client, school) -> None:
    other = Client()
    sign_in(other, a_hat(Role.ORG, an_evaluation_org()).user)
    foreign = the_sign_in()
    sign_in(client, school.user)
    for asked in (str(foreign.pk), "nonsense", ""):
        assert client.post(reverse("accounts:session-end"), {"session": asked}).status_code == 404
    assert is_in(other)


def test_the_security_administrator_ends_the_sessions_of_anybody(school) -> None:
    client = Client()
    sign_in(client, school.user)
    keeper = an_actor(Role.SECURITY_ADMIN, an_operator())
    assert services.end_sessions(school.user, by=keeper, at=now(), note="账号疑似被盗") == 1
    assert "管理员结束了您的登录" in out_with(client)
    trace = Trace.objects.get(verb="sessions_end")
    assert (trace.hat, trace.note, trace.data["count"]) == ("security_admin", "账号疑似被盗", 1)


def test_an_organisation_ends_only_the_sessions_of_its_own_people(school) -> None:
    mine = an_actor(Role.SCHOOL, school.organisation)
    assert services.end_sessions(school.user, by=mine, at=now()) == 0
    for stranger in (
        an_actor(Role.SCHOOL, a_school()),
        an_actor(Role.PROVINCE, a_province()),
        an_actor(Role.TEACHER, school.organisation),
    ):
        with pytest.raises(Refused):
            services.end_sessions(school.user, by=stranger, at=now())
    Membership.objects.filter(pk=school.pk).update(is_active=False)
    with pytest.raises(Refused):
        services.end_sessions(school.user, by=mine, at=now())


# --- in the middle of a form


def an_idle_client(hat: Membership) -> Client:
    client = signed_in_with(Client(), hat)
    backdate(SignIn.objects.latest("began_at"), seen_at=timedelta(hours=3))
    return client


def test_after_signing_in_again_one_comes_back_to_the_page(school) -> None:
    client = an_idle_client(school)
    response = client.get(SECURITY + "?tab=2")
    assert response.url == SIGN_IN + "?next=/accounts/security/%3Ftab%3D2"


FORM = {"title": "通知 <b>", "words": ["一", "二"], "password": "secret-1", "csrfmiddlewaretoken": "x"}


def test_nothing_typed_is_lost_when_the_session_is_over(school) -> None:
    user = school.user
    second = a_hat(Role.TEACHER, a_school(), user)
    client = an_idle_client(second)
    refused = client.post("/accounts/hats/switch/?from=here", FORM)
    assert refused.status_code == 302
    door = text_of(client.get(refused.url))
    assert "您刚才填写的内容已保留" in door
    assert sign_in(client, user).url == "/accounts/resume/"
    page = text_of(client.get("/accounts/resume/"))
    assert 'action="/accounts/hats/switch/?from=here"' in page
    assert 'name="title" value="通知 &lt;b&gt;"' in page
    assert page.count('name="words"') == 2
    assert '<li class="ox-wrap">通知 &lt;b&gt;</li>' in page
    assert "secret-1" not in page
    assert client.session["hat"] == str(second.pk)  # the hat it was typed in
    assert client.post("/accounts/hats/switch/?from=here", {"hat": str(second.pk)}).status_code == 302
    assert "kept_post" not in client.session  # sent: nothing waits any more


def test_what_was_kept_is_sealed_and_given_to_nobody_else(school) -> None:
    client = an_idle_client(school)
    client.post("/accounts/hats/switch/", {"id_number": "320102200801011234"})
    stored = Session.objects.get(session_key=client.session.session_key).get_decoded()
    assert "320102200801011234" not in str(stored)
    other = a_hat(Role.ORG, an_evaluation_org())
    assert sign_in(client, other.user).url == "/desk/"
    assert "320102200801011234" not in text_of(client.get("/accounts/resume/", follow=True))
    assert "kept_post" not in client.session


def test_what_was_kept_is_gone_after_half_an_hour_or_when_it_is_dropped(school) -> None:
    client = an_idle_client(school)
    client.post("/accounts/hats/switch/", FORM)
    sign_in(client, school.user)
    session = client.session
    at = now()
    assert kept.look(session, school.user_id, at) is not None
    assert kept.look(session, school.user_id, at + timedelta(minutes=31)) is None
    assert client.post("/accounts/resume/").url == "/desk/"
    assert client.get("/accounts/resume/").status_code == 302


def test_a_sent_back_page_that_was_altered_opens_nothing(school) -> None:
    client = an_idle_client(school)
    client.post("/accounts/hats/switch/", FORM)
    session = client.session
    session["kept_post"] = session["kept_post"][:-8] + "AAAAAAA="
    assert kept.look(session, school.user_id, now()) is None
    assert "kept_post" not in session


def test_a_huge_form_and_what_is_no_form_are_not_kept(school) -> None:
    for body, kind in (({"text": "长" * 200_001}, None), ('{"a": 1}', "application/json")):
        client = an_idle_client(school)
        more = {"content_type": kind} if kind else {}
        response = client.post("/accounts/hats/switch/", body, **more)
        assert response.status_code == 302
        assert "kept_post" not in client.session


def test_a_fragment_leads_the_whole_page_to_the_door_and_a_draft_is_told_no(school) -> None:
    client = an_idle_client(school)
    response = client.get(SECURITY, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/pilots/plans/"})
    assert response.status_code == 401
    assert response["HX-Redirect"] == SIGN_IN + "?next=/pilots/plans/"
    assert client.post("/accounts/hats/switch/", {"a": "b"}, headers={"X-Autosave": "1"}).status_code == 401


def test_a_posted_page_leads_back_to_the_page_of_its_form_on_this_site_only(school) -> None:
    for referer, onwards in (
        ("http://testserver/pilots/plans/3/", "/pilots/plans/3/"),
        ("https://evil.example/", "/desk/"),
        ("http://testserver.evil.example/", "/desk/"),
    ):
        client = an_idle_client(school)
        response = client.post("/accounts/hats/switch/", {}, headers={"Referer": referer})
        assert response.url == f"{SIGN_IN}?next={onwards}"


# --- the door from outside


def test_abuse_30_nobody_is_signed_in_by_a_foreign_page(school) -> None:
    """Login CSRF: a foreign page signs its visitor in to the attacker's account."""
    browser = Client(enforce_csrf_checks=True)
    form = {"username": school.user.username, "password": PASSWORD}
    assert browser.post(SIGN_IN, form).status_code == 403
    browser.get(SIGN_IN)
    foreign = {"Origin": "https://evil.example", "Referer": "https://evil.example/"}
    token = browser.cookies[site.CSRF_COOKIE_NAME].value
    assert browser.post(SIGN_IN, {**form, "csrfmiddlewaretoken": token}, headers=foreign).status_code == 403
    assert SignIn.objects.count() == 0


POSTS = ["sign-in", "sign-out", "hat-switch", "second-factor", "prove", "post-resume", "session-end", "totp-enrol",
         "passkey-enrol", "recovery-codes-renew"]  # fmt: skip


@pytest.mark.parametrize("name", POSTS)
def test_abuse_30_no_unsafe_address_of_accounts_takes_a_foreign_request(name: str, school) -> None:
    browser = Client(enforce_csrf_checks=True)
    signed_in_with(browser, school)
    before = list(SignIn.objects.values())
    for kind in ("text/plain", "application/json", "application/x-www-form-urlencoded"):
        response = browser.post(reverse(f"accounts:{name}"), '{"session": "others"}', content_type=kind)
        assert response.status_code == 403
    assert list(SignIn.objects.values()) == before


def test_a_page_of_somebody_signed_in_is_kept_by_no_cache(client, school) -> None:
    assert "no-store" not in client.get("/").get("Cache-Control", "")
    sign_in(client, school.user)
    for address in ("/desk/", "/", "/no/such/page/", "/bank/nothing"):
        assert client.get(address)["Cache-Control"] == "private, no-store"


def test_the_menu_leads_to_the_page(client) -> None:
    signed_in_as(client, an_actor(Role.SCHOOL, a_school()))
    assert re.search(r'href="/accounts/security/".*账号安全', text_of(client.get(SECURITY)), re.S)

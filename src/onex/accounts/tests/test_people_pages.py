"""The pages of an organisation's people: the list, one person, what is done to them and what it costs."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from onex.accounts import queries, services
from onex.accounts.models import Membership, Organisation, SignIn, User
from onex.accounts.rules.factors import code_at, step_of
from onex.accounts.services.factors import enrol_totp
from onex.accounts.services.people import open_account
from onex.accounts.tests.colleagues import SECRET, a_colleague, an_admin, own, worn
from onex.accounts.tests.factories import (
    PASSWORD,
    a_hat,
    a_province,
    a_user,
    an_actor,
    an_operator,
    signed_in_as,
    signed_in_with,
)
from onex.common.actors import SYSTEM, Role
from onex.common.clock import now
from onex.common.models import Trace
from onex.common.text import Refused

pytestmark = pytest.mark.django_db


def test_the_pages_of_people_from_inviting_to_letting_go(client: Any) -> None:
    admin = an_admin()
    signed_in_as(client, admin)
    home = own(admin)
    assert client.get(reverse("accounts:people-home")).url == reverse("accounts:person-list", args=[home.pk])
    address = reverse("accounts:person-invite", args=[home.pk])
    assert client.get(address).status_code == 200
    wrong = client.post(address, {"name": "李梅", "username": "1", "hats": ["registrar"]})
    assert wrong.status_code == 422
    assert "请填写邮箱或手机号" in wrong.content.decode()
    assert 'value="李梅"' in wrong.content.decode()
    typed = {"name": "李梅", "username": "li_mei", "email": "li@example.edu.cn", "hats": ["registrar"]}
    answer = client.post(address, typed)
    user = User.objects.get(username="li_mei")
    detail = reverse("accounts:person-detail", args=[home.pk, user.pk])
    assert answer.url == detail
    page = client.get(detail).content.decode()
    for word in ("待激活", "重发邀请", "l***@example.edu.cn", "院校报名员", "移出机构"):
        assert word in page
    assert "li@example.edu.cn" not in page
    again = client.post(address, typed)
    assert again.status_code == 409
    assert "已被使用" in again.content.decode()
    resent = client.post(reverse("accounts:person-resend", args=[home.pk, user.pk]), {"phone": "1"})
    assert resent.status_code == 422
    hats = reverse("accounts:person-hats", args=[home.pk, user.pk])
    assert client.post(hats, {"hats": ["teacher"]}).status_code == 409
    assert client.post(hats, {"hats": ["teacher"], "note": "转任课教师。"}).status_code == 302
    for move, status in (("suspend", 409), ("suspend", 302), ("restore", 302), ("remove", 302), ("remove", 404)):
        note = {"note": "" if status == 409 else "理由"}
        assert client.post(reverse("accounts:person-move", args=[home.pk, user.pk, move]), note).status_code == status
    assert worn(user) == set()


def test_many_are_pasted_looked_through_and_invited_together(client: Any) -> None:
    admin = an_admin()
    signed_in_as(client, admin)
    address = reverse("accounts:person-bulk", args=[admin.organisation_id])
    rows = "张一\tzhang_yi\tz1@example.com\t教师\n李二\tli_er\t13800001234\t教师、院校报名员\n王三\tw\t12\t校长"
    page = client.post(address, {"rows": rows, "confirm": "yes"})
    text = page.content.decode()
    assert page.status_code == 422
    assert "没有可授予的身份“校长”" in text
    assert "“12”不是邮箱或 11 位手机号" in text
    assert not User.objects.filter(username="zhang_yi").exists()
    rows = rows.rsplit("\n", 1)[0]
    assert "确认邀请 2 人" in client.post(address, {"rows": rows}).content.decode()
    assert not User.objects.filter(username="zhang_yi").exists()
    assert client.post(address, {"rows": rows, "confirm": "yes"}).status_code == 302
    assert worn(User.objects.get(username="li_er")) == {Role.TEACHER, Role.REGISTRAR}


def test_a_list_is_looked_through_for_names_that_somebody_has(client: Any) -> None:
    """It said "may be invited", and only the confirmation found the name taken."""
    admin = an_admin()
    somebody = a_user(name="李二")
    signed_in_as(client, admin)
    address = reverse("accounts:person-bulk", args=[admin.organisation_id])
    page = client.post(address, {"rows": f"李二\t{somebody.username.upper()}\tl2@example.com\t教师"})
    assert page.status_code == 422
    assert "已被使用，请换一个" in page.content.decode()
    assert "确认邀请" not in page.content.decode()


def test_who_could_not_be_invited_stays_in_the_list_and_the_others_leave_it(client: Any) -> None:
    """One of two had been invited, and the page said that nobody had, and would have called the one "taken" next."""
    admin = an_admin()
    open_account("has_phone", "李二", "", by=SYSTEM, at=now(), phone="13800001234")
    signed_in_as(client, admin)
    address = reverse("accounts:person-bulk", args=[admin.organisation_id])
    rows = "张一\tzhang_yi\tz1@example.com\t教师\n李三\tli_san\t13800001234\t教师"
    assert "确认邀请 2 人" in client.post(address, {"rows": rows, "confirm": "yes", "look": "yes"}).content.decode()
    page = client.post(address, {"rows": rows, "confirm": "yes"})
    text = page.content.decode()
    assert page.status_code == 422
    assert "还有 1 行没有邀请成功" in text
    assert "尚未邀请任何人" not in text
    assert "李三\tli_san" in text
    assert "zhang_yi" not in text


def test_the_chips_count_what_the_chosen_hat_leaves(client: Any) -> None:
    admin = an_admin()
    a_colleague(admin, Role.TEACHER, "钱进")
    a_colleague(admin, Role.REGISTRAR, "孙立")
    signed_in_as(client, admin)
    page = client.get(reverse("accounts:person-list", args=[admin.organisation_id]), {"hat": "teacher"})
    assert (page.context["chips"][0]["count"], page.context["page"].paginator.count) == (1, 1)


def test_the_list_is_searched_narrowed_sorted_and_exported_without_addresses(client: Any) -> None:
    admin = an_admin()
    a_colleague(admin, Role.TEACHER, "钱进")
    a_colleague(admin, Role.REGISTRAR, "孙立")
    student = a_user(name="学生甲")
    a_hat(Role.STUDENT, own(admin), student)
    signed_in_as(client, admin)
    address = reverse("accounts:person-list", args=[admin.organisation_id])
    page = client.get(address).content.decode()
    assert "钱进" in page
    assert "学生甲" not in page
    assert "孙立" not in client.get(address, {"q": "钱"}).content.decode()
    assert "钱进" not in client.get(address, {"hat": "registrar"}).content.decode()
    assert "没有符合条件的人员" in client.get(address, {"state": "suspended"}).content.decode()
    for sort in ("name", "-since", "last", "nonsense"):
        assert client.get(address, {"sort": sort, "hat": "x\x00", "q": "\x00", "page": "-9"}).status_code == 200
    assert client.get(reverse("accounts:person-export", args=[admin.organisation_id])).status_code == 200
    assert Trace.objects.get(verb="export").hat == Role.SCHOOL


@pytest.mark.parametrize("page", ["person-list", "person-export", "person-invite", "person-bulk"])
def test_another_organisations_people_are_not_there(client: Any, page: str) -> None:
    admin, stranger = an_admin(), an_admin()
    user = a_colleague(admin, Role.TEACHER)
    signed_in_as(client, stranger)
    assert client.get(reverse(f"accounts:{page}", args=[admin.organisation_id])).status_code == 404
    for name in ("person-detail", "person-hats", "person-resend"):
        for home in (admin.organisation_id, stranger.organisation_id):
            address = reverse(f"accounts:{name}", args=[home, user.pk])
            answer = client.get(address) if name == "person-detail" else client.post(address, {"hats": ["teacher"]})
            assert answer.status_code == 404
    move = reverse("accounts:person-move", args=[stranger.organisation_id, user.pk, "remove"])
    assert client.post(move, {"note": "理由"}).status_code == 404
    assert worn(user) == {Role.TEACHER}


def test_an_auditor_looks_on_and_is_offered_nothing(client: Any) -> None:
    admin = an_admin()
    user = a_colleague(admin, Role.TEACHER)
    signed_in_as(client, an_actor(Role.AUDITOR, an_operator()))
    page = client.get(reverse("accounts:person-list", args=[admin.organisation_id])).content.decode()
    assert "邀请人员" not in page
    detail = client.get(reverse("accounts:person-detail", args=[admin.organisation_id, user.pk])).content.decode()
    assert "更改身份" not in detail
    address = reverse("accounts:person-move", args=[admin.organisation_id, user.pk, "remove"])
    assert client.post(address, {"note": "理由"}).status_code == 403


def test_who_registered_for_the_cloud_course_is_not_among_the_staff_unless_asked_for(client: Any) -> None:
    learner = an_actor(Role.LEARNER, an_operator())
    learners = User.objects.filter(pk=learner.user_id)
    learners.update(name="云课程小陈")
    both = a_user(name="编辑老陈")
    a_hat(Role.LEARNER, an_operator(), both)
    a_hat(Role.OPERATOR, an_operator(), both)
    signed_in_as(client, an_actor(Role.SYSTEM_ADMIN, an_operator()))
    address = reverse("accounts:person-list", args=[an_operator().pk])
    page = client.get(address).content.decode()
    assert "云课程小陈" not in page
    assert "编辑老陈" in page
    assert "云课程小陈" in client.get(f"{address}?hat=learner").content.decode()
    assert client.get(reverse("accounts:person-detail", args=[an_operator().pk, learner.user_id])).status_code == 200


def current_of(page: Any) -> list[str]:
    side = page.content.decode().split('<nav class="ox-side"')[1].split("</nav>")[0]
    return re.findall(r'aria-current="page">([^<]+)<', side)


def test_the_side_navigation_shows_where_the_pages_of_people_belong(client: Any) -> None:
    admin, system = an_admin(), an_actor(Role.SYSTEM_ADMIN, an_operator())
    site = Organisation.objects.create(kind="site", name="本校考核站点", parent=own(admin))
    signed_in_as(client, admin)
    assert current_of(client.get(reverse("accounts:people-home"), follow=True)) == ["本机构人员"]
    assert current_of(client.get(reverse("accounts:person-list", args=[site.pk]))) == ["本机构人员"]
    signed_in_as(client, system)
    assert current_of(client.get(reverse("accounts:people-home"), follow=True)) == ["本机构人员"]
    assert current_of(client.get(reverse("accounts:person-list", args=[site.pk]))) == ["机构"]


def secured(user: User, organisation: Organisation, move: str) -> str:
    return reverse("accounts:person-secure", args=[organisation.pk, user.pk, move])


def test_somebody_who_lost_their_telephone_is_helped_on_the_page_of_the_person(client: Any) -> None:
    admin = an_admin()
    user = a_colleague(admin, Role.REGISTRAR)
    enrol_totp(user, SECRET, code_at(SECRET, step_of(now())), "", by=admin, at=now())
    signed_in_with(Client(), user.memberships.get(), factor=True)
    signed_in_as(client, admin)
    address = reverse("accounts:person-detail", args=[own(admin).pk, user.pk])
    page = client.get(address).content.decode()
    assert "动态口令 × 1" in page
    assert "结束全部登录" in page
    client.post(secured(user, own(admin), "unlock"))
    assert Trace.objects.get(verb="unlock").subject_id == user.pk
    client.post(secured(user, own(admin), "end-sessions"))
    assert not user.sign_ins.filter(ended_at=None).exists()
    refused = client.post(secured(user, own(admin), "reset-factor"), {"note": " "})
    assert (refused.status_code, "请写明理由" in refused.content.decode()) == (409, True)
    client.post(secured(user, own(admin), "reset-factor"), {"note": "手机丢失，已核实"})
    assert not queries.authenticators_of(user)
    page = client.get(address).content.decode()
    assert "未启用" in page
    assert "手机丢失，已核实" in page
    assert "结束全部登录" not in page


def test_a_second_factor_is_reset_only_after_a_fresh_proof_and_the_reason_is_not_lost(client: Any) -> None:
    admin = an_admin()
    user = a_colleague(admin, Role.REGISTRAR)
    enrol_totp(user, SECRET, code_at(SECRET, step_of(now())), "", by=admin, at=now())
    signed_in_as(client, admin)
    SignIn.objects.filter(user=admin.user_id).update(proved_at=now() - timedelta(hours=1))
    answer = client.post(secured(user, own(admin), "reset-factor"), {"note": "手机丢失"})
    assert answer.url.startswith(reverse("accounts:prove"))
    assert queries.authenticators_of(user)
    resumed = client.post(answer.url, {"password": PASSWORD}, follow=True)
    assert "手机丢失" in resumed.content.decode()


def test_a_reset_says_that_there_are_other_hats_but_not_where(client: Any) -> None:
    admin = an_admin()
    user = a_colleague(admin, Role.REGISTRAR)
    province = a_province()
    a_hat(Role.PROVINCE, province, user)
    enrol_totp(user, SECRET, code_at(SECRET, step_of(now())), "", by=admin, at=now())
    signed_in_as(client, admin)
    page = client.get(reverse("accounts:person-detail", args=[own(admin).pk, user.pk])).content.decode()
    assert "须由平台安全管理员重置" in page
    assert province.name not in page
    answer = client.post(secured(user, own(admin), "reset-factor"), {"note": "手机丢失"})
    assert answer.status_code == 409
    assert province.name not in answer.content.decode()


@pytest.mark.parametrize("move", ["unlock", "end-sessions", "reset-factor", "anything"])
def test_nobody_secures_themselves_strangers_or_in_a_hat_without_the_right(client: Any, move: str) -> None:
    admin, stranger = an_admin(), an_admin()
    user = a_colleague(admin, Role.REGISTRAR)
    signed_in_as(client, stranger)
    assert client.post(secured(user, own(admin), move)).status_code == 404
    assert client.post(secured(user, own(stranger), move)).status_code == 404
    signed_in_as(client, admin)
    assert client.post(secured(User.objects.get(pk=admin.user_id), own(admin), move)).status_code == 404
    signed_in_as(client, an_actor(Role.AUDITOR, an_operator()))
    assert client.post(secured(user, own(admin), move)).status_code == 404
    signed_in_as(client, an_actor(Role.REGISTRAR, own(admin)))
    assert client.post(secured(user, own(admin), move)).status_code == 403


def test_the_security_administrator_helps_people_of_any_organisation(client: Any) -> None:
    user = a_user(name="省厅钱进")
    province = a_province()
    a_hat(Role.PROVINCE, province, user)
    enrol_totp(user, SECRET, code_at(SECRET, step_of(now())), "", by=an_admin(), at=now())
    signed_in_as(client, an_actor(Role.SECURITY_ADMIN, an_operator()))
    page = client.get(reverse("accounts:person-detail", args=[province.pk, user.pk])).content.decode()
    assert "重置第二重验证" in page
    assert "移出机构" not in page
    client.post(secured(user, Organisation.objects.get(pk=province.pk), "reset-factor"), {"note": "已视频核实"})
    assert not queries.authenticators_of(user)


def test_the_record_of_a_person_tells_in_words_and_leaves_coming_and_going_to_the_log(client: Any) -> None:
    admin = an_admin()
    user = a_colleague(admin, Role.TEACHER)
    with pytest.raises(Refused):
        services.prove(user.username, "not the password", address="198.51.100.7", at=now())
    services.unlock_account(user, by=admin, at=now())
    signed_in_as(client, admin)
    page = client.get(reverse("accounts:person-detail", args=[own(admin).pk, user.pk])).content.decode()
    assert "解除登录锁定" in page.split("办理记录")[1]
    assert "sign_in" not in page


def test_the_list_costs_the_same_with_thirty_people_and_with_ten_thousand(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, at = an_admin(), now()
    signed_in_as(client, admin)
    monkeypatch.setattr("onex.accounts.middleware.now", lambda: at)  # after a minute "last seen" is written anew
    address = reverse("accounts:person-list", args=[admin.organisation_id])

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address, {"q": "教", "sort": "-since"}).status_code == 200
        return len(captured)

    def crowd(begin: int, end: int) -> None:
        users = [User(username=f"crowd{n}", name=f"教师{n}", password="x") for n in range(begin, end)]
        User.objects.bulk_create(users, batch_size=1000)
        home = own(admin)
        Membership.objects.bulk_create(
            [Membership(user=user, role=Role.TEACHER, organisation=home) for user in users], batch_size=1000
        )

    crowd(0, 30)
    few = cost()
    crowd(30, 10_000)
    assert cost() == few <= 14

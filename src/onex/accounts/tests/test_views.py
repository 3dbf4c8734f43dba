"""The door, the applicant's pages and the province's review, as a browser without JavaScript uses them."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.urls import reverse

from onex.accounts.models import InstitutionRegistration, School, User
from onex.accounts.queries import licences_of
from onex.accounts.tests.factories import (
    PASSWORD,
    a_city,
    a_hat,
    a_licence,
    a_province,
    a_registration,
    a_school,
    a_submitted_registration,
    a_user,
    an_actor,
    an_evaluation_org,
    another_province,
    signed_in_as,
    signed_in_with,
)
from onex.common.actors import Role

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/sign-in/"


@pytest.fixture(autouse=True)
def home(settings) -> None:
    settings.LOGIN_REDIRECT_URL = "/home-of-a-role/"


def text_of(response) -> str:
    return response.content.decode()


# --- the door


def test_the_sign_in_page_has_the_words_of_the_guide(client) -> None:
    page = text_of(client.get(SIGN_IN))
    for word in ("试点院校登录", "账号", "密码", "立即登录", "还没有账号？立即申报", "忘记密码"):
        assert word in page


def test_a_person_with_a_hat_signs_in_and_goes_on_to_where_they_came_from(client) -> None:
    hat = a_hat(Role.SCHOOL, a_school())
    form = {"username": hat.user.username, "password": PASSWORD}
    assert client.post(SIGN_IN, form).url == "/home-of-a-role/"
    client.post("/accounts/sign-out/")
    assert client.post(SIGN_IN, {**form, "next": "/pilots/plans/"}).url == "/pilots/plans/"


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_sent_to_a_foreign_address(client, address: str) -> None:
    hat = a_hat(Role.SCHOOL, a_school())
    form = {"username": hat.user.username, "password": PASSWORD, "next": address}
    assert client.post(SIGN_IN, form).url == "/home-of-a-role/"


def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(client) -> None:
    hat = a_hat(Role.SCHOOL, a_school())
    wrong = client.post(SIGN_IN, {"username": hat.user.username, "password": "no"})
    unknown = client.post(SIGN_IN, {"username": "nobody", "password": "no"})
    assert wrong.status_code == unknown.status_code == 422
    assert "账号或密码不正确。" in text_of(wrong)
    assert "账号或密码不正确。" in text_of(unknown)


def test_what_was_left_empty_is_said_beside_its_field(client) -> None:
    page = client.post(SIGN_IN, {"username": "", "password": ""})
    assert page.status_code == 422
    assert "请输入账号" in text_of(page)
    assert "请输入密码" in text_of(page)


def test_an_account_without_a_hat_is_told_whom_to_ask(client) -> None:
    user = a_user()
    page = client.post(SIGN_IN, {"username": user.username, "password": PASSWORD})
    assert page.status_code == 422
    assert "没有可用的身份" in text_of(page)
    assert "_auth_user_id" not in client.session


def test_the_session_key_changes_at_sign_in_and_when_hats_are_switched(client) -> None:
    user = a_user()
    a_hat(Role.SCHOOL, a_school(), user)
    second = a_hat(Role.ORG, an_evaluation_org(), user)
    client.get(SIGN_IN)
    response = client.post(SIGN_IN, {"username": user.username, "password": PASSWORD, "next": "/pilots/"})
    assert response.url == "/accounts/hats/"
    before = client.session.session_key
    page = text_of(client.get("/accounts/hats/"))
    assert "试点院校" in page
    assert "培训评价组织考务" in page
    response = client.post("/accounts/hats/switch/", {"hat": str(second.pk), "next": "/pilots/"})
    assert response.url == "/pilots/"
    assert client.session.session_key != before
    assert client.session["hat"] == str(second.pk)


def test_nobody_puts_on_the_hat_of_another(client) -> None:
    mine, theirs = a_hat(Role.SCHOOL, a_school()), a_hat(Role.PROVINCE, a_province())
    signed_in_with(client, mine)
    assert client.post("/accounts/hats/switch/", {"hat": str(theirs.pk)}).status_code == 404
    assert client.post("/accounts/hats/switch/", {"hat": "nonsense"}).status_code == 404


@pytest.mark.parametrize("address", ["/accounts/sign-out/", "/accounts/hats/switch/"])
def test_signing_out_and_switching_are_posts(client, address: str) -> None:
    signed_in_with(client, a_hat(Role.SCHOOL, a_school()))
    assert client.get(address).status_code == 405


def test_signing_out_leaves_nothing_of_the_session(client) -> None:
    signed_in_with(client, a_hat(Role.SCHOOL, a_school()))
    assert client.post("/accounts/sign-out/").url == SIGN_IN
    assert "_auth_user_id" not in client.session


def test_who_is_not_signed_in_is_asked_to_sign_in_first(client) -> None:
    response = client.get("/accounts/registrations/")
    assert response.url == "/accounts/sign-in/?next=/accounts/registrations/"


def test_a_forgotten_password_leads_to_whom_to_ask(client) -> None:
    assert "凭盖章的申请函找回院校账号" in text_of(client.get("/accounts/password/"))


# --- institution registration


def the_form(**changes) -> dict:
    return {
        "province": a_province().pk,
        "city": a_city().pk,
        "name": "南京示范职业技术学院",
        "school_type": "college",
        "ownership": "public",
        "school_code": "4132012345",
        "credit_code": "123200004660012320",
        "address": "江宁区学府路 1 号",
        "legal_representative": "陈立",
        "contact_name": "周敏",
        "contact_phone": "025-83152910",
        "contact_email": "jwc@example.edu.cn",
        "majors": "530701 电子商务\n530605\t市场营销",
        "licence": a_licence(),
        "username": "njsf_jwc",
    } | changes


def test_a_school_registers_and_follows_its_registration_without_an_account(client) -> None:
    response = client.post("/accounts/registration/", the_form())
    assert response.status_code == 302
    page = text_of(client.get(response.url))
    for word in ("南京示范职业技术学院", "待审核", "由江苏省教育厅审核", "请保存本页地址", "530605"):
        assert word in page
    row = InstitutionRegistration.objects.get()
    assert row.state == "pending"
    assert str(row.pk) not in response.url


def test_a_draft_is_saved_with_what_there_is_and_continued_later(client) -> None:
    form = {"then": "save", "province": a_province().pk, "name": "南京示范职业技术学院", "address": "学府路 1 号"}
    status = client.post("/accounts/registration/", form).url
    assert "草稿" in text_of(client.get(status))
    edit = status + "edit/"
    assert "学府路 1 号" in text_of(client.get(edit))
    assert client.post(edit, the_form()).url == status
    assert InstitutionRegistration.objects.get().state == "pending"
    assert client.get(edit).url == status


def test_what_is_missing_is_said_beside_its_field_and_nothing_typed_is_lost(client) -> None:
    response = client.post("/accounts/registration/", the_form(credit_code="123200004660012321", school_code=""))
    page = text_of(response)
    assert response.status_code == 422
    assert "统一社会信用代码的校验位不正确" in page
    assert "请填写学校标识码" in page
    assert "江宁区学府路 1 号" in page
    # The draft, and its file are kept: the corrected form goes to the draft's own address.
    again = re.search(r'action="([^"]+/edit/)"', page).group(1)
    corrected = the_form()
    corrected.pop("licence")
    assert client.post(again, corrected).status_code == 302
    row = InstitutionRegistration.objects.get()
    assert (row.state, row.credit_code) == ("pending", "123200004660012320")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"majors": "电子商务"}, "第 1 行：“电子商务”不是专业代码"),
        ({"contact_email": "nobody"}, "有效的"),
        ({"school_code": "41320123456"}, "学校标识码应为 10 位数字"),
        ({"credit_code": "1232000046600123200"}, "统一社会信用代码为 18 位"),
        ({"address": "长" * 201}, "200"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_field_and_everything_else_is_kept(
    client, changes: dict, sentence: str
) -> None:
    response = client.post("/accounts/registration/", the_form(**changes))
    page = text_of(response)
    assert response.status_code == 422
    assert sentence in page
    row = InstitutionRegistration.objects.get()
    assert (row.state, row.legal_representative, licences_of(row).count()) == ("draft", "陈立", 1)
    # Only the mistake has to be mended: the file is there, and the password unless it was the mistake.
    is_password = "password" in changes or "password_again" in changes
    again = re.search(r'action="([^"]+/edit/)"', page).group(1)
    secrets = {} if is_password else {"password": "", "password_again": ""}
    corrected = the_form(**secrets)
    corrected.pop("licence")
    assert client.post(again, corrected).status_code == 302
    row.refresh_from_db()
    assert row.state == "pending"


def test_a_form_handed_in_without_name_says_everything_that_is_missing_at_once(client) -> None:
    """It named two places, and ten more after those were mended."""
    page = text_of(client.post("/accounts/registration/", {"ownership": "public"}))
    assert "请填写学校全称" in page
    for field in ("city", "school_type", "credit_code", "address", "contact_phone", "majors", "licence", "username"):
        assert f'id="field-{field}-error"' in page, field
    assert 'id="field-district-error"' not in page
    draft = text_of(client.post("/accounts/registration/", {"ownership": "public", "then": "save"}))
    assert 'id="field-address-error"' not in draft


def test_a_mistake_does_not_hide_the_next_one(client) -> None:
    wrong = {"contact_email": "nobody", "credit_code": "123200004660012321", "school_code": "41320123456"}
    page = text_of(client.post("/accounts/registration/", the_form(**wrong)))
    for sentence in ("有效的", "统一社会信用代码的校验位不正确", "学校标识码应为 10 位数字"):
        assert sentence in page
    for typed in wrong.values():
        assert f'value="{typed}"' in page


def test_a_mistake_does_not_take_away_what_an_earlier_draft_kept(client) -> None:
    row, token = a_registration(school_code="4132012345", majors=(("530701", "电子商务"),))
    edit = f"/accounts/registration/by/{token}/edit/"
    client.post(edit, the_form(school_code="41320123456", majors="电子商务", address="学府路 2 号"))
    row.refresh_from_db()
    assert (row.school_code, row.address) == ("4132012345", "学府路 2 号")
    assert row.majors == [{"code": "530701", "name": "电子商务"}]


@pytest.mark.parametrize(
    ("changes", "sentence"), [({"name": ""}, "请填写学校全称"), ({"province": ""}, "请选择所属省份")]
)
def test_nothing_is_kept_that_belongs_to_nobody(client, changes: dict, sentence: str) -> None:
    response = client.post("/accounts/registration/", the_form(**changes))
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert not InstitutionRegistration.objects.exists()


def test_a_city_of_another_province_is_refused_beside_its_field(client) -> None:
    response = client.post("/accounts/registration/", the_form(province=another_province().pk))
    assert response.status_code == 422
    assert "所选城市不属于所选省份" in text_of(response)


def test_an_unknown_address_of_a_registration_is_not_found(client) -> None:
    row, token = a_registration()
    assert client.get(f"/accounts/registration/by/{token}/").status_code == 200
    for wrong in (row.token, str(row.pk), token[:-1]):
        assert client.get(f"/accounts/registration/by/{wrong}/").status_code == 404
        assert client.post(f"/accounts/registration/by/{wrong}/edit/", the_form()).status_code == 404


# --- the review


@pytest.fixture
def officer(client):
    return signed_in_as(client, an_actor(Role.PROVINCE, a_province()))


def test_the_list_finds_filters_sorts_and_exports_what_was_handed_in(officer) -> None:
    first = a_submitted_registration(name="苏州工业职业技术学院")
    a_submitted_registration(name="南京旅游职业学院")
    draft, _ = a_registration(name="草稿学院")
    page = text_of(officer.get("/accounts/registrations/"))
    assert first.name in page
    assert draft.name not in page
    assert "南京旅游职业学院" not in text_of(officer.get("/accounts/registrations/?q=苏州"))
    assert first.name not in text_of(officer.get("/accounts/registrations/?state=active"))
    names = [row.name for row in officer.get("/accounts/registrations/?sort=-name").context["page"]]
    assert names == sorted(names, reverse=True)
    sheet = officer.get("/accounts/registrations/export/?q=苏州")
    assert sheet["Content-Type"].endswith("spreadsheetml.sheet")
    assert sheet.content[:2] == b"PK"


def test_an_approved_school_is_sent_a_link_sets_its_password_and_is_in(officer, client) -> None:
    row = a_submitted_registration()
    address = reverse("accounts:registration-move", args=[row.pk])
    response = officer.post(address, {"move": "approve"})
    assert response.url == reverse("accounts:registration-detail", args=[row.pk])
    assert "激活链接已发到 j**@example.edu.cn" in text_of(officer.get(response.url))
    officer.post("/accounts/sign-out/")
    link = re.search(r"/accounts/activate/[^/\s]+/", mail.outbox[-1].body).group()
    assert row.username in text_of(client.get(link))
    assert client.post(link, {"new": PASSWORD, "again": "x"}).status_code == 422
    assert client.post(link, {"new": PASSWORD, "again": PASSWORD}).url == "/home-of-a-role/"
    assert School.objects.get().name == row.name
    assert User.objects.get(username=row.username).name == "周敏"
    client.post("/accounts/sign-out/")
    used = client.get(link)
    assert used.status_code == 404
    assert "用过" in text_of(used)
    assert client.post(SIGN_IN, {"username": row.username, "password": PASSWORD}).status_code == 302


def test_a_rejection_needs_its_reason_and_shows_it_to_the_applicant(officer) -> None:
    row, token = a_registration()
    from onex.accounts import services
    from onex.accounts.services.registrations import applicant_of
    from onex.accounts.tests.factories import NOON

    services.move_registration(row, "submit", by=applicant_of(row), at=NOON)
    address = reverse("accounts:registration-move", args=[row.pk, "reject"])
    refused = officer.post(address, {"note": ""})
    assert refused.status_code == 409
    assert "请写明理由" in text_of(refused)
    assert re.search(r"<details[^>]* open><summary[^>]*>退回", text_of(refused))  # where the reason is to be typed
    officer.post(address, {"note": "法人证书不清晰"})
    officer.post("/accounts/sign-out/")
    assert "法人证书不清晰" in text_of(officer.get(f"/accounts/registration/by/{token}/"))
    assert "法人证书不清晰" in text_of(officer.get(f"/accounts/registration/by/{token}/edit/"))


def test_what_no_database_can_keep_is_left_out_of_what_was_typed(officer) -> None:
    row = a_submitted_registration()
    assert officer.get("/accounts/registrations/?q=%00").status_code == 200
    officer.post(reverse("accounts:registration-move", args=[row.pk, "reject"]), {"note": "不清晰\x00"})
    row.refresh_from_db()
    assert row.state == "rejected"


def test_a_stale_page_is_told_what_happened_meanwhile(officer) -> None:
    row = a_submitted_registration()
    address = reverse("accounts:registration-move", args=[row.pk])
    officer.post(address, {"move": "approve"})
    late = officer.post(address, {"move": "reject", "note": "迟了"})
    assert late.status_code == 409
    assert "当前状态为“已开通”，不能“退回”" in text_of(late)


def test_foreign_and_unknown_registrations_are_not_found(client) -> None:
    row = a_submitted_registration()
    stranger = signed_in_as(client, an_actor(Role.PROVINCE, another_province()))
    paper = row.pk
    assert stranger.get(f"/accounts/registrations/{row.pk}/").status_code == 404
    assert stranger.get(f"/accounts/registrations/{row.pk}/files/{paper}/").status_code == 404
    assert stranger.post(f"/accounts/registrations/{row.pk}/move/", {"move": "approve"}).status_code == 404


def test_a_school_does_not_open_the_review(client) -> None:
    school = signed_in_as(client, an_actor(Role.SCHOOL, a_school()))
    assert school.get("/accounts/registrations/").status_code == 403


def test_papers_come_as_downloads_that_no_browser_runs(officer) -> None:
    from onex.accounts import queries

    row = a_submitted_registration()
    paper = queries.licences_of(row).get()
    response = officer.get(f"/accounts/registrations/{row.pk}/files/{paper.pk}/")
    assert response["Content-Disposition"].startswith("attachment")
    assert b"".join(response.streaming_content).startswith(b"%PDF")


@pytest.mark.parametrize("count", [3, 30])
def test_the_list_costs_the_same_number_of_queries_however_long(officer, count: int, django_assert_num_queries) -> None:
    for _ in range(count):
        a_submitted_registration()
    with django_assert_num_queries(QUERIES_OF_A_LIST):
        assert len(officer.get("/accounts/registrations/").context["page"]) == count


QUERIES_OF_A_LIST = 8  # session, user, hats, counts, page count, rows, what waits and unread notices (navigation)


def test_a_recovery_sent_empty_says_beside_each_field_what_is_missing(client) -> None:
    answer = client.post("/accounts/recovery/")
    assert answer.status_code == 422
    assert "请填写学校标识码或统一社会信用代码" in text_of(answer)

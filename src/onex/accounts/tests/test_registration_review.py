"""Institution registration between applicant and province: links, remarks, differences, hand review, abuse."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from onex.accounts import queries, services
from onex.accounts.identifiers import problems_with_email
from onex.accounts.models import InstitutionChange, InstitutionRegistration, OnceToken, School, User
from onex.accounts.rules import ChangeKind, problems_by_field, problems_on_submit, why_by_hand
from onex.accounts.rules.registration import problems_on_approve
from onex.accounts.services.registrations import applicant_of
from onex.accounts.tests.factories import (
    NOON,
    PDF,
    SOUND,
    a_change,
    a_city,
    a_letter,
    a_province,
    a_recovery,
    a_registration,
    a_registration_form,
    a_school,
    a_school_actor,
    a_submitted_registration,
    activated,
    an_actor,
    an_approved_registration,
    an_operator,
    another_province,
    signed_in_as,
)
from onex.common.actors import Role
from onex.common.queries import timeline_of
from onex.common.text import Refused

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"


def text_of(response) -> str:
    return response.content.decode()


def decide(row: InstitutionRegistration, move: str, note: str = "", **more) -> InstitutionRegistration:
    officer = an_actor(Role.PROVINCE, row.province)
    return services.move_registration(row, move, by=officer, at=NOON, note=note, **more)


@pytest.fixture
def officer(client):
    return signed_in_as(client, an_actor(Role.PROVINCE, a_province()))


def test_the_auditor_looks_at_what_waits_and_is_offered_no_review(client) -> None:
    a_submitted_registration()
    a_change()
    for address in (reverse("accounts:registration-list"), reverse("accounts:change-list")):
        for role, home, word in ((Role.AUDITOR, an_operator(), "查看"), (Role.PROVINCE, a_province(), "审核")):
            page = text_of(signed_in_as(client, an_actor(role, home)).get(address))
            (act,) = re.findall(r'<td class="ox-acts">.*?</td>', page, re.S)
            assert word in act


# --- rules


@pytest.mark.parametrize("address", ["jwc@example.edu.cn", "a.b-c_d+e@x1.cn", "o'neil@example.com"])
def test_an_address_that_mail_reaches_is_accepted(address: str) -> None:
    assert problems_with_email(address) == []


@pytest.mark.parametrize(
    "address",
    ["", "jwc", "jwc@", "@example.cn", "jwc@localhost", "a..b@example.cn", ".a@example.cn", "a@-x.cn", "a b@x.cn"],
)
def test_other_addresses_are_refused(address: str) -> None:
    assert "有效的邮箱地址" in str(problems_with_email(address)[0])


def test_a_wrong_address_or_telephone_is_said_beside_its_field() -> None:
    found = problems_by_field(replace(SOUND, contact_email="jwc@nowhere", contact_phone="123"))
    assert list(found) == ["contact_phone", "contact_email"]


@pytest.mark.parametrize(
    ("province_code", "school_code", "credit_code"),
    [
        ("3302", "4133012345", ""),  # 宁波, planned separately: its schools carry 浙江's prefix
        ("66", "4166012345", ""),  # 兵团, by the ministry's own number …
        ("66", "4165012345", ""),  # … or by the region it lies in
    ],
)
def test_separate_cities_and_the_corps_have_the_prefix_of_where_they_lie(
    province_code: str, school_code: str, credit_code: str
) -> None:
    found = problems_by_field(replace(SOUND, province_code=province_code, school_code=school_code))
    assert "school_code" not in found


def test_a_school_of_the_region_does_not_register_with_the_corps_number() -> None:
    found = problems_by_field(replace(SOUND, province_code="65", school_code="4166012345"))
    assert "与所选省份不一致" in str(found["school_code"][0])


@pytest.mark.parametrize("school_type", ["", "primary"])
def test_a_type_that_is_not_eligible_is_refused(school_type: str) -> None:
    assert str(problems_by_field(replace(SOUND, school_type=school_type))["school_type"][0]) == "请选择学校类型"


def test_a_technician_school_without_code_is_looked_at_by_hand_and_nobody_else() -> None:
    assert "请对照办学许可证" in str(why_by_hand("technician", ""))
    assert why_by_hand("technician", "3632012345") is None
    assert why_by_hand("college", "") is None
    facts = replace(SOUND, school_type="technician", school_code="")
    assert problems_on_submit(facts, NOON) == []
    assert "请写明核对了哪些材料" in str(problems_on_approve(facts, NOON)[0])
    assert problems_on_approve(replace(facts, checked="已核对办学许可证原件"), NOON) == []


# --- the link


def test_the_link_goes_to_the_contact_and_is_not_in_any_table(client) -> None:
    row = an_approved_registration()
    (message,) = mail.outbox
    assert message.to == [row.contact_email]
    raw = re.search(r"/accounts/activate/([^/\s]+)/", message.body).group(1)
    assert not OnceToken.objects.filter(digest=raw).exists()
    assert raw not in "".join(f"{t.note}{t.data}" for t in timeline_of(row))
    assert timeline_of(row).last().note == "j**@example.edu.cn"


def test_a_mail_server_that_is_down_leaves_the_approval_and_is_shown(officer, settings) -> None:
    settings.EMAIL_BACKEND = "onex.accounts.tests.dead_mail.EmailBackend"
    row = a_submitted_registration()
    page = officer.post(reverse("accounts:registration-move", args=[row.pk, "approve"]), follow=True)
    assert "激活链接的邮件未能发出" in text_of(page)
    row.refresh_from_db()
    assert row.state == "active"
    assert "邮件未能发出，请重新发送" in text_of(officer.get(page.redirect_chain[-1][0]))
    resend = reverse("accounts:registration-resend", args=[row.pk])
    assert "邮件仍未能发出" in text_of(officer.post(resend, follow=True))
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert "激活链接已重新发送" in text_of(officer.post(resend, follow=True))
    assert len(mail.outbox) == 1


def test_the_applicant_asks_for_a_new_link_the_old_one_ends_and_asking_is_limited(client) -> None:
    row, token = a_registration()
    services.move_registration(row, "submit", by=applicant_of(row), at=NOON)
    decide(row, "approve")
    status = f"/accounts/registration/by/{token}/"
    page = text_of(client.get(status))
    assert "已于" in page
    assert "j**@example.edu.cn" in page
    for _ in range(3):
        assert client.post(status + "link/").status_code == 302
    refused = client.post(status + "link/")
    assert refused.status_code == 429
    assert refused["Retry-After"]
    links = [re.search(r"/accounts/activate/[^/\s]+/", one.body).group() for one in mail.outbox]
    assert [client.get(link).status_code for link in links] == [404, 404, 404, 200]


def test_no_link_before_approval_nor_once_the_account_is_used(client) -> None:
    row, token = a_registration()
    assert client.post(f"/accounts/registration/by/{token}/link/").status_code == 409
    services.move_registration(row, "submit", by=applicant_of(row), at=NOON)
    decide(row, "approve")
    raw = re.search(r"/accounts/activate/([^/\s]+)/", mail.outbox[-1].body).group(1)
    activated(raw)
    refused = client.post(f"/accounts/registration/by/{token}/link/")
    assert refused.status_code == 409
    assert "账号已经启用" in text_of(refused)
    assert "已经启用" in text_of(client.get(f"/accounts/registration/by/{token}/"))


# --- by hand


def test_a_hand_review_is_flagged_and_asks_what_was_checked(officer) -> None:
    row = a_submitted_registration(school_type="technician", school_code="")
    assert "人工核对" in text_of(officer.get("/accounts/registrations/"))
    detail = reverse("accounts:registration-detail", args=[row.pk])
    assert "技工院校没有学校标识码" in text_of(officer.get(detail))
    approve = reverse("accounts:registration-move", args=[row.pk, "approve"])
    refused = officer.post(approve, {"note": " "})
    assert refused.status_code == 409
    assert "请写明核对了哪些材料" in text_of(refused)
    officer.post(approve, {"note": "已核对人社厅批文（苏人社〔2019〕8号）"})
    row.refresh_from_db()
    assert row.state == "active"
    assert "苏人社" in timeline_of(row).get(verb="approve").note


# --- remarks and differences


def test_a_remark_stands_beside_its_field_and_the_correction_is_marked_for_the_reviewer(officer, client) -> None:
    row, token = a_registration(address="学府路 1 号")
    row = services.move_registration(row, "submit", by=applicant_of(row), at=NOON)
    reject = reverse("accounts:registration-move", args=[row.pk, "reject"])
    officer.post(reject, {"note": "", "remark-address": "请写到门牌号", "remark-nonsense": "x"})
    trace = timeline_of(row).get(verb="reject")
    assert trace.data["remarks"] == {"address": "请写到门牌号"}
    assert trace.note == "请按各栏的审核意见修改。"
    for address in ("", "edit/"):
        assert "审核意见：请写到门牌号" in text_of(client.get(f"/accounts/registration/by/{token}/{address}"))
    row.refresh_from_db()
    services.save_registration(
        replace(a_registration_form(), address="学府路 99 号", name=row.name), at=NOON, registration=row
    )
    services.move_registration(row, "submit", by=applicant_of(row), at=NOON)
    page = text_of(officer.get(reverse("accounts:registration-detail", args=[row.pk])))
    assert "<del>学府路 1 号</del> <ins>学府路 99 号</ins>" in page
    assert f"<del>{row.name}</del>" not in page


def test_a_first_submission_is_compared_with_nothing(officer) -> None:
    row = a_submitted_registration()
    assert "<ins>" not in text_of(officer.get(reverse("accounts:registration-detail", args=[row.pk])))


def test_a_remark_that_is_too_long_is_refused_and_what_was_written_is_kept(officer) -> None:
    row = a_submitted_registration()
    response = officer.post(
        reverse("accounts:registration-move", args=[row.pk, "reject"]), {"note": "见意见", "remark-address": "长" * 301}
    )
    assert response.status_code == 409
    assert "不超过 300 个字" in text_of(response)
    assert "长" * 301 in text_of(response)


def test_a_registration_refused_for_good_is_not_handed_in_again(client) -> None:
    row, token = a_registration()
    services.move_registration(row, "submit", by=applicant_of(row), at=NOON)
    decide(row, "refuse", "不属于可以申报的学校")
    page = text_of(client.get(f"/accounts/registration/by/{token}/"))
    assert "不予注册" in page
    assert "不属于可以申报的学校" in page
    assert client.get(f"/accounts/registration/by/{token}/edit/").status_code == 302
    with pytest.raises(Refused, match="当前状态为“不予注册”"):
        services.move_registration(row, "submit", by=applicant_of(row), at=NOON)


def test_a_name_that_is_registered_is_refused_in_whatever_spacing() -> None:
    school = a_school()
    row, _ = a_registration(name=school.name)
    with pytest.raises(Refused, match="该校名已经注册"):
        services.move_registration(row, "submit", by=applicant_of(row), at=NOON)


# --- the printed form


def test_the_form_for_stamping_is_printed_from_what_is_saved(client, officer) -> None:
    row, token = a_registration(district="江宁区")
    response = client.get(f"/accounts/registration/by/{token}/print/")
    assert response["Content-Type"] == "application/pdf"
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages)
    for word in (row.name, row.credit_code, "江宁区", "530605", "高职专科", "公办", "江苏省教育厅"):
        assert word in words
    services.move_registration(row, "submit", by=applicant_of(row), at=NOON)
    assert officer.get(reverse("accounts:registration-paper", args=[row.pk])).status_code == 200


def test_a_draft_with_next_to_nothing_is_printed_too(client) -> None:
    _, token = services.save_registration(services.RegistrationInput(province=a_province(), name="示范学院"), at=NOON)
    assert client.get(f"/accounts/registration/by/{token}/print/").status_code == 200


def test_what_no_font_has_is_said_instead_of_printed(client) -> None:
    _, token = a_registration(address="学府路 \U0001f600")
    refused = client.get(f"/accounts/registration/by/{token}/print/")
    assert refused.status_code == 409
    assert "无法打印的字符" in text_of(refused)


# --- pages of changes


def a_name_form(**changes) -> dict:
    return {"new_name": "南京示范大学", "reason": "经批准更名", "proof": a_letter()} | changes


def test_a_school_asks_for_another_name_and_sees_its_history(client) -> None:
    actor = a_school_actor(a_school("南京示范学院"))
    school = signed_in_as(client, actor)
    response = school.post("/accounts/changes/new/name/", a_name_form())
    row = InstitutionChange.objects.get()
    assert response.url == reverse("accounts:change-detail", args=[row.pk])
    assert school.get("/accounts/changes/new/name/").url == response.url
    page = text_of(school.get(response.url))
    for word in ("南京示范学院", "南京示范大学", "盖章说明.pdf", "待审核"):
        assert word in page
    services.move_change(row, "approve", by=an_actor(Role.PROVINCE, row.school.province), at=NOON)
    page = text_of(school.get("/accounts/changes/"))
    assert "曾用名" in page
    assert "南京示范大学" in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"new_name": ""}, "请填写新的学校全称"),
        ({"reason": ""}, "请写明原因"),
        ({"proof": ""}, "请上传加盖公章"),
        ({"proof": SimpleUploadedFile("函.pdf", b"MZ")}, "不是可接受的类型"),
        ({"reason": "长" * 501}, "500"),
    ],
)
def test_a_wrong_request_says_why_and_keeps_what_was_typed(client, changes: dict, sentence: str) -> None:
    school = signed_in_as(client, a_school_actor())
    response = school.post("/accounts/changes/new/name/", a_name_form(**changes))
    assert response.status_code == 422
    assert sentence in text_of(response)
    typed = "经批准更名" if "reason" not in changes else "南京示范大学"
    assert typed in text_of(response)
    assert not InstitutionChange.objects.exists()


def test_a_returned_request_is_corrected_on_its_form(client) -> None:
    actor = a_school_actor()
    row = a_change(ChangeKind.ADMINISTRATOR, by=actor)
    services.move_change(row, "return", by=an_actor(Role.PROVINCE, row.school.province), at=NOON, note="电话打不通")
    school = signed_in_as(client, actor)
    edit = reverse("accounts:change-edit", args=[row.pk])
    page = text_of(school.get(edit))
    assert "电话打不通" in page
    assert row.username in page
    form = {
        "person_name": "林岚",
        "person_phone": "13911112222",
        "person_email": "lin@example.edu.cn",
        "username": "linlan",
        "reason": "调整",
    }
    assert school.post(edit, form).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.person_phone) == ("submitted", "13911112222")


@pytest.mark.parametrize("kind", ["recovery", "nonsense"])
def test_other_kinds_of_requests_are_not_filed_here(client, kind: str) -> None:
    assert signed_in_as(client, a_school_actor()).get(f"/accounts/changes/new/{kind}/").status_code == 404


def test_a_province_decides_on_the_page_and_a_stale_page_is_told(officer) -> None:
    row = a_change(ChangeKind.ADMINISTRATOR)
    detail = reverse("accounts:change-detail", args=[row.pk])
    assert "审核" in text_of(officer.get("/accounts/changes/"))
    assert "林岚" in text_of(officer.get(detail))
    approve = reverse("accounts:change-move", args=[row.pk, "approve"])
    assert officer.post(approve).url == detail
    late = officer.post(approve)
    assert late.status_code == 409
    assert "当前状态为“已通过”，不能“通过”" in text_of(late)
    paper = queries.proofs_of(row).get()
    file = officer.get(reverse("accounts:change-file", args=[row.pk, paper.pk]))
    assert b"".join(file.streaming_content) == PDF
    assert officer.post(reverse("accounts:change-resend", args=[row.pk]), follow=True).status_code == 200
    assert officer.get("/accounts/changes/export/").status_code == 200


def test_a_province_suspends_a_school_whose_people_are_out_at_their_next_click(officer, client) -> None:
    actor = a_school_actor()
    from django.test import Client

    school_client = signed_in_as(Client(), actor)
    assert school_client.get("/accounts/changes/").status_code == 200
    suspend = reverse("accounts:institution-move", args=[actor.organisation_id, "suspend"])
    assert officer.post(suspend, {"note": ""}).status_code == 409
    page = text_of(officer.post(suspend, {"note": "资质失效"}, follow=True))
    assert "已暂停" in page
    assert "资质失效" in page
    assert "/accounts/sign-in/" in school_client.get("/accounts/changes/").url
    officer.post(reverse("accounts:institution-move", args=[actor.organisation_id, "restore"]), {"note": "已恢复"})
    # What ended has ended: they sign in anew.
    assert signed_in_as(Client(), actor).get("/accounts/changes/").status_code == 200
    assert text_of(officer.get("/accounts/institutions/")).count(actor.organisation_name) >= 1


# --- the way back


def a_recovery_form(**changes) -> dict:
    return {
        "code": "4132012345",
        "person_name": "林岚",
        "person_phone": "13900000000",
        "person_email": "lin@example.edu.cn",
        "keeps": "another",
        "username": "linlan",
        "reason": "原管理员离职",
        "proof": a_letter(),
    } | changes


def test_the_way_back_answers_alike_whether_or_not_there_is_such_a_school(client) -> None:
    a_school(school_code="4132012345")
    known = client.post("/accounts/recovery/", a_recovery_form())
    unknown = client.post("/accounts/recovery/", a_recovery_form(code="4132099999", proof=a_letter()))
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert "申请已收到" in text_of(client.get(known.url))
    assert InstitutionChange.objects.get().username == "linlan"


def test_a_taken_account_is_not_told_to_strangers(client) -> None:
    a_school_actor()
    taken = User.objects.get().username
    response = client.post("/accounts/recovery/", a_recovery_form(username=taken))
    assert response.status_code == 302


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"code": ""}, "请填写学校标识码或统一社会信用代码"),
        ({"code": "41320"}, "学校标识码应为 10 位数字"),
        ({"code": "123200004660012321"}, "校验位不正确"),
        ({"username": ""}, "以字母开头"),
        ({"person_name": ""}, "请填写姓名"),
        ({"proof": ""}, "请上传加盖公章"),
    ],
)
def test_a_wrong_way_back_says_why_and_keeps_what_was_typed(client, changes: dict, sentence: str) -> None:
    response = client.post("/accounts/recovery/", a_recovery_form(**changes))
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert "原管理员离职" in text_of(response)


def test_asking_again_and_again_is_slowed_down(client) -> None:
    for _ in range(3):
        client.post("/accounts/recovery/", a_recovery_form(proof=a_letter()))
    response = client.post("/accounts/recovery/", a_recovery_form(proof=a_letter()))
    assert response.status_code == 429
    assert "尝试次数过多" in text_of(response)


# --- abuse


def test_abuse_02_another_province_finds_neither_registration_nor_change_nor_school(client) -> None:
    registration, change = a_submitted_registration(), a_change()
    recovery = a_recovery(a_school())
    stranger = signed_in_as(client, an_actor(Role.PROVINCE, another_province()))
    paper, letter = queries.licences_of(registration).get(), queries.proofs_of(change).get()
    gets = [
        ("registration-detail", [registration.pk]),
        ("registration-paper", [registration.pk]),
        ("registration-file", [registration.pk, paper.pk]),
        ("change-detail", [change.pk]),
        ("change-detail", [recovery.pk]),
        ("change-file", [change.pk, letter.pk]),
        ("institution-detail", [change.school_id]),
    ]
    posts = [
        ("registration-move", [registration.pk, "approve"]),
        ("registration-move", [registration.pk, "reject"]),
        ("registration-resend", [registration.pk]),
        ("change-move", [change.pk, "approve"]),
        ("change-resend", [change.pk]),
        ("institution-move", [change.school_id, "suspend"]),
    ]
    assert {stranger.get(reverse(f"accounts:{name}", args=args)).status_code for name, args in gets} == {404}
    assert {
        stranger.post(reverse(f"accounts:{name}", args=args), {"note": "x"}).status_code for name, args in posts
    } == {404}
    for address in ("/accounts/registrations/", "/accounts/changes/", "/accounts/institutions/"):
        assert stranger.get(address).context["page"].paginator.count == 0
    registration.refresh_from_db(), change.refresh_from_db()
    assert (registration.state, change.state) == ("pending", "submitted")


def test_abuse_02_another_school_finds_no_request_of_a_school(client) -> None:
    change = a_change()
    stranger = signed_in_as(client, a_school_actor())
    for name, args in (("change-detail", [change.pk]), ("change-edit", [change.pk])):
        assert stranger.get(reverse(f"accounts:{name}", args=args)).status_code == 404
    assert stranger.post(reverse("accounts:change-move", args=[change.pk, "withdraw"])).status_code == 404


def test_abuse_25_what_a_school_or_reviewer_types_is_inert_in_page_mail_pdf_and_sheet(officer, client) -> None:
    name, note = f"示范{HOSTILE}学院", f"退回{HOSTILE}"
    row, token = a_registration(name=name, district="=1+1", contact_name="周敏")
    services.move_registration(row, "submit", by=applicant_of(row), at=NOON)
    detail = reverse("accounts:registration-detail", args=[row.pk])
    decide(row, "reject", note, remarks={"address": HOSTILE})
    pages = ["/accounts/registrations/", detail, f"/accounts/registration/by/{token}/"]
    pages.append(f"/accounts/registration/by/{token}/edit/")
    for address in pages:
        page = text_of(officer.get(address))
        assert HOSTILE not in page
        assert "&lt;script&gt;" in page
    words = client.get(f"/accounts/registration/by/{token}/print/").content
    assert "<script>" in "".join(page.extract_text() for page in PdfReader(io.BytesIO(words)).pages)  # ink, no more
    sheet = load_workbook(io.BytesIO(officer.get("/accounts/registrations/export/").content)).active
    assert [cell.data_type for cell in sheet[2] if cell.value] == ["s"] * sum(bool(c.value) for c in sheet[2])
    services.move_registration(row, "submit", by=applicant_of(row), at=NOON)
    decide(row, "approve")
    (message,) = mail.outbox
    assert message.content_subtype == "plain"
    assert "\n" not in message.subject
    assert School.objects.get().name == name


def test_abuse_25_a_change_with_markup_and_formulas_is_inert(client) -> None:
    actor = a_school_actor()
    row = a_change(ChangeKind.NAME, by=actor, new_name=f"=HYPERLINK({HOSTILE})", reason=f"+{HOSTILE}")
    officer = signed_in_as(client, an_actor(Role.PROVINCE, row.school.province))
    for address in ("/accounts/changes/", reverse("accounts:change-detail", args=[row.pk])):
        page = text_of(officer.get(address))
        assert HOSTILE not in page
        assert "&lt;script&gt;" in page
    sheet = load_workbook(io.BytesIO(officer.get("/accounts/changes/export/").content)).active
    assert {cell.data_type for cell in sheet[2] if cell.value} == {"s"}


@pytest.mark.parametrize("count", [2, 12])
def test_the_lists_cost_the_same_however_long(officer, count: int, django_assert_num_queries) -> None:
    for _ in range(count):
        a_change()
    with django_assert_num_queries(8):  # session, user, hats, counts, page count, rows; the two of the navigation
        assert len(officer.get("/accounts/changes/").context["page"]) == count
    with django_assert_num_queries(8):
        assert len(officer.get("/accounts/institutions/").context["page"]) == count


def test_the_form_offers_the_district(client) -> None:
    form = {"then": "save", "province": a_province().pk, "city": a_city().pk, "name": "示范 学院", "district": "江宁区"}
    status = client.post("/accounts/registration/", form).url
    assert "江苏省 南京市 江宁区" in text_of(client.get(status))
    assert InstitutionRegistration.objects.get().name == "示范学院"

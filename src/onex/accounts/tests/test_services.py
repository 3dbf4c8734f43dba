"""What is on disk after a registration, an account or a hat, what was traced, and what was refused in which words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pytest
from django.contrib.auth import authenticate
from django.core.files.uploadedfile import SimpleUploadedFile

from onex.accounts import queries, services
from onex.accounts.models import (
    City,
    EvaluationOrg,
    InstitutionRegistration,
    Membership,
    Organisation,
    Province,
    School,
    User,
)
from onex.accounts.services.registrations import applicant_of
from onex.accounts.tests.factories import (
    NOON,
    PASSWORD,
    a_hat,
    a_licence,
    a_province,
    a_registration,
    a_registration_form,
    a_school,
    a_submitted_registration,
    a_user,
    an_actor,
    an_evaluation_org,
    another_province,
)
from onex.common.actors import SYSTEM, Role
from onex.common.queries import timeline_of
from onex.common.tests.at_once import at_once, told_apart
from onex.common.text import Refused

pytestmark = pytest.mark.django_db


def decide(row: InstitutionRegistration, move: str, note: str = "", by=None) -> InstitutionRegistration:
    officer = by or an_actor(Role.PROVINCE, row.province)
    return services.move_registration(row, move, by=officer, at=NOON, note=note)


# --- institution registration


def test_a_draft_is_kept_and_found_again_by_the_secret_of_its_address_only() -> None:
    row, token = services.save_registration(
        services.RegistrationInput(province=a_province(), name="南京示范学院"), at=NOON
    )
    assert queries.registration_by_token(token).get() == row
    assert token not in {row.token, str(row.pk)}
    assert not queries.registration_by_token(row.token).exists()


def test_an_incomplete_draft_is_not_submitted_and_every_gap_is_named() -> None:
    row, _ = services.save_registration(services.RegistrationInput(province=a_province(), name="示范"), at=NOON)
    with pytest.raises(Refused) as refused:
        services.move_registration(row, "submit", by=applicant_of(row), at=NOON)
    assert len(refused.value.reasons) == 12
    row.refresh_from_db()
    assert (row.state, row.submitted_at) == ("draft", None)


def test_codes_are_kept_as_people_meant_them() -> None:
    row, _ = services.save_registration(
        a_registration_form(credit_code=" １２３２００００ 4660012320 ", school_code="41 3201 2345"), at=NOON
    )
    assert (row.credit_code, row.school_code) == ("123200004660012320", "4132012345")


def test_a_licence_is_what_its_content_says() -> None:
    with pytest.raises(Refused, match="不是可接受的类型"):
        services.save_registration(
            a_registration_form(), at=NOON, licence=SimpleUploadedFile("法人证书.pdf", b"MZ not a pdf")
        )
    assert not InstitutionRegistration.objects.exists()


def test_an_approved_registration_becomes_school_majors_account_and_hat() -> None:
    row = decide(a_submitted_registration(), "approve")
    school = School.objects.get(registration=row)
    assert row.state == "active"
    assert (school.name, school.credit_code, school.province, school.city) == (
        row.name,
        row.credit_code,
        row.province,
        row.city,
    )
    assert list(school.majors.values_list("code", flat=True)) == ["530605", "530701"]
    user = User.objects.get(username=row.username)
    assert not user.has_usable_password()
    hat = Membership.objects.get(user=user)
    assert (hat.role, hat.organisation_id, hat.is_active) == ("school", school.pk, True)
    assert authenticate(username=row.username, password="") is None


def test_the_timeline_tells_who_submitted_and_who_decided() -> None:
    row = decide(a_submitted_registration(), "reject", "法人证书不清晰，请重新扫描")
    submitted, rejected = timeline_of(row)
    assert submitted.actor_label == f"周敏（{row.name}）"
    assert (rejected.note, rejected.hat) == ("法人证书不清晰，请重新扫描", "province")


def test_a_rejected_registration_is_corrected_and_submitted_again() -> None:
    row = decide(a_submitted_registration(), "reject", "请更正地址")
    row, token = services.save_registration(a_registration_form(address="江宁区学府路 2 号"), at=NOON, registration=row)
    assert token == ""
    row = services.move_registration(row, "submit", by=applicant_of(row), at=NOON)
    assert (row.state, row.address) == ("pending", "江宁区学府路 2 号")


def test_a_rejection_without_a_reason_is_refused() -> None:
    with pytest.raises(Refused, match="请写明理由"):
        decide(a_submitted_registration(), "reject", "  ")


def test_a_registration_under_review_is_not_changed() -> None:
    row = a_submitted_registration()
    with pytest.raises(Refused, match="正在审核或已经开通"):
        services.save_registration(a_registration_form(), at=NOON, registration=row)


def test_another_province_does_not_decide() -> None:
    row = a_submitted_registration()
    with pytest.raises(Refused, match="无权办理"):
        decide(row, "approve", by=an_actor(Role.PROVINCE, another_province()))
    assert not School.objects.exists()


def test_a_school_that_is_there_does_not_register_again() -> None:
    school = a_school(school_code="4132099999")
    row, _ = a_registration(school_code="4132099999")
    with pytest.raises(Refused, match="该学校标识码已经注册"):
        services.move_registration(row, "submit", by=applicant_of(row), at=NOON)
    assert School.objects.get() == school


@pytest.mark.parametrize("field", ["credit_code", "school_code", "username", "name"])
def test_two_waiting_registrations_never_share_a_number_or_an_account(field: str) -> None:
    first = a_submitted_registration()
    row, _ = a_registration(**{field: getattr(first, field)})
    with pytest.raises(Refused):
        services.move_registration(row, "submit", by=applicant_of(row), at=NOON)
    decide(first, "reject", "请更正")
    assert services.move_registration(row, "submit", by=applicant_of(row), at=NOON).state == "pending"


def test_an_account_is_the_same_in_whatever_case_it_is_written() -> None:
    a_user("jwcnjsf")
    row, _ = a_registration(username="JwcNjsf")
    with pytest.raises(Refused, match="该登录账号已被使用"):
        services.move_registration(row, "submit", by=applicant_of(row), at=NOON)


def test_an_account_taken_while_waiting_keeps_the_school_from_being_opened() -> None:
    row = a_submitted_registration()
    a_user(row.username)
    with pytest.raises(Refused, match="登录账号已被他人使用"):
        decide(row, "approve")
    row.refresh_from_db()
    assert row.state == "pending"
    assert not School.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_officers_approving_at_once_open_one_school() -> None:
    row = a_submitted_registration()
    officers = [an_actor(Role.PROVINCE, row.province) for _ in range(2)]
    done, refused = told_apart(at_once(*(partial(decide, row, "approve", by=officer) for officer in officers)))
    assert (len(done), len(refused)) == (1, 1)
    assert School.objects.count() == Membership.objects.filter(role="school").count() == 1


def test_no_more_than_five_papers_are_kept() -> None:
    row, _ = a_registration()
    for _ in range(4):
        services.save_registration(a_registration_form(), at=NOON, registration=row, licence=a_licence())
    with pytest.raises(Refused, match="最多上传 5 个文件"):
        services.save_registration(a_registration_form(), at=NOON, registration=row, licence=a_licence())
    assert queries.licences_of(row).count() == 5


# --- people and hats


def test_a_user_is_made_with_a_hashed_password_and_a_trace() -> None:
    user = services.create_user("province_js", "王处", PASSWORD, by=SYSTEM, at=NOON)
    assert user.check_password(PASSWORD)
    assert timeline_of(user).get().verb == "create"


@pytest.mark.parametrize(("username", "password"), [("ab", PASSWORD), ("province_js", "12345678"), ("TAKEN", PASSWORD)])
def test_a_wrong_or_taken_name_and_a_weak_password_make_no_user(username: str, password: str) -> None:
    a_user("taken")
    with pytest.raises(Refused):
        services.create_user(username, "王处", password, by=SYSTEM, at=NOON)
    assert User.objects.count() == 1


def test_a_school_makes_no_users_and_gives_no_hats() -> None:
    officer = an_actor(Role.SCHOOL, a_school())
    with pytest.raises(Refused, match="无权办理：新建用户"):
        services.create_user("somebody", "某人", PASSWORD, by=officer, at=NOON)
    with pytest.raises(Refused, match="无权办理：授予身份"):
        services.give_hat(a_user(), Role.PROVINCE, a_province(), by=officer, at=NOON)


def test_a_hat_given_twice_is_one_hat_and_one_taken_away_comes_back() -> None:
    user, org = a_user(), an_evaluation_org()
    hat = services.give_hat(user, Role.ORG, org, by=SYSTEM, at=NOON)
    Membership.objects.update(is_active=False)
    again = services.give_hat(user, Role.ORG, org, by=SYSTEM, at=NOON)
    assert (again.pk, again.is_active) == (hat.pk, True)


# --- organisations that come with an installation


@dataclass
class ACity:
    code: str
    name: str


@dataclass
class AProvince:
    code: str
    name: str
    authority: str
    cities: tuple[ACity, ...]


JIANGSU = AProvince("32", "江苏省", "江苏省教育厅", (ACity("320100", "南京市"), ACity("320200", "无锡市")))
NINGBO = AProvince("3302", "宁波市", "宁波市教育局", (ACity("330200", "宁波市"),))


def test_provinces_and_cities_are_loaded_once_and_renamed_when_the_data_say_so() -> None:
    assert services.load_provinces([JIANGSU, NINGBO]) == 5
    assert services.load_provinces([JIANGSU, NINGBO]) == 0
    assert services.load_provinces([AProvince("32", "江苏省", "江苏省教育委员会", JIANGSU.cities)]) == 1
    assert list(Province.objects.order_by("code").values_list("code", "name", "region_name")) == [
        ("32", "江苏省教育委员会", "江苏省"),
        ("3302", "宁波市教育局", "宁波市"),
    ]
    assert City.objects.get(code="320200").province.code == "32"
    assert City.objects.get(code="320200").name == "无锡市教育局"


def test_the_evaluation_organisation_is_known_by_its_code() -> None:
    first = services.ensure_evaluation_org("134871207", "南京奥派信息产业股份公司", "奥派")
    again = services.ensure_evaluation_org("134871207", "南京奥派信息产业股份公司", "奥派股份")
    assert first.pk == again.pk
    assert EvaluationOrg.objects.get().short_name == "奥派股份"
    with pytest.raises(Refused, match="校验位"):
        services.ensure_evaluation_org("134871208", "别家", "别家")


def test_an_installation_has_one_operator() -> None:
    services.ensure_operator("某平台")
    services.ensure_operator("某平台运营中心")
    assert Organisation.objects.get(kind="operator").name == "某平台运营中心"


def test_a_hat_of_a_closed_organisation_is_not_worn() -> None:
    school = a_school()
    user = a_user()
    a_hat(Role.SCHOOL, school, user)
    assert len(queries.hats_of(user)) == 1
    Organisation.objects.filter(pk=school.pk).update(is_active=False)
    assert queries.hats_of(user) == []

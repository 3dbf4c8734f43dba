"""People and organisations for tests, as short as a test needs them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.files.uploadedfile import SimpleUploadedFile

from onex.accounts import services
from onex.accounts.identifiers import credit_check_character
from onex.accounts.models import (
    City,
    EvaluationOrg,
    InstitutionChange,
    InstitutionRegistration,
    Membership,
    Organisation,
    Province,
    School,
    SchoolMajor,
    User,
)
from onex.accounts.queries import actor_in
from onex.accounts.rules import HATS, ChangeKind, OrganisationKind, RegistrationFacts, TokenPurpose
from onex.accounts.services.registrations import applicant_of
from onex.accounts.services.sessions import begin_sign_in
from onex.common.actors import Actor, Role
from onex.common.clock import now
from onex.common.tests.papers import PDF

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # 12:00 in Beijing
_number = count(1)


def a_province(code: str = "32", name: str = "江苏省教育厅", region: str = "江苏省") -> Province:
    found = Province.objects.filter(code=code).first()
    return found or Province.objects.create(kind="province", name=name, code=code, region_name=region)


def another_province() -> Province:
    return a_province("33", "浙江省教育厅", "浙江省")


def a_city(province: Province | None = None, code: str = "320100", region: str = "南京市") -> City:
    found = City.objects.filter(code=code).first()
    return found or City.objects.create(
        kind="city", name=f"{region}教育局", province=province or a_province(), code=code, region_name=region
    )


def an_evaluation_org(org_code: str = "134871207") -> EvaluationOrg:
    found = EvaluationOrg.objects.filter(org_code=org_code).first()
    return found or EvaluationOrg.objects.create(
        kind="evaluation_org", name="南京奥派信息产业股份公司", org_code=org_code, short_name="奥派股份"
    )


def a_school(name: str = "", majors: dict[str, str] | None = None, **values: Any) -> School:
    """A school of Nanjing; `majors` by code, 电子商务 and 市场营销 unless told."""
    n = next(_number)
    province = values.pop("province", None) or a_province()
    city = values.pop("city", a_city() if province.code == "32" else None)
    school = School.objects.create(
        kind="school",
        name=name or f"南京第{n}职业技术学院",
        province=province,
        city=city,
        **{
            "school_type": "college",
            "school_code": f"41{province.code[:2]}0{n:05d}",
            "credit_code": f"test{n:014d}",
            "address": "江宁区学府路 1 号",
            "contact_name": "周敏",
            "contact_phone": "13800000000",
            "contact_email": "jwc@example.edu.cn",
        }
        | values,
    )
    offered = {"530701": "电子商务", "530605": "市场营销"} if majors is None else majors
    SchoolMajor.objects.bulk_create(SchoolMajor(school=school, code=c, name=m) for c, m in offered.items())
    return school


def an_operator() -> Organisation:
    return services.ensure_operator("OneX 平台运营")


def a_site_organisation() -> Organisation:
    return Organisation.objects.create(kind="site", name=f"南京第{next(_number)}考核站点")


_MAKERS: dict[OrganisationKind, Callable[[], Organisation]] = {
    OrganisationKind.OPERATOR: an_operator,
    OrganisationKind.PROVINCE: a_province,
    OrganisationKind.CITY: a_city,
    OrganisationKind.EVALUATION_ORG: an_evaluation_org,
    OrganisationKind.SCHOOL: a_school,
    OrganisationKind.SITE: a_site_organisation,
}
PEOPLE = [role for role in Role if role != Role.SYSTEM]  # every hat that somebody may wear


def an_organisation_for(role: Role) -> Organisation:
    """An organisation that has this hat: the usual province, city and evaluation organisation, a new school or site."""
    return _MAKERS[next(kind for kind, roles in HATS.items() if role in roles)]()


PASSWORD = "correct-horse-9"


@cache
def _hashed() -> str:
    return make_password(PASSWORD)  # once: with Argon2 a crowd would cost seconds


def a_user(username: str = "", name: str = "周敏") -> User:
    """Somebody who signs in with PASSWORD."""
    return User.objects.create(username=username or f"user{next(_number)}", name=name, password=_hashed())


def a_hat(role: Role, organisation: Organisation, user: User | None = None) -> Membership:
    return Membership.objects.create(user=user or a_user(), role=role, organisation_id=organisation.pk)


def an_actor(role: Role, organisation: Organisation) -> Actor:
    """A person in a hat, on disk."""
    hat = a_hat(role, organisation)
    return Actor(hat.user_id, hat.user.name, role, organisation.pk, organisation.name)


def signed_in_with(client: Any, hat: Membership, *, factor: bool = False) -> Any:
    """The test client with a session and its sign-in in this hat; `factor`: the second factor was proved."""
    client.logout()  # who was here before is gone, with their session's key
    client.force_login(hat.user)
    session = client.session
    session["hat"] = str(hat.pk)
    session.save()
    begin_sign_in(hat.user, by=actor_in(hat), at=now(), key=session.session_key, hat=hat, factor=factor)
    return client


def signed_in_as(client: Any, actor: Actor) -> Any:
    """The test client with this actor's session."""
    return signed_in_with(
        client,
        Membership.objects.select_related("user", "organisation").get(
            user_id=actor.user_id, role=actor.role, organisation_id=actor.organisation_id
        ),
    )


# --- institution registrations

SOUND = RegistrationFacts(
    province_code="32",
    city_in_province=True,
    name="南京示范职业技术学院",
    school_type="college",
    school_code="4132012345",
    credit_code="123200004660012320",
    address="江宁区学府路 1 号",
    legal_representative="陈立",
    contact_name="周敏",
    contact_phone="025-83152910",
    contact_email="jwc@example.edu.cn",
    majors=(("530701", "电子商务"),),
    username="njsf_jwc",
    has_licence=True,
)


def sound(row: Any) -> RegistrationFacts:
    """For `moves.move(facts=…)` where the registration itself is not what is tested."""
    return SOUND


def a_credit_code(n: int) -> str:
    """A valid 统一社会信用代码 of a public institution in Jiangsu."""
    stem = f"1232{n:013d}"
    return stem + credit_check_character(stem)


def a_registration_form(**values: Any) -> services.RegistrationInput:
    """A form as a careful school fills it, each with its own numbers."""
    n = next(_number)
    filled = services.RegistrationInput(
        province=values.pop("province", None) or a_province(),
        city=values.pop("city", None) or a_city(),
        name=f"南京第{n}职业技术学院",
        school_type="college",
        school_code=f"41320{n:05d}",
        credit_code=a_credit_code(n),
        address="江宁区学府路 1 号",
        legal_representative="陈立",
        contact_name="周敏",
        contact_phone="13800000000",
        contact_email="jwc@example.edu.cn",
        majors=(("530701", "电子商务"), ("530605", "市场营销")),
        username=f"school{n}",
    )
    return replace(filled, **values)


def a_licence() -> SimpleUploadedFile:
    return SimpleUploadedFile("法人证书.pdf", PDF)


def a_registration(**values: Any) -> tuple[InstitutionRegistration, str]:
    """A draft with everything in it, and the secret of its address."""
    return services.save_registration(a_registration_form(**values), at=NOON, licence=a_licence())


def a_submitted_registration(**values: Any) -> InstitutionRegistration:
    row, _ = a_registration(**values)
    return services.move_registration(row, "submit", by=applicant_of(row), at=NOON)


def an_approved_registration(**values: Any) -> InstitutionRegistration:
    """A school that was let in: its account waits for the link that was sent."""
    row = a_submitted_registration(**values)
    return services.move_registration(row, "approve", by=an_actor(Role.PROVINCE, row.province), at=NOON)


# --- changes of a school's name or administrator


def a_letter() -> SimpleUploadedFile:
    return SimpleUploadedFile("盖章说明.pdf", PDF)


def a_change_form(kind: ChangeKind = ChangeKind.NAME, **values: Any) -> services.ChangeInput:
    n = next(_number)
    filled = services.ChangeInput(kind=kind, reason="经省政府批准更名" if kind == ChangeKind.NAME else "人员调整")
    if kind == ChangeKind.NAME:
        return replace(filled, **{"new_name": f"南京第{n}职业大学"} | values)
    person = {
        "person_name": "林岚",
        "person_phone": "13900000000",
        "person_email": f"lin{n}@example.edu.cn",
        "username": f"lin{n}",
    }
    return replace(filled, **person | values)


def a_school_actor(school: School | None = None, email: str = "zhou@example.edu.cn") -> Actor:
    """The administrator of a school, with an address to be told at."""
    actor = an_actor(Role.SCHOOL, school or a_school())
    User.objects.filter(pk=actor.user_id).update(email=email)
    return actor


def a_change(kind: ChangeKind = ChangeKind.NAME, by: Actor | None = None, **values: Any) -> InstitutionChange:
    """A request that waits for its province."""
    return services.file_change(a_change_form(kind, **values), a_letter(), by=by or a_school_actor(), at=NOON)


def a_recovery(school: School, **values: Any) -> InstitutionChange:
    """A request of somebody without an account that waits for the province."""
    form = a_change_form(ChangeKind.RECOVERY, **values)
    row = services.ask_for_recovery(school.school_code or "", form, a_letter(), address="10.0.0.9", at=NOON)
    if row is None:
        raise ValueError("no such school")
    return row


def activated(raw: str, password: str = PASSWORD) -> User:
    """Somebody who opened their activation link and chose this password."""
    return services.set_password_by_token(raw, TokenPurpose.ACTIVATE, password, address="", at=NOON)

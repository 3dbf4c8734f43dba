"""Organisations: several tenants, every jurisdiction, a school's own facts; and what a form does not take."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from onex.accounts import queries, services
from onex.accounts.models import City, EvaluationOrg, Membership, Organisation, Province, School, User
from onex.accounts.rules import RegistrationFacts, problems_on_submit
from onex.accounts.tests.factories import (
    NOON,
    PEOPLE,
    SOUND,
    a_city,
    a_hat,
    a_province,
    a_school,
    a_user,
    an_actor,
    an_evaluation_org,
    an_operator,
    an_organisation_for,
    signed_in_as,
)
from onex.common.actors import Actor, Role
from onex.common.models import Trace
from onex.common.permits import holds
from onex.common.text import Refused

pytestmark = pytest.mark.django_db
SEPARATE = {"2102": "大连市", "3302": "宁波市", "3502": "厦门市", "3702": "青岛市", "4403": "深圳市"}


def system() -> Actor:
    return an_actor(Role.SYSTEM_ADMIN, an_operator())


# --- jurisdictions


def test_the_guide_brings_31_provinces_the_corps_and_five_separate_cities_each_its_own_jurisdiction() -> None:
    call_command("loadguide", verbosity=0)
    assert Province.objects.count() == 31 + 1 + 5
    assert Province.objects.get(code="66").name == "新疆生产建设兵团教育局"
    for code, name in SEPARATE.items():
        province = Province.objects.get(code=code)
        assert (province.region_name, province.name) == (name, f"{name}教育局")
        assert list(province.cities.values_list("region_name", flat=True)) == [name]
        assert not City.objects.filter(region_name=name).exclude(province=province).exists()
    assert not Province.objects.filter(cities=None).exists()


def test_a_school_of_a_separate_city_is_not_its_provinces() -> None:
    """Its city belongs to the city's own jurisdiction, so 辽宁 with 大连 is refused and 大连 with 大连 is not."""
    call_command("loadguide", verbosity=0)
    dalian = City.objects.get(code="210200")

    def wrong(province: str) -> str:
        row = Province.objects.get(code=province)
        facts = vars(SOUND) | {
            "province_code": row.code,
            "city_in_province": dalian.province_id == row.pk,
            "school_code": "4121012345",
            "credit_code": "12210000MB0000001X",
        }
        return " ".join(str(one) for one in problems_on_submit(RegistrationFacts(**facts), NOON))

    assert "城市" in wrong("21")
    assert "城市" not in wrong("2102")


def test_a_city_is_made_within_its_jurisdiction_only() -> None:
    province = a_province()
    Province.objects.create(kind="province", name="宁波市教育局", code="3302", region_name="宁波市")
    zhejiang = a_province("33", "浙江省教育厅", "浙江省")
    city = services.create_city(province, "321200", "泰州市", by=system(), at=NOON)
    assert (city.name, city.province) == ("泰州市教育局", province)
    for place, code in ((province, "331200"), (province, "32120"), (province, "321200"), (zhejiang, "330200")):
        with pytest.raises(Refused):
            services.create_city(place, code, "某市", by=system(), at=NOON)


# --- tenants


def test_a_second_evaluation_organisation_is_made_with_a_right_code_once() -> None:
    made = services.create_evaluation_org("99999999-8", " 乙方 评价组织 ", "", by=system(), at=NOON)
    assert (made.org_code, made.name, made.short_name) == ("999999998", "乙方 评价组织", "乙方 评价组织")
    assert Trace.objects.get(subject_id=made.pk, verb="create").hat == Role.SYSTEM_ADMIN
    for code, name, sentence in (
        ("999999998", "另一家", "已登记"),
        ("999999997", "另一家", "校验"),
        ("134871207", "乙方 评价组织", "已登记"),
        ("134871207", " ", "请填写机构名称"),
    ):
        with pytest.raises(Refused, match=sentence):
            services.create_evaluation_org(code, name, "", by=system(), at=NOON)
    with pytest.raises(Refused, match="无权办理"):
        services.create_evaluation_org("134871207", "某家", "", by=an_actor(Role.ADMIN, made), at=NOON)


def test_people_of_a_disabled_organisation_are_out_at_the_next_request(client: Any) -> None:
    tenant = an_evaluation_org()
    row = Organisation.objects.get(pk=tenant.pk)
    signed_in_as(client, an_actor(Role.ADMIN, tenant))
    assert client.get(reverse("accounts:people-home")).status_code == 302
    with pytest.raises(Refused, match="请写明理由"):
        services.set_organisation_active(row, False, by=system(), at=NOON, note=" ")
    services.set_organisation_active(row, False, by=system(), at=NOON, note="合同到期。")
    assert reverse("accounts:sign-in") in client.get(reverse("accounts:people-home")).url
    services.set_organisation_active(row, True, by=system(), at=NOON, note="已续签。")
    assert client.get(reverse("accounts:people-home")).url.endswith("/people/")


def test_a_school_and_the_operator_are_not_the_platforms_to_disable() -> None:
    for made in (a_school(), an_operator()):
        row = Organisation.objects.get(pk=made.pk)
        with pytest.raises(Refused, match="无权办理"):
            services.set_organisation_active(row, False, by=system(), at=NOON, note="理由")


@pytest.mark.parametrize("role", PEOPLE)
def test_organisations_are_seen_made_and_managed_by_these_hats(role: Role) -> None:
    actor = an_actor(role, an_organisation_for(role))
    sees = {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.OPERATOR, Role.AUDITOR}
    makes = {Role.SYSTEM_ADMIN, Role.OPERATOR}
    assert holds("accounts.organisation_see", actor) == (role in sees)
    assert holds("accounts.organisation_create", actor) == holds("accounts.organisation_manage", actor)
    assert holds("accounts.organisation_create", actor) == (role in makes)
    assert holds("accounts.school_edit", actor) == (role == Role.SCHOOL)


def test_the_pages_of_organisations_from_making_one_to_its_first_administrator(client: Any) -> None:
    signed_in_as(client, system())
    create = reverse("accounts:organisation-create")
    assert client.get(create).status_code == 200
    assert client.get(create, {"kind": "city"}).status_code == 200
    wrong = client.post(create, {"name": "乙方评价组织", "org_code": "999999997"})
    assert wrong.status_code == 422
    assert 'value="乙方评价组织"' in wrong.content.decode()
    answer = client.post(create, {"name": "乙方评价组织", "short_name": "乙方", "org_code": "999999998"})
    tenant = EvaluationOrg.objects.get(org_code="999999998")
    detail = reverse("accounts:organisation-detail", args=[tenant.pk])
    assert answer.url == detail
    assert "还没有能登录的管理员" in client.get(detail).content.decode()
    typed = {"name": "李梅", "username": "li_mei", "email": "li@example.com", "hats": ["admin"]}
    invite = reverse("accounts:person-invite", args=[tenant.pk])
    assert client.post(invite, typed | {"hats": ["org"]}).status_code == 422  # only its administrators come from here
    assert client.post(invite, typed).status_code == 302
    page = client.get(reverse("accounts:organisation-list"), {"kind": "evaluation_org", "q": "9999", "sort": "-heads"})
    assert "乙方评价组织" in page.content.decode()
    assert client.get(reverse("accounts:organisation-export"), {"standing": "headless"}).status_code == 200
    for move, note, status in (
        ("suspend", "", 409),
        ("suspnd", "理由", 409),
        ("suspend", "理由", 302),
        ("restore", "理由", 302),
    ):
        address = reverse("accounts:organisation-move", args=[tenant.pk, move])
        assert client.post(address, {"note": note}).status_code == status
    twice = client.post(create, {"name": "丙方", "org_code": "999999998"})
    assert twice.status_code == 409
    for kind in (a_province(), a_city(), a_school(), an_operator()):
        assert client.get(reverse("accounts:organisation-detail", args=[kind.pk])).status_code == 200


def test_the_list_of_organisations_costs_the_same_for_thirty_and_for_three_hundred(client: Any) -> None:
    signed_in_as(client, system())

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("accounts:organisation-list"), {"sort": "heads"}).status_code == 200
        return len(captured)

    Organisation.objects.bulk_create(Organisation(kind="site", name=f"考点{n}") for n in range(30))
    few = cost()
    Organisation.objects.bulk_create(Organisation(kind="site", name=f"站点{n}") for n in range(270))
    assert cost() == few <= 12


# --- a school about itself


def test_a_school_keeps_its_departments(client: Any) -> None:
    school = a_school()
    signed_in_as(client, an_actor(Role.SCHOOL, school))
    home = reverse("accounts:school-home")
    assert "电子商务" in client.get(home).content.decode()
    assert client.post(reverse("accounts:department-create"), {"department-name": "商学院"}).status_code == 302
    assert client.post(reverse("accounts:department-create"), {"department-name": "商学院"}).status_code == 409
    assert client.post(reverse("accounts:department-create"), {"department-name": " "}).status_code == 422
    department = school.departments.get()
    services.save_major(school, "530701", "电子商务", department, by=an_actor(Role.SCHOOL, school), at=NOON)
    in_use = client.post(reverse("accounts:department-remove", args=[department.pk]))
    assert in_use.status_code == 409
    assert "还有 1 个专业" in in_use.content.decode()
    services.save_major(school, "530701", "电子商务", None, by=an_actor(Role.SCHOOL, school), at=NOON)
    rename = reverse("accounts:department-edit", args=[department.pk])
    assert client.post(rename, {"name": "数字商务学院"}).status_code == 302
    assert client.post(rename, {"name": ""}).status_code == 422
    long = client.post(rename, {"name": "数" * 61})
    assert (long.status_code, "院系名称最多 60 个字" in long.content.decode()) == (422, True)
    assert f'value="{"数" * 61}"' in long.content.decode()  # what was typed is not lost
    services.save_department(school, "商学院", by=an_actor(Role.SCHOOL, school), at=NOON)
    known = client.post(rename, {"name": "商学院"})
    assert (known.status_code, known.content.decode().count('value="商学院"')) == (409, 2)
    school.departments.get(name="商学院").delete()
    assert client.post(reverse("accounts:department-remove", args=[department.pk])).status_code == 302
    assert not school.departments.exists()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"contact_phone": "83152910"}, "请填写 11 位手机号，或带区号的固定电话"),
        ({"contact_email": "jwc@localhost"}, "有效的"),
        ({"contact_email": "a..b@example.cn"}, "有效的"),
    ],
)
def test_a_contact_whom_nobody_reaches_is_refused_as_on_registration(client: Any, wrong: dict, sentence: str) -> None:
    school = a_school()
    signed_in_as(client, an_actor(Role.SCHOOL, school))
    given = {"address": "新校区 1 号", "contact_name": "钱进", "contact_phone": "025-83152910"}
    given |= {"contact_email": "new@example.edu.cn"} | wrong
    answer = client.post(reverse("accounts:school-edit"), given)
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert f'value="{next(iter(wrong.values()))}"' in answer.content.decode()
    school.refresh_from_db()
    assert school.contact_name != "钱进"


def test_another_schools_departments_are_not_there(client: Any) -> None:
    school, other = a_school(), a_school()
    department = services.save_department(school, "商学院", by=an_actor(Role.SCHOOL, school), at=NOON)
    signed_in_as(client, an_actor(Role.SCHOOL, other))
    for name in ("department-edit", "department-remove"):
        address = reverse(f"accounts:{name}", args=[department.pk])
        assert client.post(address, {"name": "某"}).status_code == 404
    with pytest.raises(Refused, match="请选择本校的院系"):
        services.save_major(other, "530701", "电商", department, by=an_actor(Role.SCHOOL, other), at=NOON)


# --- abuse 13: what a form does not have is not taken

MORE = {
    "id": "00000000-0000-0000-0000-000000000001",
    "pk": "00000000-0000-0000-0000-000000000001",
    "role": "security_admin",
    "school_id": "00000000-0000-0000-0000-000000000001",
    "organisation": "00000000-0000-0000-0000-000000000001",
    "organisation_id": "00000000-0000-0000-0000-000000000001",
    "parent": "00000000-0000-0000-0000-000000000001",
    "status": "approved",
    "state": "active",
    "score": "100",
    "approved": "1",
    "is_staff": "1",
    "is_superuser": "1",
    "is_active": "0",
    "password": "owned-by-me-1",
    "kind": "operator",
    "credit_code": "91110000000000000X",
    "school_code": "9999999999",
    "last_login": "2020-01-01",
    "user": "00000000-0000-0000-0000-000000000001",
    "by": "system",
    "at": "2020-01-01",
}


def facts(row: Any) -> dict[str, Any]:
    return type(row).objects.filter(pk=row.pk).values().get()


def test_abuse_13_inviting_takes_no_role_no_organisation_no_password_and_no_key_from_the_form(client: Any) -> None:
    admin = an_actor(Role.SCHOOL, a_school())
    signed_in_as(client, admin)
    typed = {"name": "李梅", "username": "li_mei", "email": "li@example.com", "hats": ["teacher"]}
    assert client.post(reverse("accounts:person-invite", args=[admin.organisation_id]), MORE | typed).status_code == 302
    user = User.objects.get(username="li_mei")
    assert str(user.pk) != MORE["pk"]
    assert user.is_active
    assert not user.has_usable_password()
    hats = Membership.objects.filter(user=user).values_list("role", "organisation_id")
    assert list(hats) == [(Role.TEACHER, admin.organisation_id)]


@pytest.mark.parametrize("hat", ["system_admin", "operator", "province", "student", "admin", "system", "nonsense"])
def test_abuse_13_no_hat_is_taken_that_was_not_offered(client: Any, hat: str) -> None:
    admin = an_actor(Role.SCHOOL, a_school())
    signed_in_as(client, admin)
    typed = {"name": "李梅", "username": "li_mei", "email": "li@example.com", "hats": ["teacher", hat]}
    assert client.post(reverse("accounts:person-invite", args=[admin.organisation_id]), typed).status_code == 422
    assert not User.objects.filter(username="li_mei").exists()
    user = a_user()
    a_hat(Role.TEACHER, School.objects.get(pk=admin.organisation_id), user)
    address = reverse("accounts:person-hats", args=[admin.organisation_id, user.pk])
    assert client.post(address, {"hats": ["teacher", hat], "note": "理由"}).status_code == 422
    assert list(user.memberships.values_list("role", flat=True)) == [Role.TEACHER]


def test_abuse_13_changing_a_person_changes_hats_alone(client: Any) -> None:
    admin, user = an_actor(Role.SCHOOL, a_school()), a_user()
    a_hat(Role.TEACHER, School.objects.get(pk=admin.organisation_id), user)
    signed_in_as(client, admin)
    before = facts(user)
    given = {**MORE, "hats": ["registrar"], "note": "转岗。", "username": "root", "email": "x@example.com"}
    address = reverse("accounts:person-hats", args=[admin.organisation_id, user.pk])
    assert client.post(address, given).status_code == 302
    assert facts(user) == before
    move = reverse("accounts:person-move", args=[admin.organisation_id, user.pk, "suspend"])
    assert client.post(move, {**MORE, "note": "离岗。"}).status_code == 302
    assert facts(user) == before
    for name in ("disable", "enable", "create", "delete"):
        wrong = reverse("accounts:person-move", args=[admin.organisation_id, user.pk, name])
        assert client.post(wrong, {**MORE, "note": "理由"}).status_code in (404, 409)
    assert facts(user) == before


def test_abuse_13_a_school_changes_its_address_and_contact_alone(client: Any) -> None:
    school = a_school()
    signed_in_as(client, an_actor(Role.SCHOOL, school))
    given = {"address": "新校区 1 号", "contact_name": "钱进", "contact_phone": "02583152910"}
    given |= {"contact_email": "new@example.edu.cn"}
    before = facts(school)
    more = {**MORE, "name": "清华大学", "province": str(a_province("11", "北京市教委", "北京市").pk)}
    assert client.post(reverse("accounts:school-edit"), {**more, **given}).status_code == 302
    assert facts(school) == before | given


def test_abuse_13_a_new_organisation_has_the_kind_of_its_page(client: Any) -> None:
    signed_in_as(client, system())
    given = {**MORE, "name": "乙方评价组织", "short_name": "乙方", "org_code": "999999998"}
    assert client.post(reverse("accounts:organisation-create"), given).status_code == 302
    made = EvaluationOrg.objects.get(org_code="999999998")
    assert (made.kind, made.is_active, made.parent_id) == ("evaluation_org", True, None)
    assert str(made.pk) != MORE["pk"]


def test_every_site_of_the_platform_is_found_by_its_school() -> None:
    school = a_school()
    unit = services.open_site_unit("考点", school)
    assert list(queries.sites_of_school(school)) == [unit]

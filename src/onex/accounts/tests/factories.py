"""People and organisations for tests, as short as a test needs them."""

from __future__ import annotations

from itertools import count
from typing import Any

from onex.accounts.models import City, EvaluationOrg, Membership, Organisation, Province, School, SchoolMajor, User
from onex.common.actors import Actor, Role

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


def a_user(username: str = "", name: str = "周敏", password: str = "correct-horse-9") -> User:
    user = User(username=username or f"user{next(_number)}", name=name)
    user.set_password(password)
    user.save()
    return user


def a_hat(role: Role, organisation: Organisation, user: User | None = None) -> Membership:
    return Membership.objects.create(user=user or a_user(), role=role, organisation_id=organisation.pk)


def an_actor(role: Role, organisation: Organisation) -> Actor:
    """A person in a hat, on disk."""
    hat = a_hat(role, organisation)
    return Actor(hat.user_id, hat.user.name, role, organisation.pk, organisation.name)


def signed_in_as(client: Any, actor: Actor) -> Any:
    """The test client with this actor's session."""
    user = User.objects.get(pk=actor.user_id)
    client.force_login(user)
    hat = Membership.objects.get(user=user, role=actor.role, organisation_id=actor.organisation_id)
    session = client.session
    session["hat"] = str(hat.pk)
    session.save()
    return client

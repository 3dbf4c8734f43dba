"""Organisations that come with an installation: provinces and cities, the operator, the evaluation organisation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from onex.accounts.identifiers import normalised, problems_with_org_code
from onex.accounts.models import City, Department, EvaluationOrg, Organisation, Province, School
from onex.accounts.rules import OrganisationKind
from onex.common import moves, tx
from onex.common.actors import Actor
from onex.common.moves import leave_trace
from onex.common.permits import PERMITS, demand, holds
from onex.common.text import Refused, say


class CityRow(Protocol):
    """A city as the guide's data has it: GB/T 2260 code of six digits and its name."""

    @property
    def code(self) -> str: ...

    @property
    def name(self) -> str: ...


class ProvinceRow(Protocol):
    """A jurisdiction as the guide's data has it: its code, its name and the authority that publishes its plans."""

    @property
    def code(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def authority(self) -> str: ...

    @property
    def cities(self) -> Sequence[CityRow]: ...


def load_provinces(rows: Iterable[ProvinceRow]) -> int:
    """Make the provinces and cities say what these rows say; answers how many were added or changed.

    Repeatable. Nothing is taken away: what is no longer listed may have schools.
    """
    changed = 0
    with tx.write():
        provinces = {row.code: row for row in Province.objects.all()}
        cities = {row.code: row for row in City.objects.all()}
        for row in rows:
            province = provinces.get(row.code) or Province(kind=OrganisationKind.PROVINCE, code=row.code)
            changed += _set(province, name=row.authority, region_name=row.name)
            for one in row.cities:
                city = cities.get(one.code) or City(kind=OrganisationKind.CITY, code=one.code)
                changed += _set(city, name=f"{one.name}教育局", region_name=one.name, province_id=province.pk)
    return changed


def _set(row: Province | City, **values: object) -> bool:
    if not row._state.adding and all(getattr(row, name) == value for name, value in values.items()):
        return False
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return True


def ensure_evaluation_org(org_code: str, name: str, short_name: str) -> EvaluationOrg:
    """The evaluation organisation of this code, made or renamed when need be.

    Raises Refused for a code whose check character is wrong.
    """
    problems = problems_with_org_code(org_code)
    if problems:
        raise Refused(*problems)
    with tx.write():
        found, _ = EvaluationOrg.objects.update_or_create(
            org_code=org_code,
            defaults={"kind": OrganisationKind.EVALUATION_ORG, "name": name, "short_name": short_name},
        )
    return found


def open_site_unit(name: str, school: School) -> Organisation:
    """The organisation of an exam site's own people; its school looks after them as well.

    For the service that opens the site and has asked its own permit.
    """
    with tx.write():
        return Organisation.objects.create(kind=OrganisationKind.SITE, name=name[:100], parent_id=school.pk)


def ensure_operator(name: str) -> Organisation:
    """The organisation that runs this installation; there is one."""
    with tx.write():
        found, _ = Organisation.objects.update_or_create(kind=OrganisationKind.OPERATOR, defaults={"name": name})
    return found


def _demand_to_create(by: Actor) -> None:
    code = "accounts.organisation_create"
    if not holds(code, by):
        raise Refused(say("您当前的身份（{role}）无权办理：{action}", role=by.role.label, action=PERMITS[code].label))


def create_evaluation_org(org_code: str, name: str, short_name: str, *, by: Actor, at: datetime) -> EvaluationOrg:
    """A new tenant: an evaluation organisation that sees nothing of the others. Its people come by invitation.

    Raises Refused for a code that is wrong or known, and for a name that is empty or known.
    """
    _demand_to_create(by)
    code = normalised(org_code).replace("-", "")  # as it is printed: 13487120-7
    name, short_name = " ".join(name.split()), " ".join(short_name.split())
    problems = list(problems_with_org_code(code))
    if not name:
        problems.append(say("请填写机构名称"))
    if EvaluationOrg.objects.filter(org_code=code).exists():
        problems.append(say("组织机构代码“{code}”已登记。", code=code))
    if name and EvaluationOrg.objects.filter(name=name).exists():
        problems.append(say("名为“{name}”的培训评价组织已登记。", name=name))
    if problems:
        raise Refused(*problems)
    with tx.write():
        made = EvaluationOrg.objects.create(
            kind=OrganisationKind.EVALUATION_ORG, name=name, short_name=short_name or name[:40], org_code=code
        )
        leave_trace(made.organisation, "create", by=by, at=at)
    return made


def create_city(province: Province, code: str, name: str, *, by: Actor, at: datetime) -> City:
    """One more city of a jurisdiction, whose bureau may look at applications first.

    Raises Refused for a code that is not six digits of this jurisdiction or is known.
    """
    _demand_to_create(by)
    code, name = code.strip(), " ".join(name.split())
    problems = []
    if not (len(code) == 6 and code.isascii() and code.isdigit() and code.startswith(_prefixes(province))):
        problems.append(say("“{code}”不是{province}的六位行政区划代码。", code=code, province=province.region_name))
    separate = Province.objects.filter(code=code[:4]).exclude(pk=province.pk).first()
    if separate is not None:
        problems.append(say("{city}是计划单列市，不属于{province}。", city=name, province=province.region_name))
    if City.objects.filter(code=code).exists():
        problems.append(say("行政区划代码“{code}”已登记。", code=code))
    if not name:
        problems.append(say("请填写城市名称"))
    if problems:
        raise Refused(*problems)
    with tx.write():
        made = City.objects.create(
            kind=OrganisationKind.CITY, name=f"{name}教育局", region_name=name, province=province, code=code
        )
        leave_trace(made.organisation, "create", by=by, at=at)
    return made


def _prefixes(province: Province) -> tuple[str, ...]:
    return ("65", "66") if province.code == "66" else (province.code,)


def set_organisation_active(
    organisation: Organisation, is_active: bool, *, by: Actor, at: datetime, note: str
) -> Organisation:
    """Shut all people of an organisation out (at their next request), or let them in again.

    Raises Refused without a reason, and for a school or the operator.
    """
    demand("accounts.organisation_manage", by, organisation)
    if not note.strip():
        raise Refused(say("请写明理由"))
    with tx.write():
        row = moves.lock(organisation)
        if Organisation.objects.filter(pk=row.pk, is_active=not is_active).update(is_active=is_active):
            leave_trace(row, "restore" if is_active else "suspend", by=by, at=at, note=note)
    row.refresh_from_db()
    return row


# --- a school keeps its own facts


def edit_school(
    school: School, *, address: str, contact_name: str, contact_phone: str, contact_email: str, by: Actor, at: datetime
) -> School:
    """Where a school is and whom to ask; its name and codes change by a procedure of their own. Raises Refused."""
    demand("accounts.school_edit", by, school)
    values = {
        "address": address.strip(),
        "contact_name": contact_name.strip(),
        "contact_phone": contact_phone.strip(),
        "contact_email": contact_email.strip(),
    }
    if not all(values.values()):
        raise Refused(say("地址、联系人、联系电话和邮箱都不能为空。"))
    with tx.write():
        row = moves.lock(school)
        changed = [name for name, value in values.items() if getattr(row, name) != value]
        if changed:
            School.objects.filter(pk=row.pk).update(**values)
            leave_trace(row.organisation, "edit", by=by, at=at, data={"fields": changed})
    row.refresh_from_db()
    return row


def save_department(
    school: School, name: str, *, by: Actor, at: datetime, department: Department | None = None
) -> Department:
    """A new department, or another name for one. Raises Refused for an empty or known name."""
    demand("accounts.school_edit", by, school)
    name = " ".join(name.split())[:60]
    if not name:
        raise Refused(say("请填写院系名称"))
    with tx.write():
        moves.lock(school)
        others = school.departments.exclude(pk=department.pk) if department else school.departments.all()
        if others.filter(name=name).exists():
            raise Refused(say("已有名为“{name}”的院系。", name=name))
        row = department or Department(school=school)
        before = row.name
        row.name = name
        row.save()
        leave_trace(school.organisation, "department", by=by, at=at, note=f"{before} → {name}" if before else name)
    return row


def remove_department(department: Department, *, by: Actor, at: datetime) -> None:
    """Take a department away. Raises Refused while majors belong to it."""
    school = department.school
    demand("accounts.school_edit", by, school)
    with tx.write():
        moves.lock(school)
        if count := department.majors.count():
            raise Refused(say("“{name}”还有 {n} 个专业，请先调整这些专业的院系。", name=department.name, n=count))
        leave_trace(school.organisation, "department", by=by, at=at, note=f"{department.name} → —")
        department.delete()

"""Organisations that come with an installation: provinces and cities, the operator, the evaluation organisation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from onex.accounts.identifiers import problems_with_org_code
from onex.accounts.models import City, EvaluationOrg, Organisation, Province, School
from onex.accounts.rules import OrganisationKind
from onex.common import tx
from onex.common.text import Refused


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

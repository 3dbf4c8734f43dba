"""院校注册: handed in by an applicant without an account, decided by the province, opened in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError

from onex.accounts import queries
from onex.accounts.identifiers import normalised
from onex.accounts.models import City, InstitutionRegistration, Province, School, SchoolMajor
from onex.accounts.rules import EDITABLE, REGISTRATION, OrganisationKind, RegistrationFacts
from onex.accounts.services.people import open_account, put_on, refuse_weak
from onex.common import files, moves, tx
from onex.common.actors import Actor, Role
from onex.common.text import Refused, say

LICENCE_KINDS = ("pdf", "png", "jpg")
MOST_LICENCES = 5
TAKEN = say("学校标识码、统一社会信用代码或登录账号与另一份正在审核的注册相同。")


@dataclass(frozen=True)
class RegistrationInput:
    """The form as typed; a draft needs province and name only. An empty password keeps the one there is."""

    province: Province
    name: str
    city: City | None = None
    school_type: str = ""
    ownership: str = "public"
    school_code: str = ""
    credit_code: str = ""
    address: str = ""
    legal_representative: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    majors: Sequence[tuple[str, str]] = ()
    username: str = ""
    password: str = ""


def applicant_of(registration: InstitutionRegistration) -> Actor:
    """Who acts for a school that has no account: named after its contact, in the system's hat."""
    return Actor(None, registration.contact_name or registration.name, Role.SYSTEM, None, registration.name)


def save_registration(
    values: RegistrationInput,
    *,
    at: datetime,
    registration: InstitutionRegistration | None = None,
    licence: Any = None,
) -> tuple[InstitutionRegistration, str]:
    """Keep a registration while it may be changed; answers it and, for a new one, the secret of its address.

    Raises Refused while it is being reviewed, for a weak password and for a file that is none.
    """
    if values.password:
        refuse_weak(values.password, values.username, values.contact_name)
    if licence is not None:
        files.check(licence, LICENCE_KINDS)
    hashed = make_password(values.password) if values.password else ""
    token = "" if registration is not None else secrets.token_urlsafe(32)
    with tx.write():
        if registration is None:
            row = InstitutionRegistration(token=queries.digest_of_token(token))
        else:
            row = moves.lock(registration)
        if row.state not in EDITABLE:
            raise Refused(say("注册正在审核或已经开通，不能再修改。"))
        for one in fields(values):
            if one.name not in ("password", "majors"):
                setattr(row, one.name, _tidy(one.name, getattr(values, one.name)))
        row.majors = [{"code": code, "name": name} for code, name in values.majors]
        row.password = hashed or row.password
        row.save()
    if licence is not None:
        if queries.licences_of(row).count() >= MOST_LICENCES:
            raise Refused(say("证明材料最多上传 {n} 个文件。", n=MOST_LICENCES))
        files.attach(row, queries.LICENCE, licence, by=applicant_of(row), at=at, kinds=LICENCE_KINDS)
    return row, token


def _tidy(name: str, value: Any) -> Any:
    if name in ("school_code", "credit_code"):
        return normalised(value)
    return value.strip() if isinstance(value, str) else value


def move_registration(
    registration: InstitutionRegistration, move: str, *, by: Actor, at: datetime, note: str = ""
) -> InstitutionRegistration:
    """Submit (by `applicant_of`), approve or reject.

    Approval makes the school, its majors, the account and its hat in the same transaction. Raises Refused.
    """
    try:
        with tx.write():
            row = moves.move(
                REGISTRATION,
                registration,
                move,
                by=by,
                at=at,
                note=note,
                facts=registration_facts,
                sets={"submitted_at": at} if move == "submit" else None,
            )
            if move == "approve":
                _open(row, by=by, at=at)
    except IntegrityError as clash:  # two at once: the constraints decide who was first
        raise Refused(TAKEN) from clash
    row.refresh_from_db()
    return row


def _open(row: InstitutionRegistration, *, by: Actor, at: datetime) -> None:
    school = School.objects.create(
        kind=OrganisationKind.SCHOOL,
        name=row.name,
        province=row.province,
        city=row.city,
        school_type=row.school_type,
        ownership=row.ownership,
        school_code=row.school_code or None,
        credit_code=row.credit_code,
        address=row.address,
        contact_name=row.contact_name,
        contact_phone=row.contact_phone,
        contact_email=row.contact_email,
    )
    SchoolMajor.objects.bulk_create(
        SchoolMajor(school=school, code=major["code"], name=major["name"]) for major in row.majors
    )
    # A phone belongs to one account: an office's number that already opens one stays the school's contact only.
    phone = "" if queries.user_by_phone(row.contact_phone) else row.contact_phone
    user = open_account(
        row.username, row.contact_name, row.password, by=by, at=at, phone=phone, email=row.contact_email
    )
    put_on(user, Role.SCHOOL, school, by=by, at=at)
    # The digest lives with the account from now on.
    InstitutionRegistration.objects.filter(pk=row.pk).update(school=school, password="")


def registration_facts(row: InstitutionRegistration) -> RegistrationFacts:
    """What the rules judge, as the tables say it now."""
    return RegistrationFacts(
        province_code=row.province.code,
        city_in_province=None if row.city is None else row.city.province_id == row.province_id,
        name=row.name,
        school_type=row.school_type,
        school_code=row.school_code,
        credit_code=row.credit_code,
        address=row.address,
        legal_representative=row.legal_representative,
        contact_name=row.contact_name,
        contact_phone=row.contact_phone,
        contact_email=row.contact_email,
        majors=[(major["code"], major["name"]) for major in row.majors],
        username=row.username,
        has_password=bool(row.password),
        has_licence=queries.licences_of(row).exists(),
        school_code_taken=queries.school_code_is_taken(row.school_code, row),
        credit_code_taken=queries.credit_code_is_taken(row.credit_code, row),
        username_taken=queries.username_is_taken(row.username, row),
    )

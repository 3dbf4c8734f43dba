"""院校注册: handed in by an applicant without an account, decided by the province, opened in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from onex.accounts import queries
from onex.accounts.identifiers import normalised
from onex.accounts.models import City, InstitutionRegistration, Province, School, SchoolMajor, User
from onex.accounts.rules import (
    EDITABLE,
    LONGEST_REMARK,
    REGISTRATION,
    REMARKED,
    OrganisationKind,
    RegistrationFacts,
)
from onex.accounts.services.links import send_activation
from onex.accounts.services.people import free_phone, open_account, put_on
from onex.common import files, moves, tx
from onex.common.actors import Actor, Role
from onex.common.limits import Door, Limit, enter
from onex.common.moves import leave_trace
from onex.common.origins import household
from onex.common.permits import demand
from onex.common.text import Refused, Say, say

LICENCE_KINDS = ("pdf", "png", "jpg")
MOST_LICENCES = 5
TAKEN = say("学校全称、学校标识码、统一社会信用代码或登录账号与另一份正在审核的注册相同。")
# Whoever holds the secret address may ask for the link again; it goes to the contact's e-mail and nowhere else.
LINK_DOOR = Door(
    "accounts.activation_again", say("重新发送院校账号激活链接"), Limit("target", 3, 3_600), Limit("address", 10, 3_600)
)


@dataclass(frozen=True)
class RegistrationInput:
    """The form as typed; a draft needs province and name only."""

    province: Province
    name: str
    city: City | None = None
    school_type: str = ""
    ownership: str = "public"
    school_code: str = ""
    credit_code: str = ""
    district: str = ""
    address: str = ""
    legal_representative: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    majors: Sequence[tuple[str, str]] = ()
    username: str = ""


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

    Raises Refused while it is being reviewed and for a file that is none.
    """
    if licence is not None:
        files.check(licence, LICENCE_KINDS)
    token = "" if registration is not None else secrets.token_urlsafe(32)
    with tx.write():
        if registration is None:
            row = InstitutionRegistration(token=queries.digest_of_token(token))
        else:
            row = moves.lock(registration)
        if row.state not in EDITABLE:
            raise Refused(say("注册正在审核或已经开通，不能再修改。"))
        for one in fields(values):
            if one.name != "majors":
                setattr(row, one.name, _tidy(one.name, getattr(values, one.name)))
        row.majors = [{"code": code, "name": name} for code, name in values.majors]
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
    registration: InstitutionRegistration,
    move: str,
    *,
    by: Actor,
    at: datetime,
    note: str = "",
    remarks: Mapping[str, str] | None = None,
) -> InstitutionRegistration:
    """Submit (by `applicant_of`), approve, reject (`remarks` on single fields) or refuse for good.

    Approval makes the school, its majors, the account and its hat in one transaction; then the contact is sent the link
    that activates the account, and a mail server that is down changes nothing of the approval. Raises Refused.
    """
    kept = _tidy_remarks(remarks or {}) if move == "reject" else {}
    if kept and not note.strip():
        note = str(say("请按各栏的审核意见修改。"))
    try:
        with tx.write():
            row = moves.move(
                REGISTRATION,
                registration,
                move,
                by=by,
                at=at,
                note=note,
                facts=lambda fresh: replace(registration_facts(fresh), checked=note),
                sets=_handed_in(registration, at) if move == "submit" else None,
                data={"remarks": kept} if kept else None,
            )
            user = _open(row, by=by, at=at) if move == "approve" else None
    except IntegrityError as clash:  # two at once: the constraints decide who was first
        raise Refused(TAKEN) from clash
    row.refresh_from_db()
    if user is not None:
        send_activation(row, user, row.contact_email, row.name, by=by, at=at)
    return row


def _tidy_remarks(remarks: Mapping[str, str]) -> dict[str, str]:
    kept = {field: text.strip() for field, text in remarks.items() if field in REMARKED and text.strip()}
    if any(len(text) > LONGEST_REMARK for text in kept.values()):
        raise Refused(say("每一栏的审核意见不超过 {n} 个字。", n=LONGEST_REMARK))
    return kept


def _handed_in(registration: InstitutionRegistration, at: datetime) -> dict[str, Any]:
    """What is handed in now, kept beside what was handed in before, so that a reviewer sees the difference."""
    row = moves.lock(registration)  # what is compared is what was judged
    return {"submitted_at": at, "handed_in": queries.filed_fields(row), "handed_in_before": row.handed_in}


def send_link_again(registration: InstitutionRegistration, *, by: Actor, at: datetime) -> bool:
    """The activation link once more, by the reviewer; the one before ends. Answers whether it could be sent.

    Raises Refused for whoever may not review, before approval, and once the account is in use.
    """
    demand("accounts.registration_review", by, registration)
    return _send_link(registration, by=by, at=at)


def ask_for_link(registration: InstitutionRegistration, *, address: str, at: datetime) -> bool:
    """The same, by whoever holds the secret address of the registration.

    Raises TooMany when asked too often, Refused before approval and once the account is in use.
    """
    user = queries.account_of(registration)
    if user is None or user.has_usable_password():
        raise Refused(_why_no_link(user))
    enter(LINK_DOOR, at=at, target=str(registration.pk), address=household(address))
    return _send_link(registration, by=applicant_of(registration), at=at)


def note_form_print(registration: InstitutionRegistration, *, address: str, at: datetime) -> None:
    """The form shows the contact's whole numbers to whoever holds the secret address, so its print is traced."""
    with tx.write():
        leave_trace(registration, "print", by=replace(applicant_of(registration), address=address), at=at)


def _send_link(registration: InstitutionRegistration, *, by: Actor, at: datetime) -> bool:
    user = queries.account_of(registration)
    if user is None or user.has_usable_password():
        raise Refused(_why_no_link(user))
    return send_activation(registration, user, registration.contact_email, registration.name, by=by, at=at)


def _why_no_link(user: User | None) -> Say:
    if user is None:
        return say("注册还没有通过，没有可以启用的账号。")
    return say("账号已经启用，不需要再发送激活链接；忘记密码请在登录页找回。")


def _open(row: InstitutionRegistration, *, by: Actor, at: datetime) -> User:
    school = School.objects.create(
        kind=OrganisationKind.SCHOOL,
        name=row.name,
        province=row.province,
        city=row.city,
        school_type=row.school_type,
        ownership=row.ownership,
        school_code=row.school_code or None,
        credit_code=row.credit_code,
        district=row.district,
        address=row.address,
        contact_name=row.contact_name,
        contact_phone=row.contact_phone,
        contact_email=row.contact_email,
    )
    SchoolMajor.objects.bulk_create(
        SchoolMajor(school=school, code=major["code"], name=major["name"]) for major in row.majors
    )
    phone = free_phone(row.contact_phone)
    user = open_account(row.username, row.contact_name, "", by=by, at=at, phone=phone, email=row.contact_email)
    put_on(user, Role.SCHOOL, school, by=by, at=at)
    InstitutionRegistration.objects.filter(pk=row.pk).update(school=school)
    return user


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
        has_licence=queries.licences_of(row).exists(),
        school_code_taken=queries.school_code_is_taken(row.school_code, row),
        credit_code_taken=queries.credit_code_is_taken(row.credit_code, row),
        username_taken=queries.username_is_taken(row.username, row),
        name_taken=queries.school_name_is_taken(row.name, registration=row),
    )

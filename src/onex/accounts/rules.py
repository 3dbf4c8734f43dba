"""Organisations' kinds, the registration of an institution as a table, and the identifiers of domain.md §9."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from onex.common.text import Say, say
from onex.common.workflow import Move, Workflow


class OrganisationKind(StrEnum):
    OPERATOR = "operator"
    PROVINCE = "province"
    CITY = "city"
    EVALUATION_ORG = "evaluation_org"
    SCHOOL = "school"


class SchoolType(StrEnum):
    """学校类型; the words are in SCHOOL_TYPE_LABELS."""

    SECONDARY = "secondary"
    COLLEGE = "college"
    VOCATIONAL_UNIVERSITY = "vocational_university"
    APPLIED_UNIVERSITY = "applied_university"
    TECHNICIAN = "technician"


SCHOOL_TYPE_LABELS = {
    SchoolType.SECONDARY: say("中职"),
    SchoolType.COLLEGE: say("高职专科"),
    SchoolType.VOCATIONAL_UNIVERSITY: say("职业本科"),
    SchoolType.APPLIED_UNIVERSITY: say("应用型本科"),
    SchoolType.TECHNICIAN: say("技工院校"),
}


class RegistrationState(StrEnum):
    DRAFT = "draft"
    PENDING = "pending"
    ACTIVE = "active"
    REJECTED = "rejected"


def problems_on_submit(registration: Any, at: datetime) -> list[Say]:
    """What a school still has to put right before its province sees the registration."""
    return []


REGISTRATION = Workflow(
    "accounts.registration",
    RegistrationState.DRAFT,
    Move(
        "submit",
        (RegistrationState.DRAFT, RegistrationState.REJECTED),
        RegistrationState.PENDING,
        "accounts.registration_submit",
        problems_on_submit,
        label=say("提交注册"),
    ),
    Move(
        "approve",
        (RegistrationState.PENDING,),
        RegistrationState.ACTIVE,
        "accounts.registration_review",
        label=say("通过"),
    ),
    Move(
        "reject",
        (RegistrationState.PENDING,),
        RegistrationState.REJECTED,
        "accounts.registration_review",
        label=say("退回"),
        needs_note=True,
    ),
    label=say("院校注册"),
    labels={
        RegistrationState.DRAFT: say("草稿"),
        RegistrationState.PENDING: say("待审核"),
        RegistrationState.ACTIVE: say("已开通"),
        RegistrationState.REJECTED: say("已退回"),
    },
    tones={
        RegistrationState.PENDING: "info",
        RegistrationState.ACTIVE: "good",
        RegistrationState.REJECTED: "warn",
    },
)

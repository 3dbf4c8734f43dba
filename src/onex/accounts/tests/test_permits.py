"""Who sees and decides which registrations: role by role, and always the other province."""

from __future__ import annotations

import pytest

from onex.accounts.tests.factories import (
    PEOPLE,
    a_registration,
    a_submitted_registration,
    an_actor,
    an_organisation_for,
    another_province,
)
from onex.common.actors import SYSTEM, Role
from onex.common.permits import PERMITS, allows, holds

pytestmark = pytest.mark.django_db
SEE = {Role.PROVINCE, Role.OPERATOR, Role.AUDITOR}
DECIDE = {Role.PROVINCE, Role.OPERATOR}


@pytest.mark.parametrize("role", PEOPLE)
def test_only_its_province_the_operator_and_the_auditor_see_a_registration(role: Role) -> None:
    row = a_submitted_registration()
    actor = an_actor(role, an_organisation_for(role))
    assert allows("accounts.registration_see", actor, row) == (role in SEE)
    assert allows("accounts.registration_review", actor, row) == (role in DECIDE)
    assert not allows("accounts.registration_submit", actor, row)


def test_a_draft_is_seen_by_nobody_but_its_applicant() -> None:
    row, _ = a_registration()
    for role in SEE:
        assert not allows("accounts.registration_see", an_actor(role, an_organisation_for(role)), row)
    assert allows("accounts.registration_submit", SYSTEM, row)


def test_another_province_neither_sees_nor_decides() -> None:
    row = a_submitted_registration()
    stranger = an_actor(Role.PROVINCE, another_province())
    assert not allows("accounts.registration_see", stranger, row)
    assert not allows("accounts.registration_review", stranger, row)


@pytest.mark.parametrize("code", ["accounts.user_create", "accounts.hat_give"])
def test_accounts_and_hats_out_of_nothing_come_from_the_system_alone(code: str) -> None:
    allowed = {role for role in Role if role in PERMITS[code].reaches}
    assert allowed == {Role.SYSTEM}
    assert holds(code, SYSTEM)

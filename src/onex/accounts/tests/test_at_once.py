"""Two at the same moment: what is good once is good for one of them, whatever the database."""

from __future__ import annotations

from functools import partial

import pytest
from django.contrib.auth.hashers import check_password

from onex.accounts import services
from onex.accounts.models import InstitutionRegistration, Membership, User
from onex.accounts.queries import hats_of
from onex.accounts.rules import ADMINISTRATORS, TokenPurpose
from onex.accounts.rules.factors import code_at, step_of
from onex.accounts.services import factors, staff
from onex.accounts.services.registrations import applicant_of
from onex.accounts.tests.factories import (
    NOON,
    a_hat,
    a_registration,
    a_school,
    a_user,
    an_operator,
)
from onex.accounts.tests.test_door import digits_of
from onex.common.actors import SYSTEM, Actor, Role
from onex.common.post import outbox
from onex.common.tests.at_once import at_once, told_apart

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORDS = ("white crane over the lake", "seven slow boats upstream")


@pytest.mark.parametrize("shared", ["name", "school_code", "credit_code", "username"])
def test_one_school_that_registers_twice_at_once_is_before_its_province_once(shared: str) -> None:
    first, _ = a_registration()
    second, _ = a_registration(**{shared: getattr(first, shared)})
    submits = [
        partial(services.move_registration, row, "submit", by=applicant_of(row), at=NOON) for row in (first, second)
    ]
    done, refused = told_apart(at_once(*submits))
    assert (len(done), len(refused)) == (1, 1)
    assert InstitutionRegistration.objects.filter(state="pending").count() == 1


def test_an_activation_link_opened_twice_at_once_sets_one_password() -> None:
    user = a_user()
    User.objects.filter(pk=user.pk).update(password="!")
    a_hat(Role.SCHOOL, a_school(), user)
    raw = services.issue_token(TokenPurpose.ACTIVATE, user, by=SYSTEM, at=NOON)

    def use(password: str) -> str:
        services.set_password_by_token(raw, TokenPurpose.ACTIVATE, password, address="", at=NOON)
        return password

    done, refused = told_apart(at_once(*(partial(use, one) for one in PASSWORDS)))
    assert (len(done), len(refused)) == (1, 1)
    user.refresh_from_db()
    assert check_password(done[0], user.password)


def test_one_code_of_an_app_and_one_recovery_code_open_once_for_four_at_once() -> None:
    user = a_hat(Role.SCHOOL, a_school()).user
    secret = factors.new_secret()
    by = Actor(user.pk, user.name, Role.SCHOOL, None, "")
    factors.enrol_totp(user, secret, code_at(secret, step_of(NOON)), "手机", by=by, at=NOON)
    recovery = factors.renew_recovery_codes(user, by=by, at=NOON)[0]
    later = NOON.replace(minute=10)
    # Four at once, for the fifth wrong one shuts the door.
    for proof in ({"code": code_at(secret, step_of(later))}, {"recovery": recovery}):
        prove = partial(factors.prove, user, at=later, address="192.0.2.1", **proof)
        done, refused = told_apart(at_once(*[prove] * 4))
        assert (len(done), len(refused)) == (1, 3), proof


def test_two_hats_of_the_three_administrators_accepted_at_once_are_one_hat() -> None:
    operator = an_operator()
    user = a_hat(Role.SCHOOL, a_school()).user
    hats = [
        Membership.objects.create(user=user, role=role, organisation=operator, is_active=False, invited_at=NOON)
        for role in ADMINISTRATORS
    ]
    me = Actor(user.pk, user.name, Role.SCHOOL, None, "")
    done, refused = told_apart(at_once(*(partial(staff.answer_invitation, hat, True, by=me, at=NOON) for hat in hats)))
    assert (len(done), len(refused)) == (1, len(hats) - 1)
    worn = {hat.role for hat in hats_of(user)}
    assert len(worn & {role.value for role in ADMINISTRATORS}) == 1


def test_a_phone_code_used_twice_at_once_makes_one_account() -> None:
    an_operator()
    services.send_phone_code("13900000007", at=NOON)
    code = digits_of(outbox[-1].text)
    learners = [
        partial(services.register_learner, "13900000007", code, "王小明", one, address="192.0.2.1", at=NOON)
        for one in PASSWORDS
    ]
    done, refused = told_apart(at_once(*learners))
    assert (len(done), len(refused)) == (1, 1)
    assert User.objects.filter(username="13900000007").count() == 1

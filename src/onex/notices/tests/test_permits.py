"""Role by action: who sees receipts, and of what; who changes words."""

from __future__ import annotations

import pytest

from onex.accounts.tests.factories import PEOPLE, an_actor, an_organisation_for
from onex.common.actors import Role
from onex.common.permits import holds, seen
from onex.notices.models import Sending
from onex.notices.tests.factories import a_sending, somebody

pytestmark = pytest.mark.django_db
SENDERS = {Role.PROVINCE, Role.CITY, Role.ORG, Role.SITE_REVIEWER, Role.SCHOOL}


@pytest.mark.parametrize("role", PEOPLE)
def test_senders_see_their_organisations_receipts_and_the_operator_all(role: Role) -> None:
    mine, other = an_organisation_for(role), somebody()
    actor = an_actor(role, mine)
    own = a_sending(other.organisation, by=actor)
    foreign = a_sending(other.organisation, by=an_actor(Role.SCHOOL, other.organisation))
    found = set(seen("notices.receipt_see", actor, Sending.objects.all()))
    assert found == ({own, foreign} if role == Role.OPERATOR else {own} if role in SENDERS else set())


@pytest.mark.parametrize("role", PEOPLE)
def test_words_are_the_operators(role: Role) -> None:
    assert holds("notices.template_edit", an_actor(role, an_organisation_for(role))) is (role == Role.OPERATOR)

"""What several files of tests stand on. Models are imported late: pytest reads this file before Django is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from onex.common.actors import Role
from onex.common.post import outbox

if TYPE_CHECKING:
    from onex.accounts.models import Membership


@pytest.fixture
def quiet(settings) -> None:
    """Who comes in lands on a page of nobody's, and no message was sent yet."""
    settings.LOGIN_REDIRECT_URL = "/home-of-a-role/"
    outbox.clear()


@pytest.fixture
def school() -> Membership:
    from onex.accounts.tests import factories

    return factories.a_hat(Role.SCHOOL, factories.a_school())


@pytest.fixture
def named(settings) -> None:
    """An address that passkeys can belong to."""
    settings.PUBLIC_URL = "http://localhost:8000"


@pytest.fixture
def required(settings) -> None:
    settings.SECOND_FACTOR = "required"

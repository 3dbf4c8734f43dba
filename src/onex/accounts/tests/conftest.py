"""What several files of tests stand on."""

from __future__ import annotations

import pytest

from onex.common.post import outbox


@pytest.fixture
def quiet(settings) -> None:
    """Who comes in lands on a page of nobody's, and no message was sent yet."""
    settings.LOGIN_REDIRECT_URL = "/home-of-a-role/"
    outbox.clear()

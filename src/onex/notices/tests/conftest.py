"""Templates that only tests have are gone after each test; jobs run at the moment that something was told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from onex.notices.rules import TEMPLATES


@pytest.fixture(autouse=True)
def _only_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from onex.common.post import outbox
    from onex.notices import tasks
    from onex.notices.models import Sending

    # Tests tell things at noon of a fixed day; the job that follows has no other time than the clock's.
    monkeypatch.setattr(tasks, "now", lambda: Sending.objects.latest("sent_at").sent_at)
    outbox.clear()
    before = dict(TEMPLATES)
    yield
    TEMPLATES.clear()
    TEMPLATES.update(before)

"""One world for all walks of a worker, in a transaction that is rolled back when the walks are over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.walks.world import World


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker) -> Iterator[World]:
    from django.core.management import call_command

    from tests import scenes
    from tests.walks.world import everybody, undone

    with django_db_blocker.unblock(), undone():
        call_command("loadguide", verbosity=0)  # an installation has its provinces, cities and certificates
        scenes.numbered_on()
        exams = [scenes.exam(), scenes.exam()]
        yield everybody(scenes.world(), exams)

"""One world for all walks of a worker, in a transaction that is rolled back when the walks are over.

Building it takes seconds, so it is one for all files of the folder; no test in here may commit.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.walks.world import World


@pytest.fixture(scope="package")
def world(django_db_setup: None, django_db_blocker) -> Iterator[World]:
    from django.core.management import call_command

    from tests import scenes
    from tests.walks.world import everybody, undone

    with django_db_blocker.unblock(), undone():
        call_command("loadguide", verbosity=0)  # an installation has its provinces, cities and certificates
        scenes.numbered_on()
        exams = [scenes.exam(), scenes.exam()]
        found = everybody(scenes.world(), exams)
        gc.freeze()  # tens of thousands of requests: the collector need not look at all this again and again
        yield found
        gc.unfreeze()

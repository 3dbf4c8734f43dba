"""A page read in English leaves its language behind in the thread: every test begins and ends in Chinese."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.utils import translation


@pytest.fixture(autouse=True)
def _in_chinese() -> Iterator[None]:
    with translation.override(settings.LANGUAGE_CODE):
        yield
    translation.activate(settings.LANGUAGE_CODE)

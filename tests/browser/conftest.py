"""People at machines of their own, for stories in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.pages import Ears, Opens, a_machine


@pytest.fixture
def somebody(chromium: Browser) -> Iterator[Opens]:
    """A page of one more person at a machine of their own; none of them may hear a complaint of the browser."""
    opened: list[Ears] = []

    def sit_down() -> Page:
        page = a_machine(chromium).new_page()
        opened.append(Ears(page))
        return page

    yield sit_down
    for ears in opened:
        ears.page.context.close()
    assert [heard for ears in opened for heard in ears.heard] == []

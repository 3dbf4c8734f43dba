"""Every page of every role holds what every page promises: at a desk, in a machine room, on a telephone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Browser, Page

from tests.browser.pages import Ears, Seen, Walk, a_machine, faults_of, sign_in
from tests.installation import Installation, free_port

pytestmark = [pytest.mark.browser, pytest.mark.server]
World = dict[str, Any]
SITE = re.compile(r"/static/|api:|examroom:|certificates:verify-qr")  # others look at these
PUBLIC = r"portal:(?!desk)|certificates:verify|accounts:(sign-in|registration-create|password-help)|/static/|api:"
AT_WORK = re.compile(PUBLIC)  # the visitor looks at these, once for all
ROLES = (
    "operator", "province", "city", "org", "author", "assembler", "assessor", "school", "registrar", "teacher",
    "student", "auditor", "admin", "security_admin", "system_admin", "site_manager",
)  # fmt: skip


def only(*names: str) -> re.Pattern[str]:
    """To be left out: everything but these."""
    return re.compile(rf"(?!({'|'.join(names)}))")


# Who goes where: the account (None: nobody in particular), where they begin, what they leave to others.
WALKS: dict[str, tuple[str | None, str, re.Pattern[str]]] = {
    "visitor": (None, "/", SITE),
    **{role: (role, "/desk/", AT_WORK) for role in ROLES},
    "school with a draft": ("school with a draft", "/venues/applications/", only("venues:application")),
    "school without a site": ("school without a site", "/venues/applications/", only("venues:application")),
    "two hats": ("two hats", "/accounts/hats/", only("accounts:hat-choose")),
    "applicant": (None, "registration", only("accounts:registration-(status|edit)")),
    "employer": (None, "qr", only("certificates:verify-qr")),
    "invigilator": (None, "/room/", only("examroom:")),
}
# Nothing to look at: what is posted, fragments of a page that was looked at, and what machines read.
NOT_PAGES = frozenset(
    (
        "accounts:hat-switch",
        "accounts:registration-move",
        "accounts:sign-out",
        "bank:paper-move",
        "certificates:certificate-move",
        "certificates:release-issue",
        "examroom:room-admit",
        "examroom:room-grant",
        "examroom:seat-admit",
        "examroom:seat-grant",
        "examroom:seat-hand-in",
        "examroom:seat-incident",
        "examroom:seat-release",
        "examroom:sign-out",
        "marking:session-collect",
        "pilots:application-move",
        "pilots:plan-move",
        "registration:entry-accept",
        "registration:entry-move",
        "registration:import-move",
        "registration:plan-level-move",
        "registration:student-remove",
        "results:level-compute",
        "results:release-move",
        "set_language",
        "sittings:level-arrange",
        "sittings:session-move",
        "sittings:session-papers",
        "sittings:session-staff",
        "venues:application-move",
        "venues:site-move",
        "examroom:room-seats",
        "examroom:seat-detail",
        "pilots:major-choose",
        "api:api-root",
        "api:catalog",
        "api:openapi-json",
        "healthz",
    )
)


@pytest.fixture(scope="module")
def world(place: Installation) -> World:
    exam, found = place.scenes(("exam", {"candidates": 3}), ("world", {}))
    return found | {"chief": next(one for one in exam["staff"] if one["role"] == "chief"), "seats": exam["seats"]}


@pytest.fixture(scope="module")
def seen(place: Installation, chromium: Browser, world: World) -> list[Seen]:
    """Everything that everybody gets to see by clicking."""
    asked: Counter[str] = Counter()
    found: list[Seen] = []
    for who, (account, start, leave_out) in WALKS.items():
        context = a_machine(chromium)
        page = context.new_page()
        if account:
            sign_in(page, place, world[account])
        if who == "invigilator":
            enter_room(page, place, world["chief"])
        walk = Walk(page, Ears(page), who, leave_out, asked)
        found += walk.from_(place.url + world.get(start, start))
        context.close()
    return found


def enter_room(page: Page, place: Installation, staff: dict[str, str]) -> None:
    page.goto(f"{place.url}/room/")
    page.locator("[name=name]").fill(staff["name"])
    page.locator("[name=code]").fill(staff["code"])
    page.locator("main form button[type=submit], main form button:not([type])").first.click()


@pytest.mark.parametrize("who", WALKS)
def test_every_page_is_sound(seen: list[Seen], who: str) -> None:
    mine = [one for one in seen if one.who == who]
    assert mine
    assert [str(one) for one in mine if one.faults] == []


def test_the_walks_come_to_most_pages_there_are(seen: list[Seen]) -> None:
    """What only a posted form or a link in an e-mail leads to is looked at by the tests of its own."""
    reached = {one.name for one in seen}
    known = set(addresses(get_resolver()))
    assert sorted(NOT_PAGES - known) == []
    assert sorted(NOT_PAGES & reached) == []
    missed = sorted(known - reached - NOT_PAGES)
    assert len(missed) < len(reached), "\n".join(missed)


def addresses(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    """Every address of the product by its name."""
    for one in resolver.url_patterns:
        if isinstance(one, URLPattern):
            yield f"{namespace}{one.name}"
        else:
            yield from addresses(one, f"{one.namespace}:" if one.namespace else namespace)


# --- when something is not as it should be -----------------------------------------------------------------------


def faults_at(page: Page, url: str, status: int) -> list[str]:
    ears = Ears(page)
    answer = page.goto(url)
    assert answer is not None
    return ([] if answer.status == status else [f"answered {answer.status}"]) + faults_of(page, ears)


def test_what_is_not_there_not_yours_and_not_now_have_pages_of_their_own(
    place: Installation, chromium: Browser, world: World
) -> None:
    page = a_machine(chromium).new_page()
    assert faults_at(page, f"{place.url}/nowhere/", 404) == []
    assert page.locator("main a[href]").count()  # a way on
    sign_in(page, place, world["school"])
    assert faults_at(page, f"{place.url}/bank/items/", 403) == []
    assert faults_at(page, f"{place.url}/nowhere/", 404) == []
    assert faults_at(page, place.url + world["closed_plan"], 409) == []
    assert "申报时间已" in page.locator("main").inner_text()
    page.goto(f"{place.url}/accounts/sign-in/")
    page.context.close()


def test_a_form_from_a_page_that_lost_its_session_is_explained(place: Installation, chromium: Browser) -> None:
    page = a_machine(chromium).new_page()
    page.goto(f"{place.url}/accounts/sign-in/")
    page.context.clear_cookies()
    page.get_by_label("账号", exact=True).fill("somebody")
    page.get_by_label("密码", exact=True).fill("something-1")
    with page.expect_response("**/accounts/sign-in/") as answer:
        page.get_by_role("button", name="立即登录").click()
    assert answer.value.status == 403
    assert faults_of(page, Ears(page)) == []
    page.context.close()


def test_a_broken_server_still_has_something_to_say(place: Installation, chromium: Browser, tmp_path: Path) -> None:
    broken = Installation(place.data, free_port(), place.env | {"DATABASE_URL": f"sqlite:///{tmp_path / 'no.sqlite3'}"})
    broken.start()
    try:
        page = a_machine(chromium).new_page()
        assert faults_at(page, f"{broken.url}/", 500) == []
        assert "OperationalError" not in page.content()
        page.context.close()
    finally:
        broken.stop()

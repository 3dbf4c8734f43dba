"""Every page of every role holds what every page promises: at a desk, in a machine room, on a telephone."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.views.decorators import http
from playwright.sync_api import Browser, Page

from onex.common.tests.papers import PDF
from tests.browser.pages import Ears, Seen, Walk, a_machine, faults_of, name_of, sign_in
from tests.installation import Installation, free_port
from tests.walks.table import addresses

pytestmark = [pytest.mark.browser, pytest.mark.server]
World = dict[str, Any]
PUBLIC = "|".join(re.escape(one.name) for one in addresses() if one.permit == "public")
SITE = re.compile(r"/static/|api:|examroom:|certificates:verify-qr")  # others look at these
AT_WORK = re.compile(rf"({PUBLIC})$|/static/|api:")  # the visitor looks at these, once for all
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
    "school without a site": (
        "school without a site",
        "/desk/",
        only("venues:application|accounts:change|portal:desk"),
    ),
    "province with a list": ("province", "approval_list", only("pilots:approval-list")),
    "province at a chart": ("province", "/pilots/oversight/places/", only("pilots:oversight-places")),
    "programmer": (None, "/integrations/reference/", only("integrations:reference")),
    "two hats": ("two hats", "/accounts/hats/", only("accounts:hat-choose")),
    "applicant": (None, "registration", only("accounts:registration-(status|edit|print)")),
    "newcomer": (None, "activate", only("accounts:activate")),
    "forgetful": (None, "reset", only("accounts:password-reset")),
    "without a password": (None, "/accounts/sign-in/code/", only("accounts:sign-in-code")),
    "employer": (None, "qr", only("certificates:verify-qr")),
    "at the room's door": (None, "/room/sign-in/", only("examroom:sign-in")),
    "invigilator": (None, "/room/", only("examroom:")),
}
# Nothing to look at: fragments of a page that was looked at, a PDF before an exam, and what machines read.
NOT_PAGES = {
    "accounts:captcha-new",
    "accounts:captcha-picture",
    "examroom:room-seats",
    "examroom:seat-detail",
    "pilots:major-choose",
    "registration:photo-waiting",  # a picture on the page of a zip
    "registration:student-photo",
    "set_language",
    "sittings:ticket",
    "api:api-root",
    "api:catalog",
    "api:openapi-json",
    "healthz",
}
# No link leads there: a form that was sent does, or a hardware key. Each is looked at by a story of its own.
BY_A_FORM = {"accounts:learner-confirm", "accounts:recovery-received", "registration:student-confirm"}
ELSEWHERE = BY_A_FORM | {  # the others in test_security.py
    "accounts:password-code",
    "accounts:second-factor",
    "accounts:prove",
    "accounts:passkey-enrol",
    "accounts:post-resume",
}


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


def test_the_walks_come_to_every_page_there_is(seen: list[Seen]) -> None:
    reached = {one.name for one in seen}
    known = {one.name for one in addresses()}
    posted = {name for name, view in views(get_resolver()) if is_only_posted(view)}
    others = NOT_PAGES | ELSEWHERE
    assert sorted(others - known) == []
    assert sorted(others & (reached | posted)) == []
    missed = sorted(known - reached - posted - others)
    assert not missed, "\n".join(missed)


def views(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, Any]]:
    for one in resolver.url_patterns:
        if isinstance(one, URLPattern):
            yield f"{namespace}{one.name}", one.callback
        else:
            yield from views(one, f"{one.namespace}:" if one.namespace else namespace)


def is_only_posted(view: Any) -> bool:
    """Whether Django's own decorator lets nothing but POST through to it."""
    while view is not None:
        if getattr(getattr(view, "__code__", None), "co_filename", "") == http.__file__:
            return inspect.getclosurevars(view).nonlocals["request_method_list"] == ["POST"]
        view = getattr(view, "__wrapped__", None)
    return False


def test_pages_behind_a_form_are_sound(place: Installation, chromium: Browser, world: World) -> None:
    page = a_machine(chromium).new_page()
    ears = Ears(page)
    letter = {"name": "函.pdf", "mimeType": "application/pdf", "buffer": PDF}
    recovery = {"学校标识码或统一社会信用代码": "4133099999", "联系人姓名": "林岚", "联系电话": "13900000078"}
    recovery |= {"联系邮箱": "lin@example.edu.cn", "原因": "原管理员离职"}
    forms: list[tuple[str, dict[str, str]]] = [
        ("/accounts/password/", {"账号": world["student"]["username"]}),
        ("/accounts/learners/new/", {"手机号": "13900000077"}),
        ("/accounts/recovery/", recovery),
        ("/s/", {"激活码": world["slip"]["code"], "姓名": world["slip"]["name"]}),
    ]
    found = {}
    for path, typed in forms:
        page.goto(place.url + path)
        for label, value in typed.items():
            page.get_by_label(label).fill(value)
        if page.locator("[type=file]").count():
            page.locator("[type=file]").set_input_files(letter)  # type: ignore[arg-type]
        page.locator("main form .btn-primary").click()
        page.wait_for_load_state()
        found[name_of(urlsplit(page.url).path)] = faults_of(page, ears)
    assert found == {name: [] for name in {"accounts:password-help"} | BY_A_FORM}
    page.context.close()


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

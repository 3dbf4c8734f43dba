"""The components in a real Chromium under the real policy (CSP): what htmx shows, what fits, what axe says."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.test import override_settings
from playwright.sync_api import Browser, Page, sync_playwright

from onex.common.gallery import PAGES
from onex.config.env import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.server]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (1440, 1366, 390)


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Requests of a test are nobody's news."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    assert (ROOT / "frontend" / "dist" / "site" / "manifest.json").is_file(), "run `npm run build` in frontend/ first"
    templates = [{**settings.TEMPLATES[0], "OPTIONS": {"context_processors": CONTEXT}}]
    with override_settings(
        ROOT_URLCONF="onex.common.tests.gallery_urls", ALLOWED_HOSTS=["127.0.0.1"], TEMPLATES=templates
    ):
        server = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=Server, handler_class=Quiet)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/dev/gallery"
        server.shutdown()
        server.server_close()
        thread.join()


# The gallery brings its own navigation, so nothing here asks a database.
CONTEXT = [
    "django.template.context_processors.request",
    "django.template.context_processors.i18n",
    "django.contrib.messages.context_processors.messages",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = os.environ.get("ONEX_CHROMIUM") or next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768})
    yield context.new_page()
    context.close()


def test_a_refused_move_and_a_wrong_form_are_shown_where_they_were_asked(page: Page, address: str) -> None:
    sent: list[tuple[int, bool]] = []
    page.on(
        "response",
        lambda answer: (
            sent.append((answer.status, bool(answer.request.headers.get("x-csrftoken"))))
            if answer.request.method == "POST"
            else None
        ),
    )
    page.goto(f"{address}?show=parts")
    # The token of the forms goes away: the header that <body> gives to htmx must be enough.
    page.evaluate("document.querySelectorAll('main [name=csrfmiddlewaretoken]').forEach(field => field.remove())")
    page.get_by_role("button", name="提交一次会被拒绝的申报").click()
    page.wait_for_selector("#answer-409 [data-problems]")
    assert "超过本省剩余名额" in page.inner_text("#answer-409")
    assert page.evaluate("document.activeElement.hasAttribute('data-problems')")

    page.fill("#small [name=phone]", "零七三一")
    page.click("#small button[type=submit]")
    page.wait_for_selector("#small .ox-error")
    assert page.input_value("#small [name=phone]") == "零七三一"
    page.fill("#small [name=phone]", "0731-88880000")
    page.click("#small button[type=submit]")
    page.wait_for_selector("#small .ox-error", state="detached")
    assert sent == [(409, True), (422, True), (200, True)]


def test_rows_are_chosen_and_the_question_names_their_number(page: Page, address: str) -> None:
    page.goto(f"{address}?show=list")
    page.check("tbody tr:nth-child(2) [data-select-row]")
    page.check("tbody tr:nth-child(4) [data-select-row]")
    page.get_by_role("button", name="退回所选").click()
    assert page.inner_text("#ox-confirm [data-question]") == "确定退回所选的 2 份申报？"
    page.keyboard.press("Escape")
    assert page.url.endswith("show=list")


def test_on_a_phone_the_menu_opens_by_touch_and_closes_by_escape(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}?show=list")
    assert not page.is_visible("#ox-side")
    page.click("[data-side-open]")
    page.wait_for_selector("#ox-side a >> visible=true")
    page.keyboard.press("Escape")
    page.wait_for_selector("#ox-side", state="hidden")


def test_a_chart_is_drawn_as_svg_without_inline_style(page: Page, address: str) -> None:
    page.goto(f"{address}?show=home")
    page.locator("[data-chart]").scroll_into_view_if_needed()
    page.wait_for_selector("[data-chart] svg")


@pytest.mark.parametrize("name", [name for name, _title in PAGES])
def test_a_pattern_fits_every_width_and_breaks_no_policy(page: Page, address: str, name: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{address}?show={name}", wait_until="networkidle")
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, f"{name} is {too_wide} px too wide at {width} px"
    assert complaints == []


@pytest.mark.parametrize("name", [name for name, _title in PAGES])
def test_axe_finds_nothing_serious(browser: Browser, address: str, name: str) -> None:
    # axe itself has to be put into the page, which the policy rightly refuses to others.
    context = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768}, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{address}?show={name}", wait_until="networkidle")
    page.add_script_tag(path=str(AXE))
    found = page.evaluate(
        "async () => { const r = await axe.run(); return {bad: r.violations, good: r.passes.length} }"
    )
    context.close()
    assert found["good"] > 10
    serious = [
        f"{one['id']}: {one['nodes'][0]['html']}" for one in found["bad"] if one["impact"] in ("serious", "critical")
    ]
    assert serious == []

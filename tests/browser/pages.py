"""What every browser test does with a page: sign in, listen for complaints, measure what sticks out, ask axe."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Download, Error, Locator, Page, expect

from onex.config.env import ROOT
from tests.installation import Installation

WIDTHS = ((1440, 900), (1366, 768), (390, 844))  # a desk, a school's machine room, a telephone
Opens = Callable[[], Page]
PATIENCE = 15_000  # milliseconds
STICKS_OUT = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > width + 1);
  return wide.slice(-1).map((one) => one.outerHTML.slice(0, 160));
}"""
SERIOUS = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
  .filter((one) => ["serious", "critical"].includes(one.impact))
  .map((one) => `${one.id}: ${one.nodes.slice(0, 2).map((node) => node.html.slice(0, 160)).join(" | ")}`)"""
LINKS = """() => [...document.querySelectorAll("a[href]")]
  .filter((one) => one.origin === location.origin && !one.getAttribute("href").startsWith("#"))
  .map((one) => one.href)"""


@cache
def axe() -> str:
    return (ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def hook(page: Page, name: str) -> Any:
    """The element of the exam client that tests hold on to."""
    return page.locator(f'[data-test="{name}"]')


def a_machine(chromium: Browser, **options: Any) -> BrowserContext:
    """A school's machine: 1366×768, an empty profile, Chinese."""
    context = chromium.new_context(**{"viewport": {"width": 1366, "height": 768}, "locale": "zh-CN"} | options)
    context.set_default_timeout(PATIENCE)
    return context


def sign_in(page: Page, place: Installation, account: Mapping[str, str]) -> None:
    """By the door, as everybody does."""
    page.goto(f"{place.url}/accounts/sign-in/")
    page.get_by_label("账号", exact=True).fill(account["username"])
    page.get_by_label("密码", exact=True).fill(account["password"])
    page.get_by_role("button", name="立即登录").click()


@dataclass
class Ears:
    """What a page complains about while it is used: scripts, refused resources, the content security policy."""

    page: Page
    heard: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.heard.append(f"script: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium reports the status of the page itself as a failed resource; that one is judged by its own answer.
        is_page = message.location.get("url", "").split("#")[0] == self.page.url.split("#")[0]
        if message.type in ("error", "warning") and not (is_page and "Failed to load resource" in message.text):
            self.heard.append(f"console: {message.text}")

    def take(self) -> list[str]:
        """What was heard since the last time."""
        heard, self.heard = self.heard, []
        return heard


def faults_of(page: Page, ears: Ears, *, ask_axe: bool = True) -> list[str]:
    """What is wrong with the page that is open: title, heading, width, accessibility, complaints."""
    found = []
    if len(page.title().strip()) < 2:
        found.append(f"title {page.title()!r}")
    headings = page.locator("h1").all_inner_texts()
    if len(headings) != 1 or not headings[0].strip():
        found.append(f"h1 {headings}")
    for width, height in WIDTHS[::-1]:
        page.set_viewport_size({"width": width, "height": height})
        found += [f"wider than {width}: {one}" for one in page.evaluate(STICKS_OUT)]
    if ask_axe:
        page.evaluate(axe())
        found += page.evaluate(SERIOUS)
    return found + ears.take()


@dataclass(frozen=True)
class Seen:
    """One address as one person saw it."""

    who: str
    name: str  # of the address: <app>:<noun>-<verb>
    path: str
    faults: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(f"{self.path} ({self.name}): {fault}" for fault in self.faults)


@dataclass
class Walk:
    """A person's way through every page that links lead to, each kind of address at most `most` times.

    A record in another state shows other buttons, so one of a kind is not enough; a thousand are too many.
    axe is asked once for each address of the product in `asked`, which several walks share.
    """

    page: Page
    ears: Ears
    who: str
    leave_out: re.Pattern[str]
    asked: Counter[str]
    most: int = 2
    files: list[Download] = field(default_factory=list)  # what came down instead of a page

    def __post_init__(self) -> None:
        self.page.on("download", lambda file: self.files.append(file))

    def from_(self, start: str) -> Iterator[Seen]:
        waiting, met, times = [start], set(), Counter[str]()
        while waiting:
            url = waiting.pop(0)
            path = urlsplit(url).path
            name = name_of(path)
            if path in met or self.leave_out.match(name or path) or times[name] >= self.most:
                continue
            met.add(path)
            times[name] += 1
            if not name:
                yield Seen(self.who, name, path, ("leads nowhere",))
            else:
                yield Seen(self.who, name, path, self._looked_at(url, name))
                waiting += self.page.evaluate(LINKS)

    def _looked_at(self, url: str, name: str) -> tuple[str, ...]:
        try:
            answer = self.page.goto(url)
        except Error as download:
            if "Download is starting" not in download.message:
                raise
            # The very file, not asked for again: how many an account takes in ten minutes is limited.
            file = self.files.pop() if self.files else self.page.wait_for_event("download")
            return () if Path(file.path()).stat().st_size else ("the file is empty",)
        faults = [] if answer is not None and answer.ok else [f"answered {answer and answer.status}"]
        self.asked[name] += 1
        return tuple(faults + faults_of(self.page, self.ears, ask_axe=self.asked[name] == 1))


def name_of(path: str) -> str:
    """Which address of ours this is; empty when nothing answers there."""
    try:
        return str(resolve(path).view_name)
    except Resolver404:
        return ""


def click(page: Page, *names: str) -> None:
    """Links and buttons by the words that people read, one after the other, each on a page that is all there."""
    for name in names:
        page.wait_for_load_state()  # a button that asks first would not yet ask
        page.locator("a, button, summary").filter(has_text=re.compile(rf"^\s*{re.escape(name)}")).locator(
            "visible=true"
        ).first.click()


def labelled(label: str) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(label)}(必填)?$")


def mistake(page: Page, label: str) -> str:
    """What is said beside the field of this label."""
    field = page.locator(".ox-field").filter(has=page.locator(".ox-label").filter(has_text=labelled(label)))
    return field.locator(".ox-error").inner_text()


def shown(page: Page, label: str) -> Locator:
    """The field of this label in the decision that is unfolded."""
    return page.get_by_label(label).locator("visible=true")


def choose(page: Page, label: str, words: str, value: str = "") -> None:
    """The option that says this, as soon as it is offered."""
    field = page.get_by_label(label)
    option = field.locator("option").filter(has_text=words)
    if value:  # stories share an installation: an earlier one may have left the same words on offer
        option = field.locator(f"option[value='{value}']")
    expect(option).to_have_count(1)
    expect(option).to_contain_text(words)
    field.select_option(value=option.get_attribute("value"))


def fill(page: Page, **values: str) -> None:
    for label, value in values.items():
        page.get_by_label(labelled(label)).fill(value)


def figures(page: Page) -> list[str]:
    """What the large figures of the page say, without blanks."""
    return [re.sub(r"\s+", "", text) for text in page.locator(".ox-figure").all_inner_texts()]

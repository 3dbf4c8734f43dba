"""An exam in a real Chromium against the real server: nothing typed is lost, whatever is pulled or killed."""

from __future__ import annotations

import json
import os
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.pages import SERIOUS, a_machine, axe, hook
from tests.installation import Installation

pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture
def machine(chromium: Browser) -> Iterator[BrowserContext]:
    context = a_machine(chromium)
    yield context
    context.close()


def sign_in(page: Page, place: Installation, seat: dict[str, str]) -> None:
    page.goto(f"{place.url}/exam/")
    hook(page, "ticket-no").fill(seat["ticket_no"])
    hook(page, "seat-code").fill(seat["seat_code"])
    hook(page, "sign-in").click()


def begin(page: Page, place: Installation, seat: dict[str, str]) -> None:
    """From the door to the first item of theory."""
    sign_in(page, place, seat)
    hook(page, "confirm-identity").click()
    hook(page, "start").click()
    expect(page.locator("[data-option]").first).to_be_visible()


def choose(page: Page, option: str) -> None:
    page.locator(f'[data-option="{option}"]').first.click()


def saved(page: Page) -> None:
    expect(page.locator('[data-test="save"][data-state="confirmed"]')).to_be_visible(timeout=20_000)


def theory_of(place: Installation, scene: dict[str, Any], seat: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = place.scene("kept", session=scene["session"])[seat["ticket_no"]]["theory"]
    return values


def test_an_answer_is_on_disk_when_the_page_says_so(place: Installation, machine: BrowserContext) -> None:
    scene = place.scene("exam", candidates=1)
    seat = scene["seats"][0]
    page = machine.new_page()
    begin(page, place, seat)
    choose(page, "B")
    saved(page)
    assert list(theory_of(place, scene, seat)["values"].values()) == ["B"]


def test_a_killed_browser_comes_back_to_the_same_item_with_every_answer(
    place: Installation, chromium: Browser, tmp_path
) -> None:
    scene = place.scene("exam", candidates=1)
    seat = scene["seats"][0]
    state = tmp_path / "profile.json"
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    begin(page, place, seat)
    choose(page, "A")
    hook(page, "next").click()
    choose(page, "C")
    saved(page)
    context.storage_state(path=state, indexed_db=True)
    context.close()  # the machine lost power; its profile is what was on its disk
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, storage_state=state)
    page = context.new_page()
    page.goto(f"{place.url}/exam/")
    expect(page.locator('[data-option="C"] input, [data-option="C"][aria-checked="true"]').first).to_be_visible()
    assert sorted(theory_of(place, scene, seat)["values"].values()) == ["A", "C"]
    hook(page, "prev").click()
    hook(page, "next").click()
    choose(page, "D")
    saved(page)
    assert sorted(theory_of(place, scene, seat)["values"].values()) == ["A", "D"]
    context.close()


def test_answers_given_without_a_line_arrive_when_it_is_back(place: Installation, machine: BrowserContext) -> None:
    scene = place.scene("exam", candidates=1)
    seat = scene["seats"][0]
    page = machine.new_page()
    begin(page, place, seat)
    choose(page, "A")
    saved(page)
    machine.set_offline(True)
    for option in ("B", "C", "D"):
        hook(page, "next").click()
        choose(page, option)
    expect(page.locator('[data-test="save"][data-state="confirmed"]')).to_have_count(0)
    assert list(theory_of(place, scene, seat)["values"].values()) == ["A"]
    machine.set_offline(False)
    saved(page)
    assert sorted(theory_of(place, scene, seat)["values"].values()) == ["A", "B", "C", "D"]


def test_a_killed_server_costs_no_answer(place: Installation, machine: BrowserContext) -> None:
    scene = place.scene("exam", candidates=1)
    seat = scene["seats"][0]
    page = machine.new_page()
    begin(page, place, seat)
    choose(page, "A")
    saved(page)
    place.kill()
    hook(page, "next").click()
    choose(page, "B")
    place.start()
    saved(page)
    assert sorted(theory_of(place, scene, seat)["values"].values()) == ["A", "B"]


def test_a_second_machine_waits_for_the_invigilator_and_then_goes_on_where_the_first_was(
    place: Installation, chromium: Browser
) -> None:
    scene = place.scene("exam", candidates=1)
    seat, chief = scene["seats"][0], next(one for one in scene["staff"] if one["role"] == "chief")
    first = chromium.new_context(viewport={"width": 1366, "height": 768})
    page = first.new_page()
    begin(page, place, seat)
    choose(page, "B")
    saved(page)
    second = chromium.new_context(viewport={"width": 1366, "height": 768})
    other = second.new_page()
    sign_in(other, place, seat)
    expect(hook(other, "sign-in-error")).to_be_visible()
    release_seat(chromium, place, chief, seat)
    hook(other, "sign-in").click()
    expect(other.locator("[data-option]").first).to_be_visible()
    choose(other, "C")
    saved(other)
    assert list(theory_of(place, scene, seat)["values"].values()) == ["C"]
    expect(hook(page, "halted")).to_be_visible()  # the first machine learns by its pulse and writes no more
    assert list(theory_of(place, scene, seat)["values"].values()) == ["C"]
    first.close()
    second.close()


def release_seat(chromium: Browser, place: Installation, chief: dict[str, str], seat: dict[str, str]) -> None:
    """The invigilator lets the candidate change machines, on the room's own console."""
    context = chromium.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(f"{place.url}/room/")
    page.get_by_label("姓名").fill(chief["name"])
    page.get_by_label(re.compile("登录码|口令")).fill(chief["code"])
    page.get_by_role("button", name=re.compile("进入|登录")).click()
    page.get_by_text(seat["name"]).first.click()
    page.get_by_role("button", name=re.compile("允许换机")).first.click()
    page.locator("dialog[open] [data-agree]").click()
    expect(page.get_by_text("已允许换机")).to_be_visible()
    context.close()


def test_the_whole_exam_from_the_door_to_the_receipt(place: Installation, machine: BrowserContext) -> None:
    scene = place.scene("exam", candidates=1)
    seat = scene["seats"][0]
    page = machine.new_page()
    begin(page, place, seat)
    cells = hook(page, "map-cell")
    expect(cells).to_have_count(65)
    for place_on_map in (0, 30, 60, 64):
        cells.nth(place_on_map).click()
        choose(page, "A")
        saved(page)
    if pictures := os.environ.get("ONEX_PICTURES"):  # for the README: the product as its own tests see it
        page.screenshot(path=Path(pictures) / "exam.png")
    hook(page, "hand-in").click()
    expect(hook(page, "hand-in-dialog")).to_contain_text("61")  # 65 items, four answered
    hook(page, "hand-in-check").check()
    hook(page, "confirm-hand-in").click()
    expect(hook(page, "receipt-theory")).to_be_visible()
    assert theory_of(place, scene, seat)["handed_in"]
    hook(page, "start").click()
    field = page.locator("input[type=text], input[inputmode]").first
    field.fill("挂耳咖啡直播间")
    saved(page)
    hook(page, "hand-in").click()
    hook(page, "hand-in-check").check()
    hook(page, "confirm-hand-in").click()
    expect(hook(page, "end")).to_be_visible()
    practical = place.scene("kept", session=scene["session"])[seat["ticket_no"]]["practical"]
    assert practical["handed_in"]
    assert "挂耳咖啡直播间" in json.dumps(practical["values"], ensure_ascii=False)


def test_no_key_reaches_the_machine(place: Installation, machine: BrowserContext) -> None:
    scene = place.scene("exam", candidates=1)
    page = machine.new_page()
    with page.expect_response(lambda answer: "/gate/paper/theory" in answer.url) as paper:
        begin(page, place, scene["seats"][0])
    body = paper.value.text()
    assert "stem" in body  # the items themselves: what is looked for would be among them
    for forbidden in ('"key"', "explanation", "model_answer", "checkpoints", "difficulty"):
        assert forbidden not in body


def test_the_shell_runs_nothing_inline_and_axe_finds_nothing_serious(
    place: Installation, machine: BrowserContext
) -> None:
    with urllib.request.urlopen(f"{place.url}/exam/") as answer:  # noqa: S310
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
    scene = place.scene("exam", candidates=1)
    page = machine.new_page()
    begin(page, place, scene["seats"][0])
    page.evaluate(axe())
    assert page.evaluate(SERIOUS) == []

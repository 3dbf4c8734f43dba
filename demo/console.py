"""The invigilator's console of the exam room, as its pages stand."""

from __future__ import annotations

from demo.browser import Browser, Page, Surprise
from demo.candidate import Place


def sign_in(browser: Browser, name: str, code: str) -> None:
    """At the door of the room, with the name and the code of the printed list; a wrong code first."""
    form = browser.get("/room/").form(has="code")
    browser.submit(form, name=name, code="WRONG123", expect=422)
    browser.submit(browser.page.form(has="code"), name=name, code=code)
    if "/sign-in/" in browser.page.address:
        raise Surprise(f"{name} cannot enter the console: {browser.page.told}")


def admit_all(browser: Browser) -> int:
    """核验放行 for everybody who has come; answers how many that were."""
    form = browser.get("/room/").form("/admit/")
    waiting = [value for value, _ in form.options("pk")]
    if waiting:
        page = browser.submit(form, pk=waiting)
        left = page.form("/admit/").options("pk")
        if left:
            raise Surprise(f"{len(left)} of {len(waiting)} are still waiting after they were admitted: {page.told}")
    return len(waiting)


def allow_switch(browser: Browser, place: Place, reason: str) -> None:
    """允许换机 for one seat, with a record of why."""
    page = _seat(browser, place)
    page = browser.submit(page.form("/machine/"))
    if "已允许换机" not in page.text:
        raise Surprise(f"{place.name} may not change machines: {page.told}")
    form = page.form("/incidents/")
    page = browser.submit(form.fill(**{"incident-kind": "machine", "incident-note": reason}))
    if reason not in page.text:
        raise Surprise(f"the incident of {place.name} is not in the record: {page.told}")


def _seat(browser: Browser, place: Place) -> Page:
    """The page of the seat with this name on it."""
    page = browser.get("/room/")
    for address in page.links(words=place.name):
        if "?seat=" in address:
            return browser.get(address)
    raise Surprise(f"{place.name} has no seat on the console of {page.address}")

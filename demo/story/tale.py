"""What the steps share: who plays, what was invented, and what was learned on the way."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

from demo.browser import Browser, Surprise
from demo.candidate import Candidate, Place
from demo.expected import Aim, Bank, aims
from demo.people import Pupil, SchoolFacts, a_school, pupils
from demo.show import Show

BEIJING = timezone(timedelta(hours=8))
CERTIFICATE, LEVEL = "直播电商", "初级"


@dataclass(frozen=True)
class Step:
    """One step: its title in both languages and what is done; answers what was seen, for the line in the terminal."""

    chinese: str
    english: str
    act: Callable[[Tale], list[str]]


@dataclass(frozen=True)
class Sheet:
    """A certificate as it is printed: the facts that were found on it, all of its text, what its QR code carries."""

    number: str
    name: str
    facts: dict[str, str]
    text: str
    address: str


@dataclass
class Tale:
    """One telling of the story. `run` counts the tellings in this installation: each has its own school."""

    url: str
    count: int
    run: int
    password: str
    bank: Bank
    show: Show
    mail: Path = Path("mail")  # where the installation writes its e-mail

    began: float = field(default_factory=time.monotonic)
    school: SchoolFacts = field(init=False)
    pupils: list[Pupil] = field(init=False)  # the last one is of a major that is not allowed
    aims: dict[str, Aim] = field(init=False)  # by name
    places: dict[str, int] = field(default_factory=dict)  # asked, approved, used
    seats: list[Place] = field(default_factory=list)
    staff: list[dict[str, str]] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    starts_at: datetime = field(init=False)
    session: str = ""  # the address of the session's page
    papers: dict[str, set[str]] = field(default_factory=dict)  # theory papers: title → item codes
    theory: dict[str, Decimal] = field(default_factory=dict)  # expected points by name
    practical: dict[str, Decimal] = field(default_factory=dict)
    issued_on: list[date] = field(default_factory=list)  # the day of issue; two when midnight passed
    sheets: list[Sheet] = field(default_factory=list)
    verified: int = 0
    notes: dict[str, Any] = field(default_factory=dict)
    _browsers: dict[str, Browser] = field(default_factory=dict)
    _signed_in: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.school = a_school(self.run)
        self.pupils = pupils(self.count + 1, self.run, self.now().date())
        planned = aims(self.count, random.Random(f"aims {self.run}"))
        self.aims = {pupil.name: aim for pupil, aim in zip(self.pupils, planned, strict=False)}

    @property
    def stranger(self) -> Pupil:
        """The student whose major is not among the declared ones."""
        return self.pupils[-1]

    @property
    def chance(self) -> random.Random:
        return random.Random(f"tale {self.run}")

    def now(self) -> datetime:
        return datetime.now(BEIJING)

    def browser(self, who: str) -> Browser:
        """The browser of somebody without an account, or of one who has signed in."""
        if who not in self._browsers:
            self._browsers[who] = Browser(self.url, who)
        return self._browsers[who]

    def signed_in(self, username: str) -> Browser:
        """This person's browser; signs in the first time, through the front door."""
        browser = self.browser(username)
        if username not in self._signed_in:
            browser.get("/accounts/sign-in/")
            browser.submit(browser.page.form(has="password"), username=username, password=self.password)
            if "/sign-in/" in browser.get("/desk/", expect=(200, 403)).address:
                raise Surprise(f"{username} cannot sign in: {browser.page.told}")
            self._signed_in.add(username)
        return browser

    @property
    def school_browser(self) -> Browser:
        return self.signed_in(self.school.username)


def minute(at: datetime) -> str:
    """A moment as a datetime-local field takes it."""
    return at.strftime("%Y-%m-%dT%H:%M")


def insist(truth: bool, otherwise: str) -> None:
    """What the story stands on. Raises Surprise."""
    if not truth:
        raise Surprise(otherwise)

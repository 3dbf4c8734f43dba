"""Every page, export and print of every role is walked: no whole number of anybody stands where it has no business."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Q
from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from pypdf import PdfReader

from onex.accounts.models import InstitutionChange, InstitutionRegistration, Membership, School, User
from onex.accounts.tests.factories import a_registration, signed_in_with
from onex.certificates.models import Certificate
from onex.common import pdf, sheets
from onex.common.actors import Role
from onex.common.clock import now
from onex.common.models import Trace
from onex.registration.models import GuardianConsent, Student
from onex.registration.tests.factories import a_student
from onex.sittings.models import Seat
from onex.sittings.tests.factories import the_level
from onex.venues.models import ExamSite, SiteApplication
from onex.venues.tests.factories import a_pilot_school
from tests import scenes

pytestmark = pytest.mark.django_db(databases=["default", "room"])

# Where a whole number is what the paper or the form is for. Prints leave a trace; own forms show what one typed.
PURPOSE = {
    "certificates:certificate-paper": "the paper itself",
    "sittings:session-tickets": "the ticket that the candidate shows at the door",
    "venues:application-create": "the school's own contact, to be corrected",
    "venues:application-edit": "the school's own contact, to be corrected",
    "venues:application-print": "the form that the school stamps",
    "venues:application-word": "the same as Word makes it",
    "registration:import-errors": "the wrong rows of the school's own file, to be mended",
    "registration:import-detail": "the school compares the columns of its own file",
    "accounts:school-home": "the school's own contact, to be corrected",
    "accounts:change-edit": "the school's own request, to be corrected",
    "accounts:registration-print": "the form that the school stamps",
    "accounts:registration-status": "the applicant's own, by its secret",
    "accounts:registration-edit": "the applicant's own, by its secret",
    "registration:own-data": "a student's own date of birth, to be compared with the card",
    "sittings:ticket": "the ticket that the candidate shows at the door",
}
EACH = 2  # addresses of one name that a role walks
LINK = re.compile(r"""(?:href|hx-get)=["']([^"'#]+)""")


@dataclass
class Walk:
    """What one role met."""

    leaks: list[str] = field(default_factory=list)
    printed: Counter[str] = field(default_factory=Counter)  # papers of PURPOSE with somebody's whole number
    untraced: list[str] = field(default_factory=list)  # those of them that left nothing in the log
    seen: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)


def text_of(answer: Any) -> str:
    """Everything that a person, or their program, can read of an answer: HTML, Excel, Word, PDF or plain."""
    raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
    kind = answer.headers.get("Content-Type", "")
    if "spreadsheetml" in kind or "wordprocessingml" in kind:
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    if "pdf" in kind and raw.startswith(b"%PDF") and len(raw) > 500:
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(raw)).pages)
    return html.unescape(raw.decode("utf-8", "replace"))


def known_numbers() -> set[str]:
    """Every whole number, address and birth date of a person that the installation holds."""
    found: set[str] = set()
    for student in Student.objects.all():
        day = student.birth_on
        found |= {student.id_number, student.phone, f"{day:%Y-%m-%d}", f"{day.year}年{day.month}月{day.day}日"}
        found |= {f"{day:%Y年%m月%d日}"}
    found |= set(Certificate.objects.values_list("id_number", flat=True))
    for model in (School, InstitutionRegistration, SiteApplication, ExamSite):
        for phone, email in model._base_manager.values_list("contact_phone", "contact_email"):
            found |= {phone, email}
    for phone, email in (
        *User.objects.values_list("phone", "email"),
        *InstitutionChange.objects.values_list("person_phone", "person_email"),
    ):
        found |= {phone, email}
    found |= set(GuardianConsent.objects.values_list("phone", flat=True))
    return {one for one in found if one}


def give_everybody_numbers() -> None:
    """A phone and an address for every account, a guardian for every student."""
    for n, user in enumerate(User.objects.all()):
        user.phone, user.email = f"1375555{n:04d}", f"person{n}@people.example.cn"
        user.save()
    for n, student in enumerate(Student.objects.all()):
        GuardianConsent.objects.create(
            student=student, name="张父", relation="father", phone=f"1366666{n:04d}", given_at=now(), text_version="1"
        )
    assert InstitutionChange.objects.exclude(person_phone="").exists()  # the scene's


def leaks_in(text: str, known: Iterable[str]) -> list[str]:
    """The known numbers in this text, also when they are set with blanks; a longer number is another number."""
    plain = re.sub(r"(?<=\d)[ \u2009\u00a0-](?=\d)", "", text)
    texts = (text,) if plain == text else (text, plain)
    return sorted({one for one in known for where in texts if one in where and _stands(one, where)})


def _stands(number: str, text: str) -> bool:
    place = text.find(number)
    while place >= 0:
        around = text[place - 1 : place] + text[place + len(number) : place + len(number) + 1]
        if not (number[-1].isdigit() and any(c.isdigit() for c in around)):
            return True
        place = text.find(number, place + 1)
    return False


def name_of(path: str) -> str:
    try:
        return resolve(path.partition("?")[0]).view_name
    except Resolver404:
        return ""


def walk(client: Client, starts: Iterable[str], known: set[str]) -> Walk:
    """Follow every link from these addresses, a few of each name."""
    found, waiting, met = Walk(), deque(starts), set()
    while waiting:
        path = waiting.popleft()
        name = name_of(path)
        if path in met or not name or found.seen[name] >= EACH or name in ("set_language", "accounts:sign-out"):
            continue
        met.add(path)
        found.seen[name] += 1
        before = _prints()
        answer = client.get(path)
        found.statuses[answer.status_code] += 1
        if answer.status_code in (301, 302):
            waiting.append(answer.headers["Location"])
            continue
        text = text_of(answer)
        if name not in PURPOSE:
            found.leaks += [f"{path} shows {one}" for one in leaks_in(text, known)]
        elif "html" not in answer.headers.get("Content-Type", "") and leaks_in(text, known):
            found.printed[name] += 1
            found.untraced += [] if _prints() > before else [path]
        waiting.extend(_links(path, text) if "html" in answer.headers.get("Content-Type", "") else ())
    return found


def _prints() -> int:
    return Trace.objects.filter(Q(verb__startswith="print") | Q(verb__startswith="export")).count()


def _links(path: str, text: str) -> Iterator[str]:
    for target in LINK.findall(text):
        if target.startswith("?"):
            yield path.partition("?")[0] + target
        elif target.startswith("/") and not target.startswith(("//", "/static/")):
            yield target


def signed_in(username: str, role: str) -> Client:
    hat = Membership.objects.select_related("user", "organisation").filter(user__username=username, role=role)[0]
    client: Client = signed_in_with(Client(), hat, factor=True)
    return client


@pytest.mark.walk
def test_no_page_export_or_print_of_any_role_shows_a_whole_number_of_anybody() -> None:
    call_command("loadguide", verbosity=0)
    accounts = scenes.world()
    give_everybody_numbers()
    known = known_numbers()
    assert len(known) > 20
    _, secret = a_registration()
    seats = Seat.objects.order_by("pk").values_list("pk", flat=True)[:1]  # a student's page has the link before the day
    starts = [reverse("portal:home"), accounts["qr"], reverse("accounts:registration-status", args=[secret])]
    walks: dict[str, Walk] = {"visitor": walk(Client(), starts, known)}
    for role, account in accounts.items():
        if "username" in account:
            hat = role if role in set(Role) else Membership.objects.filter(user__username=account["username"])[0].role
            starts = [reverse("portal:desk"), *(reverse("sittings:ticket", args=[seat]) for seat in seats)]
            walks[role] = walk(signed_in(account["username"], hat), starts, known)
    leaks = [f"{role}: {leak}" for role, one in walks.items() for leak in one.leaks]
    assert leaks == [], "\n".join(leaks)
    assert not any(status >= 500 for one in walks.values() for status in one.statuses)
    names = {name for one in walks.values() for name in one.seen}
    needed = {
        "registration:student-list", "registration:student-detail", "registration:student-export",
        "registration:entry-list", "registration:entry-detail", "registration:entry-export",
        "accounts:change-list", "accounts:change-detail", "accounts:change-export", "accounts:institution-list",
        "accounts:institution-detail", "accounts:person-list", "accounts:person-detail", "accounts:person-export",
        "accounts:organisation-list", "accounts:organisation-detail", "accounts:organisation-export",
        "accounts:registration-list", "accounts:registration-detail", "accounts:registration-export",
        "venues:application-list", "venues:application-detail", "venues:application-export",
        "venues:site-list", "venues:site-detail", "venues:site-export", "venues:application-print",
        "results:result-list", "certificates:certificate-list", "certificates:certificate-detail",
        "certificates:certificate-export", "certificates:certificate-paper", "certificates:verify-qr",
        "sittings:session-list", "sittings:session-detail", "marking:job-list", "portal:my-data", "portal:privacy",
    }  # fmt: skip
    assert needed - names == set()  # the walk went where people's data is
    # What shows whole numbers on purpose leaves a trace, and the walk printed every paper there is.
    assert [path for one in walks.values() for path in one.untraced] == []
    papers = {name for name in PURPOSE if name.endswith(("-paper", "-print", "ticket", "tickets"))}
    assert papers - {name for one in walks.values() for name in one.printed} == set()


def test_a_planted_leak_is_caught_in_html_excel_and_pdf() -> None:
    number, phone = "320101200509010013", "13800001234"
    known = {number, phone}
    page = HttpResponse(f"<td>{number[:6]} {number[6:14]} {number[14:]}</td>")
    book = sheets.respond("x.xlsx", (sheets.Column("a", "甲"),), [{"a": f"电话 {phone}"}])
    paper = HttpResponse(
        pdf.render(
            "venues/site_application.typ",
            dict.fromkeys(("school", "organisation", "name", "address", "contact_name", "description", "number"), "x")
            | {"contact_phone": phone, "contact_email": "", "levels": [], "rooms": [], "seats": 0},
        ),
        content_type="application/pdf",
    )
    assert leaks_in(text_of(page), known) == [number]
    assert leaks_in(text_of(book), known) == [phone]
    assert leaks_in(text_of(paper), known) == [phone]
    assert leaks_in("证书 X101133202613800001234 与 1380000123", known) == []


def test_the_walk_catches_a_page_that_leaks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list itself, with its mask taken away."""
    student = a_student(a_pilot_school(the_level()))
    monkeypatch.setattr(Student, "masked_id_number", property(lambda row: row.id_number))
    account = scenes.a_hat(Role.SCHOOL, student.school)
    found = walk(signed_in(account["username"], "school"), [reverse("registration:student-list")], {student.id_number})
    pages = {name_of(leak.partition(" ")[0]) for leak in found.leaks}
    assert {"registration:student-list", "registration:student-export"} <= pages

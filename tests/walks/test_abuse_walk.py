"""Abuse cases that are about no one app: foreign rows by every way in, keys in answers, payloads everywhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from django.apps import apps
from django.db import IntegrityError, connections, models, transaction
from django.urls import reverse

from onex.accounts.models import School
from onex.common import audit_guard
from onex.common.actors import Role
from onex.common.permits import PERMITS
from onex.common.sealed import SealedTextField
from onex.pilots.models import PilotApplication
from onex.registration.models import Entry, Student
from tests.walks.table import addresses
from tests.walks.test_safety_walk import somebody, urls
from tests.walks.world import Person, World, asked, undone, words_of

pytestmark = [pytest.mark.walk, pytest.mark.django_db(databases=["default", "room"])]
LISTS = [one for one in addresses() if not one.keywords and one.name.endswith(("-list", "-export", "-statement"))]


def person(world: World, role: Role, *, elsewhere: bool = False) -> Person:
    return next(one for one in world.people if one.actor.role == role and one.is_elsewhere == elsewhere)


# --- 01 foreign rows ---------------------------------------------------------------------------------------------


def test_abuse_01_lists_searches_filters_and_exports_hold_nothing_of_another_school(world: World) -> None:
    home = School.objects.get(pk=person(world, Role.SCHOOL).actor.organisation_id)
    students = list(Student.objects.filter(school=home))
    assert len(students) > 3
    secrets = {one.student_no for one in students} | {one.name for one in students} | {home.name}
    stranger = person(world, Role.SCHOOL, elsewhere=True)
    leaks = []
    for address in LISTS:
        for query in ("", f"?school={home.pk}", f"?q={quote(students[0].name)}", f"?q={students[0].student_no}"):
            answer = stranger.ask("get", reverse(address.name) + query)
            text = words_of(answer).replace(quote(students[0].name), "")
            # What was searched for stands in the search field itself.
            found = {one for one in secrets if one in text and one not in query and quote(one) not in query}
            leaks += [f"{address} {query}: {one}" for one in found]
    assert not leaks, "\n".join(leaks)


def test_abuse_01_keys_of_another_school_in_a_form_change_nothing(world: World) -> None:
    stranger = person(world, Role.SCHOOL, elsewhere=True)
    theirs = Student.objects.exclude(school_id=stranger.actor.organisation_id)
    foreign = [str(pk) for pk in theirs.values_list("pk", flat=True)]
    before = Entry.objects.count()
    for url in (reverse("registration:entry-create"), reverse("registration:entry-accept")):
        with undone():
            answer = stranger.client.post(url, dict.fromkeys(("student", "students", "pk", "entry"), foreign))
            assert answer.status_code < 500
            assert not {one.name for one in theirs if one.name in words_of(answer)}
            assert Entry.objects.count() == before
            assert not Entry.objects.filter(student__school_id=stranger.actor.organisation_id).exists()


def test_abuse_01_a_file_of_another_row_is_not_there_under_ones_own(world: World) -> None:
    from onex.common.models import Attachment

    home = person(world, Role.SCHOOL)
    own = PilotApplication.objects.filter(school_id=home.actor.organisation_id).first()
    files = Attachment.objects.filter(subject_type="pilots.pilotapplication").exclude(subject_id=own.pk)
    assert files.exists()
    for file in files:
        answer = home.ask("get", reverse("pilots:material-download", args=[own.pk, file.pk]))
        assert answer.status_code == 404


# --- 13 mass assignment ---------------------------------------------------------------------------------------------

EXTRA = {
    "state": "approved", "status": "approved", "approved_count": "999", "used_count": "0", "score": "100",
    "role": "operator", "is_staff": "1", "is_active": "0", "organisation": "1", "school_id": "1", "id": "1", "pk": "1",
}  # fmt: skip


def test_abuse_13_fields_that_no_form_has_change_nothing(world: World) -> None:
    home = person(world, Role.SCHOOL)
    draft = PilotApplication.objects.filter(school_id=home.actor.organisation_id, state="draft").first()
    other = School.objects.exclude(pk=draft.school_id).first()
    form = {
        "requested_count": "66",
        "level": str(draft.level_id),
        "teaching_staff": "专任教师 9 人",
        "facilities": "机房 2 间",
        "then": "save",
    }
    with undone():
        answer = home.client.post(
            reverse("pilots:application-edit", args=[draft.pk]), form | EXTRA | {"school": str(other.pk)}
        )
        assert answer.status_code in (200, 302, 409, 422)
        kept = PilotApplication.objects.get(pk=draft.pk)
        assert (kept.state, kept.approved_count, kept.school_id) == ("draft", draft.approved_count, draft.school_id)
        assert kept.requested_count == 66, "the form itself was taken: the extra fields were what was ignored"


def test_abuse_13_no_form_takes_every_field_of_a_model() -> None:
    from onex.config.env import ROOT

    source = {path: path.read_text("utf-8") for path in (ROOT / "src" / "onex").rglob("*.py")}
    wild = [str(path) for path, text in source.items() if "__all__" in text and "ModelForm" in text]
    handed_on = [str(path) for path, text in source.items() if "**request.POST" in text or "**request.GET" in text]
    assert wild + handed_on == []


# --- 25 stored payloads ----------------------------------------------------------------------------------------------

PAYLOAD = "<b id=xss>"
# Words of the program, keys and what must keep its form; everything else that people can write is poisoned.
KEPT = re.compile(
    "id|state|kind|role|code|hash|digest|token|password|username|key|slug|type|verb|hat|email|sha256|number|catalogue|index"
    "|ref|part|label|region|outcome|qr|ticket_no|student_no|purpose|section|year|path|stored_name|unit|gender|phone"
)


def test_abuse_25_what_people_typed_is_never_markup(world: World) -> None:
    wrong, pages, poisoned = [], 0, 0
    with undone():
        with audit_guard.opened(), audit_guard.opened("room"):  # what stands in the logs is shown as well
            for model in apps.get_models():
                if model.__module__.startswith("onex.") and model._meta.managed:
                    poisoned += _poison(model)
        for address in addresses():
            # Two hats that see different sides of it are enough for one page.
            reaches = PERMITS[address.permit].reaches if address.permit in PERMITS else dict.fromkeys(Role)
            near = [one for one in world.people if not one.is_elsewhere and one.actor.role in reaches][:2]
            for one in near or world.people[:1]:
                for url in urls(world, address, one):
                    answer = one.ask("get", url)
                    if answer.status_code >= 500:
                        wrong.append(f"{url} as {one.label}: {answer.status_code}")
                    elif "text/html" in answer.headers.get("Content-Type", ""):
                        pages += 1
                        wrong += [f"{url} as {one.label}: {tag}" for tag in _markup_in(answer.content.decode())]
    assert not wrong, "\n".join(sorted(set(wrong)))
    assert poisoned > 40
    assert pages > 120


def _poison(model: type[models.Model]) -> int:
    """Write the payload into every free text of a table; answers into how many columns."""
    names = [
        field.name
        for field in model._meta.local_fields
        if isinstance(field, models.CharField | models.TextField)
        and not isinstance(field, SealedTextField)
        and not field.choices
        and not field.unique
        and (field.max_length is None or field.max_length >= 20)
        and not KEPT.search(field.name)
    ]
    done = 0
    alias = "room" if model._meta.app_label == "examroom" else "default"
    for name in names:
        column = model._meta.get_field(name).column
        try:
            with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
                cursor.execute(f'update "{model._meta.db_table}" set "{column}" = %s', [PAYLOAD])  # noqa: S608
                done += 1
        except IntegrityError:
            continue  # no two rows may be alike here: a key, not a text
    return done


def _markup_in(page: str) -> list[str]:
    """Elements that the payload made, and scripts that stand in the page itself."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            given = dict(attrs)
            if given.get("id") == "xss":
                found.append(f"<{tag} id=xss>")
            if tag == "script" and "src" not in given and given.get("type") != "application/json":
                found.append("an inline script")
            found.extend(f"<{tag} {name}>" for name in given if name.startswith("on"))

    Reader().feed(page)
    return found


def test_abuse_25_a_planted_payload_is_seen() -> None:
    assert _markup_in(f"<p>{PAYLOAD}</p><img onerror=x><script>1</script>") == [
        "<b id=xss>", "<img onerror>", "an inline script",
    ]  # fmt: skip
    assert _markup_in("<p>&lt;b id=xss&gt;</p>") == []


# --- 26 reflected payloads, 29 injection, 37 wishes beyond measure ----------------------------------------------------

EVIL = (
    f'q="{PAYLOAD}',
    "sort=student__user__password&sort=-password",
    "sort=name;drop table x&state=' or 1=1 --",
    "filter__password__startswith=a&fields=password&order=?",
    "page=999999999999999999999&page_size=1000000000",
    "page=-1&q=%00%01%0d%0a",
    "q=" + "%25" * 500,
    "year=abc&province=%27%22&level=../../etc/passwd&plan=0&site=%F0%9F%98%80",
)


@pytest.mark.parametrize("query", EVIL, ids=lambda query: query[:24])
def test_abuse_26_29_37_whatever_stands_behind_the_question_mark_is_inert(world: World, query: str) -> None:
    wrong = []
    for address in addresses():
        if address.keywords:
            continue
        client = world.stranger if address.permit == "public" else somebody(world, address).client
        for answer in [asked(client, "get", f"{reverse(address.name)}?{query}")]:
            if answer.status_code >= 500:
                wrong.append(f"{address}: {answer.status_code}")
            elif "text/html" in answer.headers.get("Content-Type", ""):
                wrong += [f"{address}: {tag}" for tag in _markup_in(answer.content.decode())]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "target", ["//evil.example/", "\\\\evil.example", "/\\evil.example", "https:evil.example", "http:///evil.example",
               "javascript:alert(1)", "https://evil.example/", "//evil.example\\@here/", "/%0d%0aLocation:%20//evil"]
)  # fmt: skip
def test_abuse_26_nobody_is_sent_elsewhere(world: World, target: str) -> None:
    home = person(world, Role.SCHOOL)
    hat = str(home.client.session["hat"])
    tries = [
        ("post", reverse("accounts:hat-switch"), {"hat": hat, "next": target}),
        ("get", f"{reverse('accounts:sign-in')}?next={quote(target)}", None),
        ("post", reverse("set_language"), {"language": "en", "next": target}),
    ]
    for verb, url, data in tries:
        answer = home.ask(verb, url, **({"data": data} if data else {}))
        location = answer.headers.get("Location", "")
        assert not re.match(r"//|[/\\\\]{2}|[a-z]+:", location), (url, location)
        assert "\r" not in location
    answer = asked(world.stranger, "get", f"{reverse('accounts:sign-in')}?next={quote(target)}")
    # The switch of language keeps the address of this very page; the way on does not lead elsewhere.
    onwards = re.findall(r'(?:href|action|name="next" value)="([^"]*)"', answer.content.decode())
    assert onwards
    assert not [one for one in onwards if re.match(r"//|/?[\\\\]|[a-z]+:(?!//127)", one) and "evil" in one]


def test_abuse_26_an_error_page_repeats_nothing_as_markup(world: World) -> None:
    for url in (f"/{quote(PAYLOAD)}/", f"/pilots/{quote(PAYLOAD)}"):
        answer = asked(world.stranger, "get", url)
        assert answer.status_code == 404
        assert _markup_in(answer.content.decode()) == []

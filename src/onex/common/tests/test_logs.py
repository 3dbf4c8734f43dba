"""What reaches the log: one record a line, nothing that anybody typed by way of secrets and personal numbers."""

from __future__ import annotations

import io
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from onex.accounts import middleware
from onex.accounts.tests.factories import NOON, PASSWORD, a_hat, a_school, an_actor, signed_in_as
from onex.common.actors import Role
from onex.common.logs import OneLine, mask_secrets, mask_tokens, one_line
from onex.common.models import Trace
from onex.registration.models import RosterImport
from onex.registration.tests.factories import a_row, a_workbook

pytestmark = pytest.mark.django_db
FORGED = "x\r\n2026-01-01 00:00:00,000 ERROR onex 伪造的一行\x1b[2J\x9b31m\u2028\u202e"


@pytest.fixture
def console() -> Iterator[io.StringIO]:
    """The log as the operator's console gets it, by the settings' own formatter, everything down to DEBUG."""
    told = io.StringIO()
    handler = logging.StreamHandler(told)
    formatter = settings.LOGGING["formatters"]["line"]
    handler.setFormatter(OneLine(formatter["format"]))
    root = logging.getLogger()
    noisy = [logging.getLogger(name) for name in ("django.request", "django.security", "onex", "django.db.backends")]
    before = [(one, one.level) for one in (root, *noisy)]
    root.addHandler(handler)
    for one, _ in before:
        one.setLevel(logging.DEBUG)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)  # SQL is the developer's choice, not the product's
    yield told
    root.removeHandler(handler)
    for one, level in before:
        one.setLevel(level)


def test_the_settings_log_by_this_formatter() -> None:
    assert settings.LOGGING["formatters"]["line"]["()"] == "onex.common.logs.OneLine"
    assert settings.LOGGING["root"]["handlers"] == ["console"]
    assert settings.LOGGING["handlers"]["console"]["formatter"] == "line"


def test_abuse_35_forged_lines_and_escapes_stay_inside_their_record(console: io.StringIO) -> None:
    logging.getLogger("onex").error("sign-in of %s refused", FORGED)
    (line,) = console.getvalue().splitlines()
    assert "\\r\\n2026-01-01" in line
    assert all(character.isprintable() for character in line)


def test_a_traceback_follows_indented_and_cannot_pass_for_a_record(console: io.StringIO) -> None:
    try:
        raise ValueError(FORGED)
    except ValueError:
        logging.getLogger("onex").exception("broken")
    first, *rest = console.getvalue().splitlines()
    assert first.endswith("ERROR onex broken")
    assert rest
    assert all(line.startswith("    ") for line in rest)
    assert "\x1b" not in console.getvalue()


def test_abuse_35_a_sign_in_leaves_neither_password_nor_forged_line(console: io.StringIO) -> None:
    hat = a_hat(Role.SCHOOL, a_school())
    client = Client(HTTP_USER_AGENT=FORGED)
    for name, password in (
        (hat.user.username, "wrong-secret-1"),
        (FORGED, "wrong-secret-2"),
        (hat.user.username, PASSWORD),
    ):
        client.post("/accounts/sign-in/", {"username": name, "password": password})
    session = client.session.session_key
    traces = str(list(Trace.objects.values()))
    for told in (console.getvalue(), traces):
        for secret in ("wrong-secret", PASSWORD, session):
            assert secret not in told
        assert "\x1b" not in told
    assert not any(line.startswith("2026-01-01") for line in console.getvalue().splitlines())


def test_abuse_35_an_import_with_bad_rows_names_no_number(
    console: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "now", lambda: NOON)
    client = signed_in_as(Client(), an_actor(Role.SCHOOL, a_school()))
    rows = [a_row(1), a_row(2, id_number="320101200502290019"), a_row(3, name=FORGED), a_row(4, name="=cmd()")]
    number = rows[0]["id_number"]
    client.post(reverse("registration:student-import"), {"file": a_workbook(rows)})
    roster = RosterImport.objects.get()
    client.get(reverse("registration:import-errors", args=[roster.pk]))
    client.post(reverse("registration:import-move", args=[roster.pk, "confirm"]))
    client.get(reverse("registration:student-export"), {"q": number})
    assert Trace.objects.filter(verb="export").count() == 2
    for told in (console.getvalue(), str(list(Trace.objects.values()))):
        assert number not in told
        assert "320101200502290019" not in told
        assert "\x1b" not in told


@pytest.mark.urls("onex.common.tests.log_urls")
def test_abuse_35_an_error_report_holds_no_body_no_cookie_and_no_token(console: io.StringIO, settings: Any) -> None:
    settings.DEBUG = False
    actor = an_actor(Role.SCHOOL, a_school())
    client = signed_in_as(Client(raise_request_exception=False), actor)
    session, token = client.session.session_key, "kP3-vJ2q_AbCdEfGhIjKlMnOpQrStUvWxYz0123456"
    body = {"password": "typed-secret-9", "id_number": "320101200502290013", "phone": "13812345678"}
    answer = client.post(f"/breaks/{token}/", body)
    assert answer.status_code == 500
    told = console.getvalue()
    assert "ValueError" in told
    page = answer.content.decode()
    for secret in ("typed-secret-9", "320101200502290013", "13812345678", session, token):
        assert secret not in told
        assert secret not in page
    assert "320***********0013" in told
    assert "kP3-…" in told
    assert not any(line.startswith("2026-01-01") for line in told.splitlines())
    assert "Traceback" not in page


def test_abuse_35_what_was_typed_is_inert_in_the_auditors_pages_and_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    from onex.accounts.tests.factories import an_operator
    from onex.common.actors import Actor
    from onex.common.ids import uuid7
    from onex.common.moves import leave_trace

    monkeypatch.setattr(middleware, "now", lambda: NOON)
    evil = '<script>alert(1)</script>=HYPERLINK("http://x")'
    who = Actor(uuid7(), evil, Role.SCHOOL, uuid7(), "学校", address="10.0.0.1")
    trace = leave_trace(None, "export", by=who, at=NOON, note=evil + FORGED, data={evil: [evil]})
    client = signed_in_as(Client(), an_actor(Role.AUDITOR, an_operator()))
    for address in ("/audit/", f"/audit/{trace.pk}/"):
        page = client.get(address).content.decode()
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;" in page
    sheet = client.get("/audit/export/")
    import zipfile

    with zipfile.ZipFile(io.BytesIO(sheet.content)) as book:
        cells = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in cells
    assert "<hyperlink" not in cells


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/accounts/registrations/kP3-vJ2q_AbCdEfGhIjKlMnOpQrSt/", "/accounts/registrations/kP3-…/"),
        ("/pilots/01a22776-c217-77b3-a453-75576c197407/", "/pilots/01a22776-c217-77b3-a453-75576c197407/"),
        ("/registration/students/", "/registration/students/"),
        ("/x?token=abcdefghijklmnopqrstuvwxyz012345", "/x?token=abcd…"),
    ],
)
def test_secrets_in_addresses_are_cut_and_keys_of_rows_are_not(path: str, shown: str) -> None:
    assert mask_tokens(path) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("password=hunter2&next=/", "password=***&next=/"),
        ("{'password': 'hunter two', 'name': 'x'}", "{'password': ***, 'name': 'x'}"),
        ('{"new_password1": "a b"}', '{"new_password1": ***}'),
        ("sessionid=abc123; path=/", "sessionid=***; path=/"),
        ("EMAIL_PASSWORD: pa:ss", "EMAIL_PASSWORD: ***"),
        ("token=abc", "token=***"),
        ("csrfmiddlewaretoken=abc123", "csrfmiddlewaretoken=***"),
        ("Cookie: sessionid=1; csrftoken=2", "Cookie: ***"),
        ("'Authorization': 'Bearer abc.def'", "'Authorization': ***"),
        ("a wrong password, the token has ended: try again", "a wrong password, the token has ended: try again"),
        ("password_min=12 people", "password_min=*** people"),  # rather one too many
    ],
)
def test_what_is_named_as_a_secret_is_left_out(text: str, shown: str) -> None:
    assert mask_secrets(text) == shown


def test_abuse_35_the_formatter_keeps_addresses_and_named_secrets_out(console: io.StringIO) -> None:
    try:
        raise ValueError("refused {'password': 'typed-secret-9', 'email': 'zhou@example.cn'}")
    except ValueError:
        logging.getLogger("onex").exception("sessionid=%s of zhou@example.cn", "s3ss10n")
    told = console.getvalue()
    for secret in ("typed-secret-9", "s3ss10n", "zhou@"):
        assert secret not in told
    assert "z***@example.cn" in told


def test_one_line_is_what_it_says() -> None:
    assert one_line("a\tb\x00c\x7f\u0085\ufeff") == "a\\tb\\x00c\\x7f\\x85\\ufeff"
    assert one_line("中文 é 😀") == "中文 é 😀"

"""The floor that every address stands on: methods, types, names of cookies, and what is not there to be found."""

from __future__ import annotations

import gzip
import json
import logging
import math
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth import password_validation
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.urls import reverse

from onex.accounts.rules import passwords
from onex.accounts.tests.factories import a_hat, a_school, signed_in_with
from onex.common.actors import Role
from onex.common.logs import OneLine
from onex.common.post import send_mail
from onex.config.env import fresh_env_file
from tests.installation import ROOT
from tests.test_deploy import data, run  # noqa: F401  (data is a fixture)

PUBLIC_PAGES = ("portal:home", "accounts:sign-in", "certificates:verify", "portal:news-list", "portal:root-list")


@pytest.fixture
def client(db) -> Client:
    return Client()


def test_what_is_typed_is_decoded_once_and_shown_as_text(client: Client) -> None:
    """`%253C` is a per cent sign and four characters, not a `<` for whoever decodes twice."""
    for typed, shown in (
        ("%253Cb%253E", "%3Cb%3E"),
        ("%3Cb%3E", "&lt;b&gt;"),
        ("%26lt%3Bb%26gt%3B", "&amp;lt;b&amp;gt;"),
    ):
        page = client.get(f"{reverse('certificates:verify')}?number={typed}&name=x").content.decode()
        assert f'value="{shown}"' in page, typed
        assert "<b>" not in page


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "DEBUG", "PROPFIND"])
def test_methods_that_nobody_needs_reach_no_view(client: Client, method: str) -> None:
    for name in (*PUBLIC_PAGES, "healthz"):
        answer = client.generic(method, reverse(name), HTTP_X_SECRET="echo-me")
        assert answer.status_code == 405
        assert b"echo-me" not in answer.content


def test_every_answer_says_what_it_is_and_in_which_characters(client: Client) -> None:
    for name in PUBLIC_PAGES:
        assert client.get(reverse(name)).headers["Content-Type"] == "text/html; charset=utf-8"
    assert client.get("/nowhere/").headers["Content-Type"] == "text/html; charset=utf-8"
    assert client.get(reverse("portal:root-data")).headers["Content-Type"].startswith("application/json")
    assert client.get("/api/v1/openapi.json").headers["Content-Type"].startswith("application/json")


def test_no_answer_lets_another_site_read_it(client: Client) -> None:
    for address in (*(reverse(name) for name in PUBLIC_PAGES), "/api/v1/openapi.json", "/static/nowhere.js"):
        for more in ({}, {"HTTP_ORIGIN": "https://evil.example"}, {"HTTP_ORIGIN": "null"}):
            answer = client.get(address, **more)
            assert "Access-Control-Allow-Origin" not in answer.headers
            asked = client.options(address, HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST", **more)
            assert not [name for name in asked.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize(
    "address",
    [
        "/.git/HEAD", "/.git/config", "/.env", "/var/.env", "/static/.env", "/static/../.env", "/static/%2e%2e/.env",
        "/static/..%2f..%2f.env", "/exam/../.env", "/exam/%2e%2e/.env", "/onex.sqlite3", "/files/", "/media/",
        "/uv.lock",
        "/pyproject.toml", "/src/onex/config/env.py", "/static/", "/static/site/", "/static/site/assets/",
        "/exam/assets/",
        "/admin/", "/dev/gallery", "/api/v1/docs", "/debug/", "/server-status", "/metrics",
    ],
)  # fmt: skip
def test_nothing_of_the_inside_and_no_list_of_a_folder_is_served(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code in (400, 404), answer.status_code
    assert "Index of" not in answer.content.decode()


def test_a_value_in_the_address_is_not_taken_for_one_of_the_form(client: Client) -> None:
    """HTTP parameter pollution: form and address are two things, and of several values always the last counts."""
    address = reverse("accounts:sign-in")
    answer = client.post(f"{address}?username=someone&password=something", {})
    assert answer.status_code == 422
    assert 'value="someone"' not in answer.content.decode()
    page = client.get(reverse("certificates:verify") + "?number=FIRST&number=SECOND&name=x").content.decode()
    assert 'value="SECOND"' in page
    assert "FIRST" not in page.split("<form", 2)[2]


def test_passwords_are_masked_pasted_and_filled_in_by_managers(client: Client) -> None:
    page = client.get(reverse("accounts:sign-in")).content.decode()
    fields = [one.split(">")[0] for one in page.split("<input") if 'name="password"' in one.split(">")[0]]
    assert len(fields) == 1
    assert 'type="password"' in fields[0]
    assert 'autocomplete="current-password"' in fields[0]
    # The one script that listens to pasting cuts rows of Excel into the cells of a table.
    web = ROOT / "frontend" / "src"
    listens = {
        path.name for path in web.rglob("*.ts") if '"paste"' in path.read_text("utf-8") and "test" not in path.name
    }
    assert listens == {"paste.ts"}
    assert "data-paste" not in page


def test_signing_out_is_in_the_frame_of_every_page(client: Client) -> None:
    signed_in_with(client, a_hat(Role.SCHOOL, a_school()), factor=True)
    for name in ("portal:desk", "accounts:security", "pilots:application-list"):
        page = client.get(reverse(name)).content.decode()
        assert f'action="{reverse("accounts:sign-out")}"' in page, name


def test_a_line_break_never_reaches_the_head_of_a_mail(mailoutbox) -> None:
    send_mail("zhou@example.edu.cn", "通知\r\nBcc: spy@evil.example", "words")
    assert mailoutbox[0].subject == "通知 Bcc: spy@evil.example"
    assert "Bcc" not in mailoutbox[0].message()
    with pytest.raises(ValueError, match="newline"):
        send_mail("zhou@example.edu.cn\nBcc: spy@evil.example", "通知", "words")
    assert len(mailoutbox) == 1


def test_a_session_key_has_more_than_128_bits(db) -> None:
    session = SessionStore()
    session.create()
    assert len(session.session_key) * math.log2(36) > 128
    assert re.fullmatch("[a-z0-9]{32}", session.session_key)


def test_two_fresh_installations_share_no_secret() -> None:
    first, second = ({line.partition("=")[2] for line in fresh_env_file().splitlines()} for _ in range(2))
    assert len(first) >= 5
    assert not first & second


def test_a_log_line_tells_its_moment_with_the_offset() -> None:
    line = OneLine("%(asctime)s %(levelname)s %(message)s").format(
        logging.LogRecord("onex", logging.INFO, "", 0, "hello", None, None)
    )
    told = datetime.fromisoformat(line.split(" ")[0])
    assert told.utcoffset() == timedelta(0)


def test_the_list_of_leaked_passwords_is_long_enough() -> None:
    """ASVS 6.2.4 asks for the 3,000 most used of those that our own rules would let through."""
    file = Path(password_validation.__file__).with_name("common-passwords.txt.gz")
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        leaked = [line.strip() for line in lines]
    shortest = min(profile.shortest for profile in passwords.PROFILES.values())
    assert len([one for one in leaked if len(one) >= shortest]) >= 3_000


# --- an installation with an https address

SECURE = """
import asyncio, json
from django.conf import settings
from onex.config.asgi import application
from django.contrib.auth.hashers import make_password
from onex.examroom.views.door import COOKIE

def headers_of(path):
    said = []
    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}
    async def send(message):
        said.append(message)
    scope = {"type": "http", "http_version": "1.1", "method": "GET", "path": path, "raw_path": path.encode(),
             "query_string": b"", "root_path": "", "scheme": "http", "headers": [(b"host", b"onex.example")],
             "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000)}
    asyncio.run(application(scope, receive, send))
    return {name.decode().lower(): value.decode() for name, value in said[0]["headers"]}

print(json.dumps({
    "cookies": [settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME, COOKIE],
    "secure": [settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.LANGUAGE_COOKIE_SECURE],
    "httponly": [settings.SESSION_COOKIE_HTTPONLY, settings.CSRF_COOKIE_HTTPONLY, settings.LANGUAGE_COOKIE_HTTPONLY],
    "samesite": [settings.SESSION_COOKIE_SAMESITE, settings.CSRF_COOKIE_SAMESITE, settings.LANGUAGE_COOKIE_SAMESITE],
    "hashers": settings.PASSWORD_HASHERS,
    "hash": make_password("white crane over the lake"),
    "gate": {path: headers_of(path) for path in ("/exam/", "/gate/nowhere", "/gate/state")},
}))
"""


@pytest.fixture(scope="module")
def secure(data: Path) -> dict:  # noqa: F811
    done = run(data, "-c", SECURE)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_the_name_of_every_cookie_binds_it_to_https_and_to_this_host(secure: dict) -> None:
    session, csrf, language, room = secure["cookies"]
    assert all(name.startswith("__Host-") for name in (session, csrf, language))
    assert room.startswith("__Secure-")  # it is sent to /room/ alone, and __Host- asks for the whole host
    assert secure["secure"] == secure["httponly"] == [True, True, True]
    assert secure["samesite"] == ["Lax", "Lax", "Lax"]


def test_passwords_of_an_installation_are_hashed_by_argon2(secure: dict) -> None:
    assert secure["hashers"] == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    assert secure["hash"].startswith("argon2$argon2id$v=19$m=102400,t=2,p=8$")


def test_the_exam_gate_promises_the_same_as_the_pages(secure: dict) -> None:
    for path, headers in secure["gate"].items():
        assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains; preload", path
        assert headers["x-content-type-options"] == "nosniff", path
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert "unsafe" not in headers["content-security-policy"], path
        assert "charset=utf-8" in headers["content-type"], path
        assert "access-control-allow-origin" not in headers, path

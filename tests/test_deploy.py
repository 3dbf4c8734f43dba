"""Production settings: an installation with an https address is safe by itself, and says nothing of its inside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from onex.config.env import fresh_env_file
from tests.installation import ROOT

ADDRESS = "https://onex.example"


def run(data: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A process of an installation that people reach at an https address."""
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("ONEX_", "DJANGO_")) and not k.endswith("DATABASE_URL")
    }
    paths = f"{ROOT / 'src'}{os.pathsep}{ROOT}"
    return subprocess.run(
        [sys.executable, *words],
        env={**kept, "ONEX_DATA": str(data), "ONEX_PUBLIC_URL": ADDRESS, "PYTHONPATH": paths} | env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deployed")
    (folder / "static").mkdir()
    (folder / ".env").write_text(fresh_env_file())
    return folder


def test_the_check_for_deployment_has_nothing_to_say(data: Path) -> None:
    done = run(data, "-m", "onex.config", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues (0 silenced)" in done.stdout + done.stderr


ASK = """
import json, os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onex.config.settings")
import django
django.setup()
from django.core.management import call_command
from django.test import Client
from django.urls import path
from django.conf import settings
from django.http import HttpResponse
import onex.config.urls as urls
from onex.common.pages import public
for alias in ("default", "room"):
    call_command("migrate", database=alias, verbosity=0)
def broken(request):
    secret_of_the_inside = "geheim-4711"
    raise RuntimeError(secret_of_the_inside)
urls.urlpatterns.append(path("broken/", public(broken)))
client = Client(raise_request_exception=False)
told = {}
for name, address, more in json.loads(sys.argv[1]):
    host = more.pop("HTTP_HOST", "onex.example")
    answer = client.get(address, secure=more.pop("secure", True), HTTP_HOST=host, **more)
    told[name] = {
        "status": answer.status_code,
        "headers": dict(answer.headers),
        "cookies": {key: dict(morsel.items()) for key, morsel in answer.cookies.items()},
        "text": answer.content.decode()[:200_000] if not answer.streaming else "",
    }
told["settings"] = {"factor": settings.SECOND_FACTOR, "hosts": settings.ALLOWED_HOSTS, "debug": settings.DEBUG}
print(json.dumps(told))
"""


def ask(data: Path, *wanted: tuple[str, str, dict[str, object]], **env: str) -> dict[str, dict]:
    done = run(data, "-c", ASK, json.dumps(wanted), **env)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def told(data: Path) -> dict[str, dict]:
    return ask(
        data,
        ("door", "/accounts/sign-in/", {}),
        ("plain", "/accounts/sign-in/", {"secure": False}),
        ("claims https", "/accounts/sign-in/", {"secure": False, "HTTP_X_FORWARDED_PROTO": "https"}),
        ("alive", "/healthz", {"secure": False}),
        ("broken", "/broken/", {}),
        ("missing", "/no/such/page/", {}),
        ("other host", "/accounts/sign-in/", {"HTTP_HOST": "evil.example"}),
        ("told host", "/accounts/sign-in/", {"HTTP_X_FORWARDED_HOST": "evil.example"}),
    )


def test_cookies_belong_to_this_host_alone_and_to_no_script(told) -> None:
    cookies = told["door"]["cookies"]
    assert "__Host-onex-csrf" in cookies
    for name, cookie in cookies.items():
        assert name.startswith("__Host-")
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
        assert (cookie["path"], cookie["domain"]) == ("/", "")


def test_every_answer_carries_the_headers_of_safety(told) -> None:
    for name in ("door", "broken", "missing", "claims https"):
        headers = told[name]["headers"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    for name in ("door", "broken", "missing"):
        headers = told[name]["headers"]
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
        assert "camera=()" in headers["Permissions-Policy"]
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        for part in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert part in policy


def test_plain_http_is_led_to_https_and_no_header_talks_that_away(told) -> None:
    for name in ("plain", "claims https"):
        assert (told[name]["status"], told[name]["headers"]["Location"]) == (301, f"{ADDRESS}/accounts/sign-in/")
    assert told["alive"]["status"] == 200


def test_a_counted_proxy_may_say_https(data: Path) -> None:
    wanted = ("door", "/accounts/sign-in/", {"secure": False, "HTTP_X_FORWARDED_PROTO": "https"})
    assert ask(data, wanted, ONEX_TRUSTED_PROXIES="1")["door"]["status"] == 200


def test_error_pages_say_nothing_of_the_inside(told) -> None:
    assert told["broken"]["status"] == 500
    assert told["missing"]["status"] == 404
    for name in ("broken", "missing"):
        for word in ("geheim-4711", "RuntimeError", "Traceback", "site-packages", "django", "SECRET", str(ROOT)):
            assert word not in told[name]["text"], word


def test_abuse_31_only_our_own_host_is_answered(told) -> None:
    assert told["other host"]["status"] == 400
    assert "evil.example" not in told["told host"]["text"]
    assert "onex.example" in told["settings"]["hosts"]


def test_the_second_factor_is_required_and_nothing_is_debugged(told) -> None:
    assert told["settings"]["factor"] == "required"
    assert told["settings"]["debug"] is False


def test_a_second_factor_setting_that_is_neither_is_refused(data: Path) -> None:
    done = run(data, "-m", "onex.config", "check", ONEX_SECOND_FACTOR="maybe")
    assert done.returncode != 0
    assert "ONEX_SECOND_FACTOR" in done.stderr

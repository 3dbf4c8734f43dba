"""A register of what could do harm if it were handed what somebody typed: code, processes, networks, parsers, chance.

Each list names the files that do it and why; a new one fails until somebody has looked at it and written it down.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "onex"
WEB = ROOT / "frontend" / "src"

# Modules that reach out of the process → the files that may import them, and what for.
REACHES_OUT = {
    # The virus scanner that ONEX_CLAMD names; webhooks, to the public address that was judged (docs/decisions/0111).
    "socket": {"common/clamd.py", "integrations/services/wire.py"},
    "subprocess": {"common/airlock/run.py"},  # our own interpreter, our own file, no shell
    "boto3": set(),
    "botocore": {"config/settings/files.py"},  # the store that ONEX_STORAGE names
    "smtplib": {"notices/services/delivering.py"},  # its exceptions only; Django sends, by EMAIL_URL
    "urllib.request": set(),
    "http.client": {"integrations/services/wire.py"},
    "requests": set(),
    "httpx": set(),
    "aiohttp": set(),
    "ftplib": set(),
    "telnetlib": set(),
    "ldap": set(),
    "ctypes": set(),
    "cffi": set(),
    "multiprocessing": set(),
}
# Parsers that run or follow what they read: for nobody. XML goes through defusedxml, YAML through a safe loader.
NEVER = {
    "pickle", "cPickle", "dill", "shelve", "marshal", "jsonpickle", "xml", "lxml", "xmlrpc", "jinja2", "mako",
    "memcache", "pymemcache", "telnetlib", "code", "codeop",
}  # fmt: skip
RUNS_TEXT = {"eval", "exec", "compile", "__import__"}
# Chance that anybody may foresee: seats, orders and pictures follow from a seed on purpose. Secrets have `secrets`.
FORESEEABLE = {
    "bank/rules.py",  # the order of a paper, from its seed
    "common/captcha.py",  # how a picture is drawn; its characters come from our key
    "examroom/gate/desk.py",  # how long a client waits before it asks again
    "sittings/rules.py",  # who sits where, from its seed
}
CIPHERS = {
    "common/sealed.py": {"InvalidTag", "AESGCM"},
    "certificates/signing.py": {"InvalidSignature", "Ed25519PrivateKey", "Ed25519PublicKey"},
}
HASHES = {"sha256", "sha1"}
OLD_HASH = {"accounts/rules/factors.py"}  # HMAC-SHA-1 of RFC 6238: what authenticator apps know
# File → names that hold a pattern of the program where it is used.
PATTERNS = {
    "common/logs.py": {"_NAMES"},  # how secrets are called, written above
    "common/masks.py": {  # what a number of a person is made of, written above
        "_ALONE", "_ENDED", "_APART", "_PERHAPS", "_MONTH", "_DAY", "_PROVINCE", "_BIRTH",
    },
    "accounts/rules/sessions.py": {"pattern"},  # browsers and systems, written above
    "catalog/rules/reading.py": {"limit.pattern", "limit"},  # what the guide's own fields must look like
}  # fmt: skip
OPENS_PICTURES = {
    "common/airlock/pictures.py",  # in the limited process
    "common/captcha.py",  # draws them
}
FILLS_PLACES = {
    "common/text.py",
    "pilots/queries/oversight.py",  # statements of that file around Django's own SQL; names of columns are constants
    "pilots/queries/review_times.py",  # a statement written there, around Django's own SQL; values go as parameters
}
VERIFIES = {"integrations/services/wire.py"}  # speaks TLS to receivers, with Python's own verifying context
LETS_IN = {"accounts/views/entrance.py"}  # the one place where a session of the centre begins
ENTRANCES = {
    "accounts/views/door.py", "accounts/views/recovery.py", "accounts/views/learners.py",
    "registration/views/activation.py",
}  # fmt: skip
# TypeScript that makes elements of a text, and of which.
MAKES_MARKUP = {
    "site/paste.ts": "a row's own template out of the page, with a number put in",
    "site/autosave.ts": "the fragments that our own server answered to the draft just kept, as htmx would put them",
}


def sources(folder: Path = SOURCE) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        if not {"tests", "migrations"} & set(path.parts):
            yield path.relative_to(folder).as_posix(), ast.parse(path.read_text("utf-8"))


def imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Module and name of every import, wherever it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((one.name, "") for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.module, one.name) for one in node.names)


def is_of(module: str, name: str, wanted: str) -> bool:
    return f"{module}.{name}.".startswith(f"{wanted}.") or module == wanted


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def called(node: ast.Call) -> str:
    return ast.unparse(node.func)


def test_what_reaches_out_of_the_process_is_known_by_name() -> None:
    for wanted, allowed in REACHES_OUT.items():
        found = {name for name, tree in sources() if any(is_of(*one, wanted) for one in imports(tree))}
        assert found <= allowed, wanted


def test_what_people_upload_is_no_picture_outside_the_airlock() -> None:
    assert {name for name, tree in sources() if any(is_of(*one, "PIL") for one in imports(tree))} == OPENS_PICTURES


def test_no_shell_is_ever_asked() -> None:
    for name, tree in sources():
        for call in calls(tree):
            assert called(call) not in ("os.system", "os.popen", "os.execv", "os.spawnv", "pty.spawn"), name
            assert called(call).split(".")[0] != "subprocess" or not any(one.arg == "shell" for one in call.keywords), (
                name
            )


def test_nothing_runs_what_it_reads() -> None:
    for name, tree in sources():
        for module, one in imports(tree):
            assert not any(is_of(module, one, bad) for bad in NEVER), f"{name}: {module}.{one}"
        for call in calls(tree):
            assert called(call) not in RUNS_TEXT, f"{name}: {called(call)}"
            assert not called(call).endswith(("yaml.load_all", "yaml.unsafe_load", "yaml.full_load")), name
            if called(call) == "yaml.load":
                assert "Safe" in ast.unparse(tree), f"{name}: yaml.load without a safe loader"
                assert "UnsafeLoader" not in ast.unparse(tree), name


def test_no_template_is_made_of_a_text() -> None:
    for name, tree in sources():
        engines = ("django.template", "jinja2", "string")
        of_an_engine = any(one == "Template" and module.startswith(engines) for module, one in imports(tree))
        for call in calls(tree):
            assert called(call).split(".")[-1] not in ("from_string", "format_map"), f"{name}: {ast.unparse(call)[:80]}"
            assert called(call) != "engines.from_string", f"{name}: {ast.unparse(call)[:80]}"
            # The words of a notice (notices.rules.Template) are filled by one `re.sub` and know no expressions.
            assert called(call) != "Template" or not of_an_engine, f"{name}: {ast.unparse(call)[:80]}"
            if called(call).endswith(".format") and not isinstance(call.func.value, ast.Constant):  # type: ignore[attr-defined]
                # The sentences of the program with their named places, whose values are texts already.
                assert name in FILLS_PLACES, f"{name}: {ast.unparse(call)[:80]}"


def test_no_pattern_is_made_of_a_text() -> None:
    """Regular expressions are written in the program: nobody types one, and nobody's words become part of one."""
    words = {"compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
    for name, tree in sources():
        for call in calls(tree):
            head, _, last = called(call).rpartition(".")
            if head == "re" and last in words:
                pattern = call.args[0]
                parts = [ast.unparse(one) for one in ast.walk(pattern) if isinstance(one, ast.Name | ast.Attribute)]
                written = isinstance(pattern, ast.Constant) or set(parts) <= PATTERNS.get(name, set())
                assert written, f"{name}: {ast.unparse(pattern)}"
            for keyword in call.keywords:
                assert not (keyword.arg or "").endswith(("__regex", "__iregex")), f"{name}: {keyword.arg}"


def test_what_nobody_may_guess_comes_from_the_secrets_module() -> None:
    found = {name for name, tree in sources() if any(is_of(*one, "random") for one in imports(tree))}
    assert found <= FORESEEABLE
    assert any(is_of(*one, "secrets") for _, tree in sources() for one in imports(tree))


def test_ciphers_and_hashes_are_these_and_no_others() -> None:
    used: dict[str, set[str]] = {}
    for name, tree in sources():
        for module, one in imports(tree):
            if is_of(module, one, "cryptography"):
                used.setdefault(name, set()).add(one)
            assert not is_of(module, one, "Crypto"), name
            assert not is_of(module, one, "ssl") or name in VERIFIES, name
            assert not is_of(module, one, "ssl") or "CERT_NONE" not in ast.unparse(tree), name
        for call in calls(tree):
            hashed = re.fullmatch(r"hashlib\.(\w+)", called(call))
            for word in [hashed.group(1)] if hashed else []:
                assert word in HASHES - {"sha1"} or name in OLD_HASH, f"{name}: {word}"
            if called(call) in ("hmac.new", "hmac.digest"):
                assert re.search(r"sha256|sha1", ast.unparse(call)), name
                assert "sha1" not in ast.unparse(call) or name in OLD_HASH, name
    assert used == CIPHERS


def test_a_session_begins_in_one_place_only() -> None:
    begins = {name for name, tree in sources() for call in calls(tree) if called(call) in ("login", "auth.login")}
    assert begins == LETS_IN
    enters = {name for name, tree in sources() for call in calls(tree) if called(call).split(".")[-1] == "let_in"}
    enters -= {"integrations/api.py"}  # a program by its token, for one request: no session begins
    assert enters <= ENTRANCES


def test_scripts_of_pages_make_no_markup_of_texts_and_hear_no_foreign_window() -> None:
    markup = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment")
    code = re.compile(r"\beval\(|new Function\(|setTimeout\(\s*[\"'`]|javascript:|addEventListener\([\"']message[\"']")
    files = [path for path in WEB.rglob("*.ts") if "test" not in path.name and "tests" not in path.parts]
    assert len(files) > 10
    found = {path.relative_to(WEB).as_posix() for path in files if markup.search(path.read_text("utf-8"))}
    assert found <= set(MAKES_MARKUP)
    for path in files:
        assert not code.search(path.read_text("utf-8")), path.name
        assert "WebSocket" not in path.read_text("utf-8"), path.name


def test_nothing_a_page_needs_comes_from_elsewhere() -> None:
    outside = re.compile(r"(?:src|href)=[\"']https?://|@import\s+url\(|//cdn\.", re.I)
    for path in [*SOURCE.rglob("*.html"), *WEB.rglob("*.css"), *(ROOT / "frontend").glob("*/index.html")]:
        for line in path.read_text("utf-8").splitlines():
            if outside.search(line):
                assert "<a " in line, f"{path.name}: {line.strip()[:100]}"


def test_no_template_switches_escaping_off() -> None:
    """`|safe` and `autoescape off` are for nobody: what is markup says so in Python, where ruff S308 sees it."""
    for path in SOURCE.rglob("*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r"\|\s*safe(seq)?\b|autoescape\s+off", text), path.name


@pytest.mark.parametrize(
    ("planted", "test"),
    [
        ("import pickle", test_nothing_runs_what_it_reads),
        ("eval(text)", test_nothing_runs_what_it_reads),
        ("from xml.etree import ElementTree", test_nothing_runs_what_it_reads),
        ("import requests", test_what_reaches_out_of_the_process_is_known_by_name),
        ("from PIL import Image", test_what_people_upload_is_no_picture_outside_the_airlock),
        ("subprocess.run(text, shell=True)", test_no_shell_is_ever_asked),
        ("engine.from_string(text)", test_no_template_is_made_of_a_text),
        ("text.format(x=1)", test_no_template_is_made_of_a_text),
        ("re.search(text, line)", test_no_pattern_is_made_of_a_text),
        ("import random", test_what_nobody_may_guess_comes_from_the_secrets_module),
        ("hashlib.md5(b'')", test_ciphers_and_hashes_are_these_and_no_others),
        ("login(request, user)", test_a_session_begins_in_one_place_only),
    ],
)
def test_a_planted_danger_is_caught(planted: str, test, monkeypatch: pytest.MonkeyPatch) -> None:
    real = list(sources())
    monkeypatch.setitem(globals(), "sources", lambda: iter([*real, ("planted.py", ast.parse(planted))]))
    with pytest.raises(AssertionError):
        test()

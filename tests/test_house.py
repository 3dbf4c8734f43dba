"""The laws of the house hold, and each one catches a planted break."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from onex.common.permits import PERMITS
from onex.common.workflow import FLOWS
from tests import house

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "onex"
LAWS = [
    house.foreign_doors,
    house.django_in_pure,
    house.objects_in_readers,
    house.writes_elsewhere,
    house.inline_in_templates,
    house.unnamed_migrations,
]
# Addresses anybody may open. A new one is added here on purpose or the test fails.
PUBLIC = {
    "healthz",
    "set_language",
    "dev-gallery",  # only with DEBUG
    "accounts:sign-in",
    "accounts:sign-out",
    "accounts:second-factor",  # after the first proof
    "accounts:sign-in-code",
    "accounts:captcha-new",
    "accounts:captcha-picture",
    "accounts:password-help",
    "accounts:password-code",
    "accounts:password-reset",  # by the secret of the address
    "accounts:activate",  # by the secret of the address
    "accounts:learner-create",
    "accounts:learner-confirm",
    "accounts:registration-create",
    "accounts:registration-status",  # by the secret of the address
    "accounts:registration-edit",
    "accounts:registration-print",
    "accounts:registration-link",
    "accounts:recovery-create",
    "accounts:recovery-received",
    "certificates:verify",
    "certificates:verify-qr",
    "registration:student-activate",  # by the printed slip
    "registration:student-confirm",
    "examroom:sign-in",  # by the code of the invigilation sheet
    "examroom:sign-out",
    "integrations:reference",  # what programmers read
    "portal:home",
    "portal:standard-list",
    "portal:standard-detail",
    "portal:calendar",
    "portal:calendar-feed",
    "portal:training",
    "portal:textbook-list",
    "portal:cloud-course",
    "portal:how-to-apply",
    "portal:news-list",
    "portal:news-detail",
    "portal:contact-list",
    "portal:data-notes",
    "portal:root-list",  # what was public cannot be rewritten
    "portal:root-data",
    "portal:privacy",
}


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_law_holds(law) -> None:
    assert law(SOURCE) == []


PLANTED = {
    house.foreign_doors: ("pilots/views.py", "from onex.catalog.views import page\n"),
    house.django_in_pure: ("pilots/rules.py", "from django.utils import timezone\n"),
    house.objects_in_readers: ("pilots/views.py", "x = PilotPlan.objects.all()\n"),
    house.writes_elsewhere: ("pilots/queries.py", "PilotPlan.objects.filter(pk=1).update(year=2)\n"),
    house.inline_in_templates: ("pilots/templates/pilots/a.html", '<p style="color:red">x</p>\n'),
    house.unnamed_migrations: ("pilots/migrations/0002_auto_20260101.py", "\n"),
}


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_law_catches_a_planted_break(law, tmp_path: Path) -> None:
    path, text = PLANTED[law]
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(text)
    (sentence,) = law(tmp_path)
    assert sentence.startswith(f"{path}:1: ")


@pytest.mark.parametrize("text", ["row.state = S.APPROVED\n", "Plan.objects.update(state=S.OPEN)\n"])
def test_a_state_set_by_hand_is_caught(text: str, tmp_path: Path) -> None:
    (tmp_path / "pilots").mkdir()
    (tmp_path / "pilots" / "services.py").write_text(text)
    assert "only common/moves.py" in house.writes_elsewhere(tmp_path)[0]


def test_pure_rooms_do_not_even_bring_django_in_by_others() -> None:
    modules = [
        "onex." + ".".join((app, *rooms)).removesuffix(".__init__")
        for app, path, rooms, _ in house.sources(SOURCE)
        if app == "items" or path == "common/workflow.py" or rooms[0] in house.PURE
    ]
    script = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "assert 'django' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script, *modules], check=True, cwd=ROOT / "src", env={"PATH": ""})


def lint_imports(folder: Path, sources: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    env = {"PYTHONPATH": str(sources), "PATH": "/usr/bin:/bin"}
    return subprocess.run([program, "--no-cache"], cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_import_layers_hold() -> None:
    done = lint_imports(ROOT, ROOT / "src")
    assert done.returncode == 0, done.stdout[-3000:]


def test_a_planted_upward_import_is_caught(tmp_path: Path) -> None:
    for app in ("common", "items", "examroom", "accounts"):
        (tmp_path / "onex" / app).mkdir(parents=True)
        (tmp_path / "onex" / app / "__init__.py").write_text("")
    (tmp_path / "onex" / "__init__.py").write_text("")
    (tmp_path / "onex" / "examroom" / "services.py").write_text("from onex.accounts import models\n")
    (tmp_path / "onex" / "accounts" / "models.py").write_text("")
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    contract = text[text.index("[tool.importlinter]") :].replace("include_external_packages = true", "")
    for app in re.findall(
        r'"(portal|certificates|results|marking|sittings|registration|pilots|catalog|config)"', contract
    ):
        contract = contract.replace(f'"{app}",', f'"({app})",')
    contract = contract.replace("venues | ", "(venues) | ").replace("| bank", "| (bank)")
    contract = contract.replace("integrations | notices", "(integrations) | (notices)")
    (tmp_path / "pyproject.toml").write_text(contract.split('[[tool.importlinter.contracts]]\nname = "The sealed')[0])
    done = lint_imports(tmp_path, tmp_path)
    assert done.returncode != 0
    assert "onex.examroom.services" in done.stdout
    assert "onex.accounts" in done.stdout


def test_every_permit_named_in_a_flow_is_declared() -> None:
    named = {step.permit for flow in FLOWS.values() for step in flow.moves}
    assert named - set(PERMITS) == set()


def addresses(resolver: URLResolver, prefix: str = ""):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = prefix + (f"{pattern.namespace}:" if pattern.namespace else "")
            yield from addresses(pattern, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name}", pattern.callback


def test_every_address_names_a_permit_or_is_public_on_purpose() -> None:
    wrong = []
    for name, view in addresses(get_resolver()):
        code = getattr(view, "permit", None)
        if name.startswith("api:"):
            code = code or "public"
        known = (
            code in PERMITS or code == "signed-in" or (code == "public" and (name in PUBLIC or name.startswith("api:")))
        )
        if not known:
            wrong.append(f"{name}: {code}")
    assert wrong == []


def test_every_declared_permit_is_used() -> None:
    used = {step.permit for flow in FLOWS.values() for step in flow.moves}
    used |= {getattr(view, "permit", None) for _, view in addresses(get_resolver())}
    text = "\n".join(p.read_text(encoding="utf-8") for p in SOURCE.rglob("*.py") if p.name != "permits.py")
    unused = [code for code in PERMITS if code not in used and f'"{code}"' not in text]
    assert unused == []


@pytest.mark.parametrize("code", sorted(FLOWS))
def test_every_state_of_the_flow_is_reachable_and_named(code: str) -> None:
    flow = FLOWS[code]
    reached, before = {flow.initial}, None
    while before != reached:
        before = set(reached)
        reached |= {step.target for step in flow.moves if reached & set(step.sources)}
    siblings = [other for other in FLOWS.values() if other.states is flow.states and other is not flow]
    missing = set(flow.states) - reached
    for other in siblings:  # a state may belong to the longer of two tables over the same states
        missing -= {step.target for step in other.moves}
    assert missing == set()
    assert set(flow.labels) == set(flow.states)


def test_every_model_and_its_word_stand_in_the_glossary() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    words = {str(model._meta.verbose_name) for model in apps.get_models() if model.__module__.startswith("onex.")}
    assert {word for word in words if word not in glossary} == set()


def test_locks_name_no_registry_and_pin_by_hash() -> None:
    for file in sorted((ROOT / "requirements").glob("*.txt")):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"https?://|--index-url|--find-links", text), file.name
        for line in re.split(r"\n(?=\S)", text.strip()):
            assert "--hash=sha256:" in line, f"{file.name}: {line.splitlines()[0]}"
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8"))
    for name, package in lock["packages"].items():
        assert "resolved" not in package, name
        assert not name or "integrity" in package or package.get("inBundle"), name

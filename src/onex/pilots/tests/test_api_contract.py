"""schemathesis asks every operation what its document allows and forbids: no answer that the document does not know.

In process, with real tokens and real rows, as each hat and as nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from onex.accounts.tests.factories import a_school, an_actor, an_evaluation_org, an_operator
from onex.catalog.services import load_guide
from onex.common import limits
from onex.common.actors import Actor, Role
from onex.common.clock import now
from onex.config.wsgi import application
from onex.integrations.tests.factories import a_token, headers
from onex.pilots import services
from onex.pilots.models import PilotPlan
from onex.pilots.tests.factories import (
    NOON,
    a_certificate,
    a_draft,
    a_level,
    a_plan,
    a_province_officer,
    a_school_officer,
)

pytestmark = pytest.mark.django_db
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    unsupported_method,
]


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """The test's transaction lives in its connection, which the server would end with the request."""
    signals = (request_started, request_finished)
    for one in signals:
        one.disconnect(close_old_connections)
    yield
    for one in signals:
        one.connect(close_old_connections)


@pytest.fixture
def plan() -> PilotPlan:
    load_guide(at=NOON)  # whole, as an installation has it: the catalogue is one of the operations
    opened = min(now(), NOON) - timedelta(days=1)  # factories file at noon of a fixed day
    return a_plan(year=now().year, opens_at=opened, closes_at=now() + timedelta(days=9))


@pytest.fixture
def officer(plan: PilotPlan) -> Actor:
    """Of a school with a draft, a filed and an approved application."""
    school = an_actor(Role.SCHOOL, a_school())
    who: dict[str, Any] = {"by": school, "at": now()}
    a_draft(plan, school, level=a_level(1))
    services.move_application(a_draft(plan, school, level=a_level(2)), "submit", **who)
    granted = services.move_application(a_draft(plan, school, level=a_level(3)), "submit", **who)
    services.move_application(granted, "approve", by=a_province_officer(plan), at=now(), approved_count=80)
    return school


HATS: dict[str, Callable[[Actor, PilotPlan], dict[str, str]]] = {
    "school": lambda officer, plan: headers(a_token(officer)[1]),
    "another school": lambda officer, plan: headers(a_token(a_school_officer())[1]),
    "province": lambda officer, plan: headers(a_token(a_province_officer(plan))[1]),
    "evaluation organisation": lambda officer, plan: headers(a_token(an_actor(Role.ORG, an_evaluation_org()))[1]),
    "operator": lambda officer, plan: headers(a_token(an_actor(Role.OPERATOR, an_operator()))[1]),
    "plans only": lambda officer, plan: headers(a_token(officer, ["plans:read"])[1]),
    "nobody": lambda officer, plan: {},
    "a wrong token": lambda officer, plan: headers("onex_aaaaaaaaaaaa_" + "A" * 43),
}

# What each of them met at least: otherwise the test would be green because nothing was reached.
MET = {
    "school": {200, 404, 409, 422},
    "another school": {200, 201, 404, 422},
    "province": {200, 403, 404, 422},
    "evaluation organisation": {200, 403, 404, 422},
    "operator": {200, 403, 404, 422},
    "plans only": {200, 403, 404},
    "nobody": {401},
    "a wrong token": {401},
}


@pytest.mark.parametrize("hat", HATS)
def test_no_operation_gives_an_answer_that_its_document_does_not_know(
    hat: str, officer: Actor, plan: PilotPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        limits, "_add", lambda key, seconds, at: (1, at)
    )  # not what is asked here; see the doors' tests
    sent = HATS[hat](officer, plan)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    real = {
        "plan": [str(plan.pk)],
        "level": [str(a_level(n).pk) for n in (1, 2, 3)],
        "application": [str(row.pk) for row in plan.applications.all()],
    }
    asked: dict[str, set[int]] = {}
    for found in schema.get_all_operations():
        operation = found.ok()
        _try(operation, sent, real, asked.setdefault(operation.label, set()))
    assert len(asked) >= 9
    assert all(statuses for statuses in asked.values())
    assert set().union(*asked.values()) >= MET[hat]


def test_every_write_that_is_done_answers_what_its_document_says(
    officer: Actor, plan: PilotPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is made up at random is mostly refused; here each write succeeds once, and its answer is judged too."""
    monkeypatch.setattr(limits, "_add", lambda key, seconds, at: (1, at))
    schema, sent = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application), HATS["school"](officer, plan)
    said = {"level": str(a_level(1, a_certificate("102")).pk), "requested_count": 40, "teaching_staff": "双师型 9 人。"}
    said["facilities"] = "学生机 150 台。"

    def ask(method: str, path: str, expected: int, **parts: Any) -> Any:
        case = schema[f"/api/v1/pilot-applications{path}"][method].Case(media_type="application/json", **parts)
        response = case.call(headers=sent)
        assert response.status_code == expected, response.text
        case.validate_response(response, checks=CHECKS)
        return response.json()

    made = ask("POST", "", 201, body=said | {"plan": str(plan.pk)})
    own = {"path_parameters": {"pk": made["id"]}}
    assert ask("PUT", "/{pk}", 200, body=said | {"requested_count": 60}, **own)["requested_count"] == 60
    assert ask("POST", "/{pk}/submit", 200, **own)["state"] == "province_review"
    assert ask("POST", "/{pk}/withdraw", 200, **own)["state"] == "withdrawn"


def _try(operation: Any, sent: dict[str, str], real: dict[str, list[str]], statuses: set[int]) -> None:
    good, bad = (operation.as_strategy(generation_mode=mode) for mode in GenerationMode)

    @given(case=st.one_of(good, bad), known=st.booleans(), nth=st.integers(0, 2))
    @settings(
        max_examples=10,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any, known: bool, nth: int) -> None:
        if known:
            _make_real(case, real, nth)
        response = case.call(headers=sent)
        statuses.add(response.status_code)
        case.validate_response(response, checks=CHECKS)

    ask()


def _make_real(case: Any, real: dict[str, list[str]], nth: int) -> None:
    """The keys of rows that are there: random ones meet nothing but 404."""
    path = case.operation.path
    if "{pk}" in path:
        rows = real["plan" if "/pilot-plans/" in path else "application"]
        case.path_parameters["pk"] = rows[nth % len(rows)]
    if isinstance(case.body, dict):
        case.body |= (
            {"plan": real["plan"][0], "level": real["level"][nth]}
            if "plan" in case.body
            else {"level": real["level"][nth]}
        )

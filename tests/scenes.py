"""What browser stories begin with, built by the product's services in an installation: `python -m tests.scenes`."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sys
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onex.config.settings")

import django

django.setup()

from onex.accounts.tests.factories import PASSWORD, a_user  # noqa: E402
from onex.common.clock import now, to_ms  # noqa: E402
from onex.common.ids import uuid7  # noqa: E402
from onex.examroom import services as room  # noqa: E402
from onex.examroom.models import Candidate  # noqa: E402
from onex.sittings import queries  # noqa: E402
from onex.sittings.models import ExamSession  # noqa: E402
from onex.sittings.rules import ticket_number  # noqa: E402
from onex.sittings.tests.factories import a_staffed_session  # noqa: E402


def exam(candidates: int = 1, theory_minutes: int = 60) -> dict[str, Any]:
    """A room of its own with real papers whose theory opens now, everybody admitted; answers tickets and codes.

    The papers are made once in an installation; each call is another session with other people.
    """
    made = ExamSession.objects.first() or a_staffed_session(1)
    package = queries.package_of(made)
    package["session"] |= {"id": str(uuid7()), "starts_at": to_ms(now())}
    package["session"]["rules"] |= {
        "theory_minutes": theory_minutes,
        "latest_entry_minutes": 30,
        "earliest_hand_in_minutes": 0,
    }
    session = package["session"]["id"]
    seats = [
        {"name": f"考生{n}", "ticket_no": ticket_number(2026, n, secrets.randbelow(10**9)), "seat_code": f"{n:06d}"}
        for n in range(1, candidates + 1)
    ]
    package["candidates"] = [
        package["candidates"][0]
        | {"entry": str(uuid7()), "seat_no": n, "name": seat["name"], "ticket_no": seat["ticket_no"]}
        | {"seat_code_hash": _secret(session, seat["seat_code"])}
        for n, seat in enumerate(seats, start=1)
    ]
    staff = [{"name": f"{person['name']}{session[-4:]}", "role": person["role"]} for person in package["staff"]]
    for person, shown in zip(package["staff"], staff, strict=True):
        shown["code"] = f"CODE{session[-4:].upper()}"
        person |= {"name": shown["name"], "secret_hash": _secret(session, shown["code"])}
    room.load_package(package, at=now())
    Candidate.objects.filter(session=session).update(admitted_at=to_ms(now()))
    return {"session": session, "seats": seats, "staff": staff}


def _secret(session: str, code: str) -> str:
    return hashlib.sha256(f"{session}:{code}".encode()).hexdigest()


def person(role: str, organisation: str = "") -> dict[str, Any]:
    """An account in one hat: of the first organisation of its kind, or the one named."""
    from onex.accounts.models import Membership, Organisation
    from onex.accounts.tests import factories

    makers = {"province": factories.a_province, "org": factories.an_evaluation_org, "school": factories.a_school}
    kind = role if role in makers else "org"
    found = Organisation.objects.filter(name=organisation).first() or makers[kind]()
    user = a_user()
    Membership.objects.create(user=user, role=role, organisation_id=found.pk)
    return {"username": user.username, "password": PASSWORD, "organisation": found.name}


def kept(session: str) -> dict[str, Any]:
    """What the room has on disk: current value of every item by ticket and part."""
    from onex.examroom.models import Answer, Attempt

    found: dict[str, Any] = {}
    for attempt in Attempt.objects.filter(candidate__session=session).select_related("candidate"):
        values: dict[str, Any] = {}
        for line in Answer.objects.filter(attempt_id=attempt.pk).order_by("sign_in", "seq"):
            values[line.item] = json.loads(line.body)
        found.setdefault(attempt.candidate.ticket_no, {})[attempt.part] = {
            "values": values,
            "handed_in": attempt.handed_in_at is not None,
        }
    return found


SCENES = {"exam": exam, "person": person, "kept": kept}

if __name__ == "__main__":
    print(json.dumps(SCENES[sys.argv[1]](**json.loads(sys.argv[2]))))

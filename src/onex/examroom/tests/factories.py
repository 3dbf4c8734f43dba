"""Packages and people of a room, as `sittings` would send them; the codes are known to the tests only."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from onex.common.clock import now, to_ms
from onex.common.ids import uuid7
from onex.examroom import queries, services
from onex.examroom.models import Candidate, RoomSession
from onex.examroom.permits import RoomActor

RULES: dict[str, Any] = {
    "theory_minutes": 60,
    "practical_minutes": 150,
    "check_in_opens_minutes": 30,
    "latest_entry_minutes": 15,
    "earliest_hand_in_minutes": 0,
    "grace_seconds": 10,
    "absent_theory_bars_practical": True,
}
CHIEF, CHIEF_CODE = "周敏", "chief-4711"
INVIGILATOR, INVIGILATOR_CODE = "李建国", "room-0815"


def seat_code(number: int) -> str:
    return f"{100_000 + number * 37 % 900_000}"


def theory_form() -> dict[str, Any]:
    single = [
        {
            "id": f"s{n}",
            "kind": "single",
            "stem": f"直播间主光通常放在主播的哪一侧？（{n}）",
            "points": 1,
            "options": [{"id": letter, "text": text} for letter, text in zip("ABCD", "前后左右", strict=True)],
        }
        for n in range(1, 31)
    ]
    return {
        "id": "form-t",
        "part": "theory",
        "title": "直播电商初级理论卷",
        "sections": [{"id": "single", "title": "单选题", "points_each": 1, "items": single}],
    }


def practical_form() -> dict[str, Any]:
    item = {
        "id": "p1",
        "kind": "text",
        "title": "开场话术",
        "brief": "为一款保温杯写一段直播开场话术。",
        "points": 100,
        "min_chars": 10,
        "max_chars": 500,
        "criteria": [{"title": "卖点清楚", "points": 100}],
    }
    return {
        "id": "form-p",
        "part": "practical",
        "title": "直播电商初级实训卷",
        "sections": [{"id": "1", "title": "直播执行", "weight": 100, "items": [item]}],
    }


def a_package(
    *, candidates: int = 4, rooms: int = 1, starts_at: int | None = None, rules: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A session that starts now (or at `starts_at`), its candidates dealt to the rooms in turn."""
    session = str(uuid7())

    def secret(code: str) -> str:
        return sha256(f"{session}:{code}".encode()).hexdigest()

    names = [f"room-{n}" for n in range(1, rooms + 1)]
    serial = int(session.replace("-", "")[-8:], 16)
    return {
        "version": 1,
        "session": {
            "id": session,
            "title": "第三次统考 直播电商初级 上午场",
            "certificate": "直播电商",
            "level": "初级",
            "site": "昌平职业学校考核站点",
            "starts_at": to_ms(now()) if starts_at is None else starts_at,
            "rules": RULES | dict(rules or {}),
        },
        "rooms": [{"id": name, "name": f"第{n}机房"} for n, name in enumerate(names, 1)],
        "staff": [
            {"ref": "st-chief", "name": CHIEF, "role": "chief", "room": None, "secret_hash": secret(CHIEF_CODE)},
            *(
                {
                    "ref": f"st-{n}",
                    "name": INVIGILATOR if n == 1 else f"{INVIGILATOR}{n}",
                    "role": "invigilator",
                    "room": name,
                    "secret_hash": secret(INVIGILATOR_CODE),
                }
                for n, name in enumerate(names, 1)
            ),
        ],
        "forms": [theory_form(), practical_form()],
        "candidates": [
            {
                "entry": str(uuid7()),
                "ticket_no": f"{serial:010d}{n:04d}",
                "name": f"考生{n}",
                "masked_id": "320***********1234",
                "photo_hash": "",
                "time_factor": 1.0,
                "room": names[n % rooms],
                "seat_no": n + 1,
                "seat_code_hash": secret(seat_code(n)),
                "forms": {"theory": "form-t", "practical": "form-p"},
            }
            for n in range(candidates)
        ],
    }


def a_session(package: Mapping[str, Any] | None = None, **wishes: Any) -> RoomSession:
    return services.load_package(package or a_package(**wishes), at=now())


def another(package: Mapping[str, Any]) -> dict[str, Any]:
    """The same session, another title: a package with another hash."""
    changed = copy.deepcopy(dict(package))
    changed["session"]["title"] += "（改）"
    return changed


def the_chief(session: RoomSession) -> RoomActor:
    return _person(session, "st-chief")


def the_invigilator(session: RoomSession, room: int = 1) -> RoomActor:
    return _person(session, f"st-{room}")


def _person(session: RoomSession, ref: str) -> RoomActor:
    found = queries.staff_member(session.staff.get(ref=ref).pk)
    assert found is not None
    return found


def candidate_of(session: RoomSession, number: int) -> Candidate:
    return session.candidates.get(seat_no=str(number + 1))

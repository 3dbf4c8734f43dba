"""Fills a fresh room for the benchmark and writes the generator's work file. Runs under the installation's settings:
`python -m load.seed --attempts 6000 --kept 40 --work FILE`.

The package goes in through `services.load_package`, as on an exam day. Sign-in, admission and start are set by two bulk
updates instead of three requests a candidate: 6,000 candidates would take a minute for what is not measured here. For
the same reason the lines that every attempt has already (an exam in its middle, not an empty table) are copied in.
"""

from __future__ import annotations

import argparse
import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

SESSION = "0190a000-0000-7000-8000-00000000be9c"
MINUTE = 60_000
STEMS = (
    "主播在开播前核对商品卡片时，最先应确认的一项是",
    "直播间在线人数突然下降时，场控首先应查看的数据是",
    "观众在评论区连续询问尺码，助播较合适的处理是",
)


def sections() -> list[dict[str, Any]]:
    """The public part of a theory paper of the usual size: 30 single, 30 multiple, 5 scenario."""

    def item(kind: str, number: int) -> dict[str, Any]:
        options = [{"id": letter, "text": f"第 {number} 题的做法 {letter}"} for letter in "ABCD"]
        stem = f"{number}. {STEMS[number % len(STEMS)]}（  ）。"
        return {"id": f"{kind[:2]}{number:02}", "kind": kind, "stem": stem, "points": 1, "options": options}

    plan = (("single", "单选题", 30), ("multiple", "多选题", 30), ("scenario", "情境题", 5))
    return [
        {"id": kind, "title": title, "points_each": 1, "items": [item(kind, n + 1) for n in range(count)]}
        for kind, title, count in plan
    ]


def answers() -> list[tuple[str, str]]:
    """(item, body) of answers that candidates give, body being the JSON text."""
    bodies = {"multiple": ('["A","C"]', '["B","C","D"]', '["A","D"]'), "single": ('"A"', '"B"', '"D"', "null")}
    return [
        (item["id"], body)
        for section in sections()
        for item in section["items"]
        for body in bodies.get(item["kind"], bodies["single"])
    ]


def package(count: int, starts_at: int) -> dict[str, Any]:
    """docs/exam-room.md, version 1: `count` candidates, forty in a room, theory only."""
    rooms = [{"id": f"R{n}", "name": f"第 {n + 1} 考场"} for n in range((count + 39) // 40)]
    return {
        "version": 1,
        "session": {
            "id": SESSION,
            "title": "压力测试",
            "certificate": "直播电商",
            "level": "初级",
            "site": "本机",
            "starts_at": starts_at,
            "rules": {
                "theory_minutes": 600,
                "practical_minutes": 150,
                "check_in_opens_minutes": 60,
                "latest_entry_minutes": 600,
                "earliest_hand_in_minutes": 0,
                "grace_seconds": 10,
                "absent_theory_bars_practical": True,
            },
        },
        "rooms": rooms,
        "staff": [],
        "forms": [{"id": "T", "part": "theory", "title": "理论", "sections": sections()}],
        "candidates": [
            {
                "entry": f"bench-{n}",
                "ticket_no": f"{n:010}",
                "name": f"考生{n}",
                "masked_id": "1101**********0000",
                "photo_hash": "",
                "time_factor": 1.0,
                "room": f"R{n // 40}",
                "seat_no": str(n % 40 + 1),
                "seat_code_hash": sha256(f"{SESSION}:000000".encode()).hexdigest(),
                "forms": {"theory": "T"},
            }
            for n in range(count)
        ],
    }


def fill(count: int, kept: int, work: Path) -> None:
    """The room, and the work file with two kinds of lines, their fields parted by tabs: `answer item body` and
    `attempt id sign-in last-seq last-hash token`."""
    from django.conf import settings

    from onex.examroom import services
    from onex.examroom.gate import tokens
    from onex.examroom.models import Attempt, Candidate

    at = datetime.now(UTC)
    now = int(at.timestamp() * 1000)
    ends = now + 600 * MINUTE
    services.load_package(package(count, now - MINUTE), at=at)
    Candidate.objects.update(sign_in=1, signed_in_at=now, admitted_at=now, machine="bench")
    Attempt.objects.update(sign_in=1, opened_at=now, closes_at=ends, hand_in_from=now)
    attempts = list(Attempt.objects.order_by("pk").values_list("pk", "candidate_id", "form_id"))
    # Who sits next to whom in the table is not who saves next to whom.
    Random(1).shuffle(attempts)
    given = answers()
    heads: dict[uuid.UUID, str] = {}
    _copy(_kept_lines([attempt for attempt, _, _ in attempts], kept, given, now, heads))
    with work.open("w", encoding="utf-8") as file:
        for item, body in given:
            print("answer", item, body, sep="\t", file=file)
        for attempt, candidate, form in attempts:
            seat = tokens.Seat(candidate, 1, {str(attempt): str(form)}, {"theory": str(attempt)}, ends)
            token = tokens.make(tokens.SEAT, seat, settings.SEAT_KEYS.by_id)
            print("attempt", attempt, 1, kept, heads[attempt], token, sep="\t", file=file)


def _kept_lines(
    attempts: list[uuid.UUID], kept: int, given: list[tuple[str, str]], at: int, heads: dict[uuid.UUID, str]
) -> Iterator[tuple[Any, ...]]:
    from onex.examroom.gate.lines import FIRST, line_hash

    random, lane = Random(2), uuid.uuid4()
    for attempt in attempts:
        head = FIRST
        for seq in range(1, kept + 1):
            item, body = random.choice(given)
            prev, head = head, line_hash(head, str(attempt), 1, seq, item, body)
            yield attempt, 1, seq, item, body, bytes.fromhex(prev), bytes.fromhex(head), at, lane, 0
        heads[attempt] = head


def _copy(rows: Iterator[tuple[Any, ...]]) -> None:
    from django.db import connections, transaction

    room = connections["room"]
    columns = "attempt_id, sign_in, seq, item, body, prev, hash, at, lane, batch"
    with transaction.atomic(using="room"), room.cursor() as cursor:
        if room.vendor == "postgresql":
            with cursor.copy(f"copy examroom_answer ({columns}) from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * 10)
            plain = ([cell.hex if isinstance(cell, uuid.UUID) else cell for cell in row] for row in rows)
            cursor.executemany(f"insert into examroom_answer ({columns}) values ({marks})", plain)  # noqa: S608
    with room.cursor() as cursor:
        cursor.execute("analyze")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onex.config.settings")
    import django

    django.setup()
    parser = argparse.ArgumentParser(prog="python -m load.seed")
    parser.add_argument("--attempts", type=int, required=True)
    parser.add_argument("--kept", type=int, required=True)
    parser.add_argument("--work", type=Path, required=True)
    arguments = parser.parse_args()
    fill(arguments.attempts, arguments.kept, arguments.work)


if __name__ == "__main__":
    main()

"""The gate of this installation: the room's database, the seat keys, the exam shell."""

from __future__ import annotations

from django.conf import settings

from onex.examroom.gate.endpoint import make_gate
from onex.examroom.gate.settings import GateSettings

gate = make_gate(
    GateSettings.of(
        settings.DATABASES["room"],
        settings.SEAT_KEYS.by_id,
        settings.EXAM_SHELL,
        proxies=settings.TRUSTED_PROXIES,
    )
)

"""What is sent after the commit. The sweep does the same for what a dead queue or a dead server left."""

from __future__ import annotations

from uuid import UUID

from onex.common.clock import now
from onex.common.jobs import task
from onex.notices import services


@task()
def deliver(sending: str) -> None:
    services.deliver(at=now(), sending=UUID(sending))

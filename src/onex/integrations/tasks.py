"""What runs later: one delivery."""

from __future__ import annotations

from onex.common.clock import now
from onex.common.jobs import task
from onex.integrations import services


@task()
def send_delivery(delivery_id: str) -> None:
    services.deliver(delivery_id, at=now())

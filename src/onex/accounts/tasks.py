"""What is sent after the page has answered. A task for nobody does nothing: whether an account exists shows nowhere."""

from __future__ import annotations

from onex.accounts import queries, services
from onex.common.clock import now
from onex.common.jobs import task
from onex.common.sealed import unseal

PHONE = "accounts.job.phone"  # what a phone in the queue is sealed for


@task()
def send_sign_in_code(user_id: str) -> None:
    user = queries.user_by_id(user_id)
    if user is not None:
        services.send_sign_in_code(user, at=now())


@task()
def send_reset(user_id: str) -> None:
    user = queries.user_by_id(user_id)
    if user is not None:
        services.send_reset(user, at=now())


@task()
def send_phone_code(phone: str) -> None:
    services.send_phone_code(unseal(bytes.fromhex(phone), PHONE), at=now())

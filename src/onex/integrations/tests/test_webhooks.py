"""Events on their way: signed, tried again, given up, and never sent inside."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from onex.accounts.tests.factories import NOON, a_school, an_actor
from onex.common import tx
from onex.common.actors import Actor, Role
from onex.common.models import Trace
from onex.common.text import Refused
from onex.integrations import queries, services
from onex.integrations.models import WebhookDelivery, WebhookEndpoint
from onex.integrations.services import EndpointInput
from onex.integrations.services.wire import post
from onex.integrations.tests.factories import SUBMITTED, Receiver, a_receiver, an_endpoint, public

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _queue(settings: Any) -> None:
    """The queue of an installation, which nobody works off here: tests send by hand, when they mean to."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOKS_TO_LOOPBACK = True
    with a_receiver() as found:
        yield found


@pytest.fixture
def officer() -> Actor:
    return an_actor(Role.SCHOOL, a_school())


def told(officer: Actor, at: datetime = NOON, event: str = SUBMITTED) -> int:
    with tx.write():
        return services.announce(event, {"n": 1}, organisations=[officer.organisation_id], at=at)


def the_delivery() -> WebhookDelivery:
    return WebhookDelivery.objects.get()


def test_an_event_arrives_once_signed_so_that_the_receiver_can_check_it(officer: Actor, receiver: Receiver) -> None:
    _, secret = an_endpoint(officer, url=receiver.url)
    assert told(officer) == 1
    delivery = the_delivery()
    assert services.deliver(str(delivery.pk), at=NOON)
    assert not services.deliver(str(delivery.pk), at=NOON + DAY)  # twice is once
    (got,) = receiver.received
    assert got.path == "/hook?of=onex"
    assert got.told == {"id": str(delivery.event_id), "type": SUBMITTED, "at": NOON.isoformat(), "data": {"n": 1}}
    assert got.headers["X-OneX-Id"] == str(delivery.event_id)
    assert got.headers["X-OneX-Event"] == SUBMITTED
    parts = dict(part.split("=", 1) for part in got.headers["X-OneX-Signature"].split(","))
    assert parts["t"] == str(int(NOON.timestamp()))
    expected = hmac.new(secret.encode(), f"{parts['t']}.".encode() + got.body, hashlib.sha256).hexdigest()
    assert parts["v1"] == expected
    delivery.refresh_from_db()
    assert (delivery.tries, delivery.last_status, delivery.next_try_at) == (1, 200, None)
    assert delivery.delivered_at == NOON


def test_what_fails_is_tried_again_by_the_sweep_with_the_same_id(officer: Actor, receiver: Receiver) -> None:
    receiver.answers = [(500, {}, "坏了 13812345678 password=abc".encode()), (200, {}, b"ok")]
    endpoint, _ = an_endpoint(officer, url=receiver.url)
    told(officer)
    assert services.sweep_deliveries(at=NOON).done == 1
    delivery = the_delivery()
    assert (delivery.tries, delivery.last_status, delivery.next_try_at) == (1, 500, NOON + MINUTE)
    assert "13812345678" not in delivery.excerpt
    assert "abc" not in delivery.excerpt
    endpoint.refresh_from_db()
    assert endpoint.failure_count == 1
    services.sweep_deliveries(at=NOON + MINUTE / 2)
    assert len(receiver.received) == 1  # not yet
    services.sweep_deliveries(at=NOON + MINUTE)
    first, second = receiver.received
    assert first.body == second.body
    endpoint.refresh_from_db()
    assert (endpoint.failure_count, endpoint.delivered_at) == (0, NOON + MINUTE)


def test_a_receiver_that_stays_away_is_given_up_after_ten_tries_and_can_be_sent_again(
    officer: Actor, receiver: Receiver
) -> None:
    receiver.answers = [(503, {}, b"x" * 50_000)]
    an_endpoint(officer, url=receiver.url)
    told(officer)
    at = NOON
    while (delivery := the_delivery()).next_try_at is not None:
        at = max(at, delivery.next_try_at)
        services.sweep_deliveries(at=at)
    assert (delivery.tries, len(receiver.received)) == (10, 10)
    assert delivery.stopped_at == at < NOON + 2 * DAY
    assert len(delivery.excerpt) == 200
    receiver.answers = [(204, {}, b"")]
    with pytest.raises(Refused, match="等半分钟"):
        services.resend(delivery, by=officer, at=at + MINUTE / 4)
    services.resend(delivery, by=officer, at=at + MINUTE)
    services.sweep_deliveries(at=at + MINUTE)
    delivery.refresh_from_db()
    assert (delivery.delivered_at, delivery.stopped_at) == (at + MINUTE, None)
    assert receiver.received[-1].headers["X-OneX-Id"] == receiver.received[0].headers["X-OneX-Id"]


def test_a_redirect_is_never_followed(officer: Actor, receiver: Receiver) -> None:
    with a_receiver() as other:
        receiver.answers = [(302, {"Location": other.url}, b"")]
        an_endpoint(officer, url=receiver.url)
        told(officer)
        services.sweep_deliveries(at=NOON)
        assert other.received == []
    assert the_delivery().last_status == 302
    assert the_delivery().delivered_at is None


def test_what_is_rolled_back_is_told_to_nobody(officer: Actor) -> None:
    an_endpoint(officer)

    def undone() -> None:
        with tx.write():
            services.announce(SUBMITTED, {}, organisations=[officer.organisation_id], at=NOON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        undone()
    assert not WebhookDelivery.objects.exists()


def test_only_who_asked_for_the_event_is_told(officer: Actor) -> None:
    stranger = an_actor(Role.SCHOOL, a_school())
    an_endpoint(officer)
    an_endpoint(stranger)
    an_endpoint(officer, events=["pilots.plan.published"])
    paused, _ = an_endpoint(officer)
    services.set_paused(paused, True, by=officer, at=NOON)
    assert told(officer) == 1


def test_a_paused_receiver_is_sent_nothing_until_it_is_resumed(officer: Actor, receiver: Receiver) -> None:
    endpoint, _ = an_endpoint(officer, url=receiver.url)
    told(officer)
    services.set_paused(endpoint, True, by=officer, at=NOON)
    services.sweep_deliveries(at=NOON)
    assert not services.deliver(str(the_delivery().pk), at=NOON)
    assert receiver.received == []
    endpoint.refresh_from_db()
    with pytest.raises(Refused, match="已暂停"):
        services.ping(endpoint, by=officer, at=NOON)
    services.set_paused(endpoint, False, by=officer, at=NOON)
    services.sweep_deliveries(at=NOON)
    assert len(receiver.received) == 1


def test_while_a_secret_is_changed_both_sign(officer: Actor, receiver: Receiver) -> None:
    endpoint, old = an_endpoint(officer, url=receiver.url)
    new = services.rotate_secret(endpoint, by=officer, at=NOON)
    endpoint.refresh_from_db()
    for at, secrets in ((NOON, [new, old]), (NOON + DAY, [new])):
        services.ping(endpoint, by=officer, at=at)
        services.sweep_deliveries(at=at)
        got = receiver.received[-1]
        signed = f"{int(at.timestamp())}.".encode() + got.body
        marks = [hmac.new(one.encode(), signed, hashlib.sha256).hexdigest() for one in secrets]
        assert got.headers["X-OneX-Signature"].split(",")[1:] == [f"v1={mark}" for mark in marks]


def test_a_secret_is_sealed_at_rest_and_in_no_trace(officer: Actor) -> None:
    _, secret = an_endpoint(officer)
    with connection.cursor() as cursor:
        cursor.execute("select secret from integrations_webhookendpoint")
        (stored,) = cursor.fetchone()
    assert secret.encode() not in bytes(stored)
    assert secret not in str(list(Trace.objects.values()))


# --- where nothing is sent


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "::ffff:10.0.0.7", "100.64.0.1", "fd00:ec2::254"],
)
def test_abuse_a_name_that_leads_inside_is_refused_when_it_is_saved(officer: Actor, address: str) -> None:
    values = EndpointInput("系统", "https://hooks.school.example/", [SUBMITTED])
    school = queries.hat_of(officer).organisation
    with pytest.raises(Refused, match="指向内部网络"):
        services.create_endpoint(
            school, values, by=officer, at=NOON, resolve=lambda host, port: ["93.184.216.34", address]
        )
    with pytest.raises(Refused, match="查不到地址"):
        services.create_endpoint(school, values, by=officer, at=NOON, resolve=lambda host, port: [])
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize("url", ["https://2130706433/", "https://0x7f.1/", "https://[::1]/", "http://127.0.0.1/"])
def test_abuse_addresses_in_numbers_are_refused_by_their_text(officer: Actor, url: str) -> None:
    asked: list[str] = []
    values = EndpointInput("系统", url, [SUBMITTED])

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34"]

    with pytest.raises(Refused):
        services.create_endpoint(queries.hat_of(officer).organisation, values, by=officer, at=NOON, resolve=resolve)
    assert asked == []


def test_abuse_a_name_that_leads_inside_later_is_refused_when_it_is_sent(officer: Actor) -> None:
    """DNS rebinding: public when it was saved, our own metadata when it is sent."""
    an_endpoint(officer)
    told(officer)
    delivery = the_delivery()
    assert not services.deliver(str(delivery.pk), at=NOON, resolve=lambda host, port: ["169.254.169.254"])
    delivery.refresh_from_db()
    assert "指向内部网络" in delivery.excerpt
    assert delivery.last_status is None


def test_abuse_the_connection_goes_to_the_address_that_was_judged(receiver: Receiver) -> None:
    """The name is asked once: whatever it answers a moment later, nobody connects there."""
    answers = [["127.0.0.1"], ["169.254.169.254"]]
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    answer = post(f"http://localhost:{receiver.port}/hook", b"{}", {}, resolve)
    assert answer.status == 200
    assert asked == ["localhost"]
    assert receiver.received[0].headers["Host"] == f"localhost:{receiver.port}"


def test_what_cannot_be_sent_says_why_and_raises_nothing(receiver: Receiver) -> None:
    with a_receiver() as gone:
        pass
    answer = post(gone.url, b"{}", {})
    assert (answer.status, "拒绝连接" in answer.text) == (None, True)
    # A certificate that is nobody's, or no TLS at all.
    secure = receiver.url.replace("http://", "https://")
    assert post(secure, b"{}", {}).status is None


def test_one_receiver_that_hangs_leaves_others_their_turn(officer: Actor) -> None:
    other = an_actor(Role.SCHOOL, a_school())
    an_endpoint(officer)
    an_endpoint(other)
    for n in range(8):
        told(officer, NOON + n * MINUTE / 60)
    told(other, NOON + MINUTE)
    due = queries.deliveries_due(NOON + DAY)
    counts = [one.endpoint_id for one in due]
    assert (len(due), len(set(counts))) == (6, 2)


def test_deliveries_are_forgotten_after_thirty_days(officer: Actor) -> None:
    an_endpoint(officer)
    told(officer)
    made = the_delivery().created_at
    assert services.drop_deliveries(made + 30 * DAY) == 0
    assert services.drop_deliveries(made + 30 * DAY + MINUTE) == 1


def test_nobody_touches_another_organisations_receiver(officer: Actor) -> None:
    endpoint, _ = an_endpoint(officer)
    stranger = an_actor(Role.SCHOOL, a_school())
    for act in (
        lambda: services.rotate_secret(endpoint, by=stranger, at=NOON),
        lambda: services.set_paused(endpoint, True, by=stranger, at=NOON),
        lambda: services.ping(endpoint, by=stranger, at=NOON),
        lambda: services.remove_endpoint(endpoint, by=stranger, at=NOON),
        lambda: services.update_endpoint(
            endpoint, EndpointInput("x", endpoint.url, [SUBMITTED]), by=stranger, at=NOON, resolve=public
        ),
    ):
        with pytest.raises(Refused, match="无权办理"):
            act()
    assert endpoint not in queries.endpoints_seen_by(stranger)


def test_an_organisation_has_at_most_ten_receivers(officer: Actor) -> None:
    for _ in range(10):
        an_endpoint(officer)
    with pytest.raises(Refused, match="最多有 10 个接收地址"):
        an_endpoint(officer)

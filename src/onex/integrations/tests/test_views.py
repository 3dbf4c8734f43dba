"""The pages of tokens, receivers and deliveries, and the reference."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from onex.accounts.tests.factories import a_province, a_school, an_actor, an_operator, signed_in_as
from onex.common.actors import Actor, Role
from onex.common.clock import now
from onex.config.api import api
from onex.integrations import queries, services
from onex.integrations.models import ApiToken, WebhookDelivery, WebhookEndpoint
from onex.integrations.tests.factories import SUBMITTED, Receiver, a_receiver, a_token, an_endpoint, headers

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Actor:
    return an_actor(Role.SCHOOL, a_school())


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOKS_TO_LOOPBACK = True
    with a_receiver() as found:
        yield found


@pytest.fixture
def browser(client: Client, officer: Actor) -> Client:
    found: Client = signed_in_as(client, officer)
    return found


def text_of(answer: Any) -> str:
    return unescape(answer.content.decode())


def test_a_token_is_issued_shown_once_used_and_revoked(browser: Client, officer: Actor) -> None:
    assert "还没有令牌" in text_of(browser.get("/integrations/tokens/"))
    form = text_of(browser.get("/integrations/tokens/new/"))
    assert "填报、提交和撤回证书试点申报" in form
    assert officer.organisation_name in form
    sent = {"name": "教务系统", "scopes": ["plans:read"], "days": "90", "networks": ""}
    shown = browser.post("/integrations/tokens/new/", sent)
    assert "no-store" in shown["Cache-Control"]
    text = re.search(r"onex_[a-z2-7]{12}_[\w-]{43}", text_of(shown))[0]
    assert Client().get("/api/v1/token", headers=headers(text)).status_code == 200
    page = text_of(browser.get("/integrations/tokens/"))
    assert "教务系统" in page
    assert "读取证书申报计划" in page
    assert text not in page
    token = ApiToken.objects.get()
    assert browser.post(f"/integrations/tokens/{token.pk}/revoke/").status_code == 302
    assert Client().get("/api/v1/token", headers=headers(text)).status_code == 401
    assert browser.post(f"/integrations/tokens/{token.pk}/revoke/").status_code == 409  # a stale screen
    assert "没有符合条件" in text_of(browser.get("/integrations/tokens/?state=good"))


@pytest.mark.parametrize(
    ("sent", "status", "sentence"),
    [
        ({}, 422, "请至少选择一项权限"),
        ({"scopes": ["everything"]}, 422, "everything"),
        ({"scopes": ["plans:read"], "networks": "校园网"}, 422, "不是网段"),
        ({"scopes": ["plans:read"], "days": "3650"}, 422, "3650"),
    ],
)
def test_a_wrong_token_form_keeps_what_was_typed(
    browser: Client, sent: dict[str, Any], status: int, sentence: str
) -> None:
    answer = browser.post("/integrations/tokens/new/", {"name": "教务系统", "days": "90"} | sent)
    assert answer.status_code == status
    assert sentence in text_of(answer)
    assert 'value="教务系统"' in text_of(answer)
    assert not ApiToken.objects.exists()


def test_a_hat_is_offered_only_what_it_may_do(client: Client) -> None:
    page = text_of(signed_in_as(client, an_actor(Role.PROVINCE, a_province())).get("/integrations/tokens/new/"))
    assert "plans:read" in page
    assert "applications:write" not in page


def test_who_may_not_issue_sees_or_stops_as_the_matrix_says(client: Client, officer: Actor) -> None:
    token, _ = a_token(officer)
    auditor = signed_in_as(client, an_actor(Role.AUDITOR, an_operator()))
    page = text_of(auditor.get("/integrations/tokens/"))
    assert f"onex_{token.key}" in page
    assert "/revoke/" not in page
    assert auditor.get("/integrations/tokens/new/").status_code == 403
    assert auditor.post(f"/integrations/tokens/{token.pk}/revoke/").status_code == 403
    teacher = signed_in_as(client, an_actor(Role.TEACHER, a_school()))
    assert teacher.get("/integrations/tokens/").status_code == 403
    stranger = signed_in_as(client, an_actor(Role.SCHOOL, a_school()))
    assert stranger.post(f"/integrations/tokens/{token.pk}/revoke/").status_code == 404
    guard = signed_in_as(client, an_actor(Role.SECURITY_ADMIN, an_operator()))
    assert guard.post(f"/integrations/tokens/{token.pk}/revoke/").status_code == 302


def test_a_receiver_is_made_tried_paused_and_removed(browser: Client, receiver: Receiver) -> None:
    wrong = browser.post(
        "/integrations/webhooks/new/", {"name": "教务", "url": "https://10.0.0.1/", "events": SUBMITTED}
    )
    assert wrong.status_code == 422
    assert "请填写域名" in text_of(wrong)
    assert 'value="https://10.0.0.1/"' in text_of(wrong)
    made = browser.post("/integrations/webhooks/new/", {"name": "教务", "url": receiver.url, "events": SUBMITTED})
    secret = re.search(r"onexwh_[\w-]{43}", text_of(made))[0]
    row = WebhookEndpoint.objects.get()
    here = f"/integrations/webhooks/{row.pk}/"
    assert secret not in text_of(browser.get(here))
    assert browser.post(f"{here}ping/").status_code == 302
    assert receiver.received[0].told["type"] == "ping"
    page = text_of(browser.get(here))
    assert "已送达" in page
    assert "重新推送" in page
    assert browser.post(f"{here}pause/").status_code == 302
    assert "已暂停" in text_of(browser.get(here))
    assert browser.post(f"{here}ping/").status_code == 409
    browser.post(f"{here}pause/", {"resume": "1"})
    rotated = re.search(r"onexwh_[\w-]{43}", text_of(browser.post(f"{here}rotate/")))[0]
    assert rotated != secret
    edited = {"name": "教务二", "url": receiver.url, "events": ["pilots.plan.published"]}
    assert browser.post(f"{here}edit/", edited).status_code == 302
    assert "教务二" in text_of(browser.get("/integrations/webhooks/"))
    delivery = WebhookDelivery.objects.get()
    assert browser.post(f"/integrations/deliveries/{delivery.pk}/resend/").status_code == 409  # just now
    WebhookDelivery.objects.update(tried_at=now() - timedelta(minutes=1))
    assert browser.post(f"/integrations/deliveries/{delivery.pk}/resend/").status_code == 302
    assert len(receiver.received) == 2
    assert browser.post(f"{here}remove/").status_code == 302
    assert not WebhookEndpoint.objects.exists()


def test_an_address_that_leads_nowhere_is_said_beside_its_field(browser: Client) -> None:
    form = {"name": "教务", "url": "https://nowhere.invalid/onex", "events": ["pilots.plan.published"]}
    answer = browser.post("/integrations/webhooks/new/", form)
    assert answer.status_code == 422
    assert 'id="field-url-error"' in text_of(answer)
    assert "查不到地址" in text_of(answer)


def test_a_receiver_that_fails_says_so_with_what_to_do(browser: Client, officer: Actor, receiver: Receiver) -> None:
    receiver.answers = [(500, {}, "<b>系统维护</b>".encode())]
    row, _ = an_endpoint(officer, url=receiver.url)
    services.ping(row, by=officer, at=now())
    answer = browser.get(f"/integrations/webhooks/{row.pk}/")
    assert "最近连续 1 次没有送达" in text_of(answer)
    assert "&lt;b&gt;系统维护" in answer.content.decode()
    assert "发送失败" in text_of(browser.get("/integrations/webhooks/"))
    assert "重试中" in text_of(browser.get(f"/integrations/webhooks/{row.pk}/?state=retrying"))


def test_another_organisations_receiver_is_not_there(browser: Client) -> None:
    row, _ = an_endpoint(an_actor(Role.SCHOOL, a_school()))
    for name in ("", "edit/"):
        assert browser.get(f"/integrations/webhooks/{row.pk}/{name}").status_code == 404
    for name in ("ping/", "pause/", "rotate/", "remove/"):
        assert browser.post(f"/integrations/webhooks/{row.pk}/{name}").status_code == 404
    delivery = WebhookDelivery.objects.create(endpoint=row, event_id=uuid4(), event=SUBMITTED, at=now())
    assert browser.post(f"/integrations/deliveries/{delivery.pk}/resend/").status_code == 404
    assert row.name not in text_of(browser.get("/integrations/webhooks/"))


def test_lists_cost_as_many_queries_with_three_rows_as_with_thirty(
    browser: Client, officer: Actor, django_assert_max_num_queries: Any, settings: Any
) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    row, _ = an_endpoint(officer)
    asked: dict[str, list[int]] = {}
    for count in (3, 27):
        for n in range(count):
            ApiToken.objects.create(
                hat=queries.hat_of(officer), name=f"系统{n}", key=f"{count:06d}{n:06d}",
                digest="x", scopes=["plans:read"], expires_at=now() + timedelta(days=1),
            )  # fmt: skip
            services.ping(row, by=officer, at=now())
        for url in ("/integrations/tokens/", f"/integrations/webhooks/{row.pk}/", "/integrations/webhooks/"):
            with django_assert_max_num_queries(20) as found:
                assert browser.get(url).status_code == 200
            asked.setdefault(url, []).append(len(found))
    assert all(few == many for few, many in asked.values()), asked


def test_the_reference_names_every_operation_scope_event_and_field_in_both_languages() -> None:
    document = api.get_openapi_schema()
    for language, words in (("zh-hans", "在开放的计划下新建申报草稿"), ("en", "File a draft under an open plan")):
        with override(language):
            page = text_of(Client().get(reverse("integrations:reference"), headers={"Accept-Language": language}))
        assert words in page
        assert "applications:write" in page
        assert "pilots.application.approved" in page
        for path, methods in document["paths"].items():
            assert path in page
            for one in methods.values():
                assert f'id="{one["operationId"]}"' in page
        for name in re.findall(r'href="#schema-(\w+)"', page):
            assert f'id="schema-{name}"' in page
    chinese = [one for methods in document["paths"].values() for one in methods.values() if "security" in one]
    assert all(one["x-summary-zh"] for one in chinese)
    signed = signed_in_as(Client(), an_actor(Role.SCHOOL, a_school())).get(reverse("integrations:reference"))
    assert signed.status_code == 200

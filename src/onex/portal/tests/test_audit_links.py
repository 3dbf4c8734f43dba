"""From a trace to what it is about: a way is shown where this hat may go, and nowhere else."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from onex.accounts.tests.factories import NOON, an_actor, an_operator, signed_in_as
from onex.common.actors import Role
from onex.common.models import Trace
from onex.portal.queries.desk.changes import SUBJECTS
from onex.results.tests.factories import a_released

pytestmark = pytest.mark.django_db(databases=["default", "room"])


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onex.accounts.middleware.now", lambda: NOON)


def test_every_way_from_a_trace_to_its_row_is_open(client: Client) -> None:
    a_released()
    signed_in_as(client, an_actor(Role.AUDITOR, an_operator()))
    shown = set()
    for kind in SUBJECTS:
        label = kind.model._meta.label_lower
        if trace := Trace.objects.filter(subject_type=label).last():
            page = client.get(reverse("portal:audit-detail", args=[trace.pk])).content.decode()
            if way := re.search(r'<a href="([^"]+)">打开这个对象', page):
                assert client.get(way.group(1)).status_code == 200
                shown.add(label)
    assert "sittings.examsession" in shown
    assert Trace.objects.filter(subject_type="results.resultrelease").exists()
    assert "results.resultrelease" not in shown  # the organisation's own page

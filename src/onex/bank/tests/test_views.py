"""The author's pages, by plain forms: import, assemble, freeze; other organisations get 404, other roles 403."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from onex.accounts.models import Membership, User
from onex.bank.models import Item, Paper
from onex.bank.tests.factories import DATA, a_level, an_org
from onex.common.actors import Role

pytestmark = pytest.mark.django_db


def a_client(role: Role = Role.AUTHOR, code: str = "134871207") -> Client:
    user = User.objects.create(username=f"{role}-{code}", name="钱命题")
    Membership.objects.create(user=user, role=role, organisation=an_org(code))
    client = Client()
    client.force_login(user)
    return client


def upload(client: Client, name: str, raw: bytes | None = None):
    raw = (DATA / name).read_bytes() if raw is None else raw
    body = {"level": str(a_level().pk), "file": SimpleUploadedFile(name, raw)}
    return client.post(reverse("bank:item-import"), body)


def test_an_author_imports_assembles_and_freezes_by_plain_forms() -> None:
    client = a_client()
    for name in ("theory-single.yaml", "theory-multiple.yaml", "theory-scenario.yaml"):
        assert upload(client, name).status_code == 302
    assert upload(client, "practical-a.yaml").status_code == 302
    body = {"level": str(a_level().pk), "count": "2", "seed": "5", "apart": "on"}
    assert client.post(reverse("bank:paper-assemble"), body).status_code == 302
    assert Paper.objects.filter(part="theory").count() == 2
    for paper in Paper.objects.all():
        assert client.get(reverse("bank:paper-detail", args=[paper.pk])).status_code == 200
        assert client.post(reverse("bank:paper-move", args=[paper.pk, "freeze"])).status_code == 302
    assert set(Paper.objects.values_list("state", flat=True)) == {"frozen"}
    assert client.get(reverse("bank:item-list"), {"q": "LC1", "kind": "single"}).status_code == 200
    assert client.get(reverse("bank:item-detail", args=[Item.objects.first().pk])).status_code == 200


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"- a: [", "不符合 YAML 格式"),
        (b"\xff\xfe\x00", "不是 UTF-8 编码"),
        (b"hello: 1", "没有找到题目"),
        (b"- 1\n- 2", "没有找到题目"),
    ],
)
def test_a_wrong_file_is_told_beside_its_field(raw: bytes, sentence: str) -> None:
    answer = upload(a_client(), "x.yaml", raw)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_wrong_items_are_listed_and_nothing_is_kept() -> None:
    answer = upload(a_client(), "x.yaml", b"- {code: A, kind: single, task: '9.9', points: 1}")
    assert answer.status_code == 422
    assert "工作任务“9.9”不在本等级标准中" in answer.content.decode()
    assert not Item.objects.exists()


def test_another_organisations_paper_is_not_there() -> None:
    client = a_client()
    upload(client, "practical-a.yaml")
    paper = Paper.objects.get()
    other = a_client(code="A12345678")
    assert other.get(reverse("bank:paper-detail", args=[paper.pk])).status_code == 404
    assert other.post(reverse("bank:paper-move", args=[paper.pk, "freeze"])).status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.AUTHOR, Role.SYSTEM)])
def test_nobody_but_authors_sees_the_bank(role: Role) -> None:
    assert a_client(role).get(reverse("bank:item-list")).status_code == 403


def test_a_stale_screen_is_told_why() -> None:
    client = a_client()
    upload(client, "practical-a.yaml")
    paper = Paper.objects.get()
    client.post(reverse("bank:paper-move", args=[paper.pk, "freeze"]))
    answer = client.post(reverse("bank:paper-move", args=[paper.pk, "freeze"]))
    assert answer.status_code == 409
    assert "页面可能已过期" in answer.content.decode()

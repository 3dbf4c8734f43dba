"""The author's pages, by plain forms: import, assemble, freeze; other organisations get 404, other roles 403."""

from __future__ import annotations

import io
import re

import pytest
import python_calamine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from onex.accounts.models import Membership, User
from onex.accounts.tests.factories import signed_in_with
from onex.bank.models import Item, Paper
from onex.bank.tests.factories import DATA, a_level, an_org
from onex.common.actors import Role

pytestmark = pytest.mark.django_db
BANK = (Role.AUTHOR, Role.REVIEWER, Role.ASSEMBLER)


def a_client(role: Role = Role.AUTHOR, code: str = "134871207") -> Client:
    user, _ = User.objects.get_or_create(username=f"{role}-{code}", defaults={"name": "钱命题"})
    hat, _ = Membership.objects.get_or_create(user=user, role=role, organisation=an_org(code))
    return signed_in_with(Client(), hat)


def upload(client: Client, name: str, raw: bytes | None = None):
    raw = (DATA / name).read_bytes() if raw is None else raw
    body = {"level": str(a_level().pk), "file": SimpleUploadedFile(name, raw)}
    return client.post(reverse("bank:item-import"), body)


def test_an_author_imports_assembles_and_freezes_by_plain_forms() -> None:
    client = a_client()
    for name in ("theory-single.yaml", "theory-multiple.yaml", "theory-scenario.yaml"):
        assert upload(client, name).status_code == 302
    assert upload(client, "practical-a.yaml").status_code == 302
    client = a_client(Role.ASSEMBLER)
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
    other = a_client(Role.ASSEMBLER, code="A12345678")
    assert other.get(reverse("bank:paper-detail", args=[paper.pk])).status_code == 404
    assert other.post(reverse("bank:paper-move", args=[paper.pk, "freeze"])).status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role not in (*BANK, Role.SYSTEM)])
def test_nobody_but_authors_reviewers_and_assemblers_sees_the_bank(role: Role) -> None:
    assert a_client(role).get(reverse("bank:item-list")).status_code == 403


def test_a_stale_screen_is_told_why() -> None:
    upload(a_client(), "practical-a.yaml")
    client, paper = a_client(Role.ASSEMBLER), Paper.objects.get()
    client.post(reverse("bank:paper-move", args=[paper.pk, "freeze"]))
    answer = client.post(reverse("bank:paper-move", args=[paper.pk, "freeze"]))
    assert answer.status_code == 409
    assert "页面可能已过期" in answer.content.decode()


def filled(client: Client) -> Client:
    for name in ("theory-single.yaml", "practical-a.yaml"):
        assert upload(client, name).status_code == 302
    return client


@pytest.mark.parametrize("kind", ["single", "form", "sheet", "text"])
def test_an_item_of_every_kind_can_be_read(kind: str) -> None:
    client = filled(a_client())
    item = Item.objects.filter(kind=kind).first()
    assert item is not None
    page = client.get(reverse("bank:item-detail", args=[item.pk])).content.decode()
    assert item.code in page
    for raw in ("{&#x27;", "[&#x27;", "E+1", "None"):
        assert raw not in page, raw


def test_a_multiple_choice_item_shows_all_its_right_options() -> None:
    client = a_client()
    upload(client, "theory-multiple.yaml")
    item = Item.objects.order_by("code").first()
    assert item is not None
    page = client.get(reverse("bank:item-detail", args=[item.pk])).content.decode()
    assert page.count('aria-label="正确答案"') == len(item.content["key"])


def test_the_bank_is_narrowed_sorted_and_exported_without_answers() -> None:
    client = filled(a_client())
    address = reverse("bank:item-list")
    level = str(a_level().pk)
    asked = {"kind": "single", "task": "1.1", "level": level, "sort": "-code", "q": "主光"}
    page = client.get(address, asked).content.decode()
    assert "LC1-S-001" in page
    assert "LC1-P-A-11" not in page
    for nothing in ({"q": "查无此题"}, {"level": "not-a-key"}, {"kind": "x"}):
        assert "没有符合条件的题目" in client.get(address, nothing).content.decode()
    assert client.get(address, {"q": "\x00", "task": "\x00", "page": "-1"}).status_code == 200
    book = client.get(reverse("bank:item-export"), {"kind": "single"}).content
    rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert len(rows) == 1 + Item.objects.filter(kind="single").count()
    explanation = Item.objects.get(code="LC1-S-001").content["explanation"]
    assert explanation[:12] not in str(rows)


def test_a_wrong_number_of_papers_is_told_beside_its_field_and_what_was_typed_stays() -> None:
    client = a_client(Role.ASSEMBLER)
    answer = client.post(reverse("bank:paper-assemble"), {"level": str(a_level().pk), "count": "9", "seed": "-1"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="9"' in page
    assert 'value="-1"' in page
    assert page.count('class="ox-field has-error') == 2


def test_a_bank_that_is_too_small_says_what_it_lacks() -> None:
    upload(a_client(), "theory-single.yaml")
    answer = a_client(Role.ASSEMBLER).post(
        reverse("bank:paper-assemble"), {"level": str(a_level().pk), "count": "1", "seed": "1"}
    )
    assert answer.status_code == 422
    assert "多选题需要 30 题，可用的只有 0 题。" in answer.content.decode()
    assert not Paper.objects.exists()


def test_retiring_a_paper_needs_a_reason_and_a_draft_is_not_retired() -> None:
    filled(a_client())
    client, paper = a_client(Role.ASSEMBLER), Paper.objects.get()
    address = reverse("bank:paper-move", args=[paper.pk, "retire"])
    assert client.post(address, {"note": "试题有误。"}).status_code == 409
    client.post(reverse("bank:paper-move", args=[paper.pk, "freeze"]))
    answer = client.post(address, {"note": " "})
    assert answer.status_code == 409
    assert "请写明理由" in answer.content.decode()
    assert client.post(address, {"note": "试题有误。"}).status_code == 302
    page = client.get(reverse("bank:paper-detail", args=[paper.pk])).content.decode()
    assert "试题有误。" in page
    assert set(re.findall(r'ox-timeline-what">([^<]+)<', page)) == {"导入实训卷", "封卷", "停用试卷"}


def test_a_papers_title_is_chinese_whatever_language_its_author_reads() -> None:
    client = a_client()
    client.cookies["django_language"] = "en"
    assert upload(client, "practical-a.yaml").status_code == 302
    assert Paper.objects.get().title == "直播电商职业技能等级证书（初级） 实训考核 1 号卷"


def cost(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_lists_cost_the_same_with_three_rows_and_with_thirty() -> None:
    client = filled(a_client())
    items, papers = reverse("bank:item-list"), reverse("bank:paper-list")
    assert cost(client, f"{items}?q=LC1-S-00") == cost(client, items)  # nine items, and a page of thirty
    few = cost(client, papers)
    paper = Paper.objects.get()
    for number in range(2, 31):
        Paper.objects.create(
            organisation=paper.organisation, level=paper.level, part="theory", number=number, title=f"{number} 号卷"
        )
    assert cost(client, papers) == few


def test_each_hat_is_offered_its_own_work_only() -> None:
    filled(a_client())
    paper = Paper.objects.get()
    lists = [reverse("bank:item-list"), reverse("bank:paper-list"), reverse("bank:paper-detail", args=[paper.pk])]
    work = [reverse("bank:item-import"), reverse("bank:paper-assemble")]
    offered = {}
    for role in BANK:
        client = a_client(role)
        pages = "".join(client.get(address).content.decode() for address in lists)
        offered[role] = [f'href="{one}"' in pages for one in work] + ["/move/freeze/" in pages]
    assert offered == {
        Role.AUTHOR: [True, False, False],
        Role.REVIEWER: [False, False, False],
        Role.ASSEMBLER: [False, True, True],
    }

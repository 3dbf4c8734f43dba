"""The public document, held against the tables of the guide itself, which are read here in another way."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from onex.catalog.tests.factories import the_guide

pytestmark = pytest.mark.django_db
GUIDE = Path(__file__).with_name("guide-2024-tables.txt").read_text("utf-8")
LEVELS = {"初级": 1, "中级": 2, "高级": 3}
# What the standard prints cut off or in two ways, as the document says it.
MEANT = {"脚本初稿编": "脚本初稿编写"}


@pytest.fixture
def catalog(client: Client) -> dict[str, Any]:
    the_guide()
    answer = client.get("/api/v1/catalog")
    assert answer.status_code == 200
    return json.loads(answer.content)


def part(begins: str, ends: str | None = None) -> str:
    """The text between two headings of the guide."""
    text = GUIDE[GUIDE.index(begins) :]
    return text[: text.index(ends)] if ends else text


def test_it_has_exactly_the_keys_that_are_promised(catalog: dict[str, Any]) -> None:
    assert list(catalog) == ["version", "certificates", "contacts", "office", "groups", "ordering"]
    certificate = catalog["certificates"][0]
    assert list(certificate) == ["code", "name", "skill_point_count", "levels", "sittings", "training", "textbooks"]
    level = certificate["levels"][0]
    assert set(level) == {"level", "name", "fee_fen", "theory", "practical", "domains"}
    assert set(level["theory"]) == {"minutes", "full_mark", "pass_mark", "sections"}
    assert set(level["theory"]["sections"][0]) == {"kind", "count", "points_each"}
    assert set(level["practical"]) == {"minutes", "full_mark", "pass_mark"}
    assert set(level["domains"][0]) == {"code", "name", "weight", "tasks"}
    assert set(level["domains"][0]["tasks"][0]) == {"code", "name", "skill_points"}
    assert set(certificate["sittings"][0]) == {"number", "levels", "slots"}
    assert set(certificate["sittings"][0]["slots"][0]) == {"starts_at", "ends_at"}
    assert set(certificate["training"][0]) == {"month", "level", "content", "mode"}
    assert set(certificate["textbooks"][0]) == {"name", "level"}
    assert set(catalog["contacts"][0]) == {"name", "provinces", "phone"}


def test_domains_tasks_and_skill_points_are_those_of_the_guide(catalog: dict[str, Any]) -> None:
    printed = re.findall(r"([1-9]\.[1-9]) (\S+)", part("二、标准内容", "三、考核方式和内容"))
    domains = [d for c in catalog["certificates"] for level in c["levels"] for d in level["domains"]]
    tasks = [(task["code"], task["name"]) for domain in domains for task in domain["tasks"]]
    assert tasks == [(code, MEANT.get(name, name)) for code, name in printed]
    assert (len(domains), len(tasks)) == (19, 60)
    stated = re.findall(r"高度凝练\s*(\d+) 大工作领域、(\d+) 个工作任务、(\d+) 个技能点", GUIDE)
    counted = []
    for certificate in catalog["certificates"]:
        own = [domain for level in certificate["levels"] for domain in level["domains"]]
        points = [point for domain in own for task in domain["tasks"] for point in task["skill_points"]]
        counted.append((len(own), sum(len(domain["tasks"]) for domain in own), len(points)))
        assert certificate["skill_point_count"] == len(points)
    assert counted == [tuple(map(int, numbers)) for numbers in stated]


def test_weights_are_those_of_the_guide_and_add_up(catalog: dict[str, Any]) -> None:
    table = part("等级\t直播电商模块", "四、考核费用")
    levels = [level for certificate in catalog["certificates"] for level in certificate["levels"]]
    assert [sum(domain["weight"] for domain in level["domains"]) for level in levels] == [100] * 6
    weights = [domain["weight"] for level in levels for domain in level["domains"]]
    assert Counter(weights) == Counter(map(int, re.findall(r"(\d+)%", table)))
    printed = dict(re.findall(r"(\S+)\t(\d+)%", table))
    by_name = {domain["name"]: str(domain["weight"]) for level in levels for domain in level["domains"]}
    rows = {name: weight for name, weight in printed.items() if name != "活动运营"}  # shares its cell with 内容运营
    assert len(rows) == 17
    assert {name: by_name[name] for name in rows} == rows
    assert (by_name["内容运营"], by_name["活动运营"]) == ("31", "15")


def test_parts_sections_and_fees_are_those_of_the_guide(catalog: dict[str, Any]) -> None:
    rows = re.findall(r"(\S+)考核\t(\d+)\t(\d+) 分\t(\d+) 分钟", GUIDE)
    parts = {name: [int(full), int(least), int(minutes)] for name, full, least, minutes in rows}
    sections = [[int(count), int(each)] for count, each in re.findall(r"题\t(\d+)\t(\d+)\t\d+", GUIDE)]
    fees = {LEVELS[name]: int(yuan) * 100 for name, yuan in re.findall(r"(.级)：(\d+) 元/人次", GUIDE)}
    assert (len(parts), len(sections), len(fees)) == (2, 3, 3)
    for certificate in catalog["certificates"]:
        for level in certificate["levels"]:
            theory, practical = level["theory"], level["practical"]
            assert [theory["full_mark"], theory["pass_mark"], theory["minutes"]] == parts["理论"]
            assert [practical["full_mark"], practical["pass_mark"], practical["minutes"]] == parts["实训"]
            assert [[s["count"], s["points_each"]] for s in theory["sections"]] == sections
            assert [s["kind"] for s in theory["sections"]] == ["single", "multiple", "scenario"]
            assert level["fee_fen"] == fees[level["level"]]
            assert LEVELS[level["name"]] == level["level"]


def test_sittings_are_those_of_the_guide_with_offset(catalog: dict[str, Any]) -> None:
    heads = ("直播电商统考计划安排", "新媒体技术统考计划安排", None)
    for certificate, begins, ends in zip(catalog["certificates"], heads, heads[1:], strict=False):
        table = part(begins, ends or "六、师资培训")
        half_days = re.findall(r"(\d+)月(\d+)日[^\n]*?(\d\d:\d\d)-(\d\d:\d\d)", table)
        expected = [
            {
                "starts_at": f"2024-{int(month):02}-{int(day):02}T{starts}:00+08:00",
                "ends_at": f"2024-{int(month):02}-{int(day):02}T{closes}:00+08:00",
            }
            for month, day, starts, closes in half_days
        ]
        assert [slot for sitting in certificate["sittings"] for slot in sitting["slots"]] == expected
        levels = [[LEVELS[name] for name in row.split("、")] for row in re.findall(r"初级、中级(?:、高级)?", table)]
        assert [sitting["levels"] for sitting in certificate["sittings"]] == levels
        assert [sitting["number"] for sitting in certificate["sittings"]] == [1, 2, 3, 4, 5, 6, 7]


def test_training_books_and_contacts_are_those_of_the_guide(catalog: dict[str, Any]) -> None:
    classes = [
        {"month": int(month), "level": LEVELS[level], "content": content, "mode": mode}
        for month, level, content, mode in re.findall(r"(\d+) 月\t(..)\t(\S+)\t(\S+)", part("六、师资培训"))
    ]
    assert [row for certificate in catalog["certificates"] for row in certificate["training"]] == classes
    assert [len(certificate["training"]) for certificate in catalog["certificates"]] == [8, 6]
    books = [
        {"name": name, "level": LEVELS[level]} for name, level in re.findall(r"(\S+)（(.级)）\n", part("直播电商基础"))
    ]
    assert [book for certificate in catalog["certificates"] for book in certificate["textbooks"]] == books
    rows = re.findall(r"(\S老师)\t(\S+)\t(1\d{10})", part("区域负责人"))
    assert [(c["name"], "、".join(c["provinces"]), c["phone"]) for c in catalog["contacts"]] == rows
    covered = [province for contact in catalog["contacts"] for province in contact["provinces"]]
    assert (len(rows), len(covered), len(set(covered))) == (12, 31, 31)


def test_office_groups_and_ordering_are_those_of_the_guide(catalog: dict[str, Any]) -> None:
    phone, people = re.findall(r"1\+X 办公室联系方式: (\S+) (\S+)", GUIDE)[0]
    assert catalog["office"] == {"name": "1+X 办公室", "phone": phone, "people": people.split("/")}
    numbers = re.findall(r"群号: (\d+)", GUIDE)
    assert [group["number"] for group in catalog["groups"]] == numbers
    assert [group["name"] for group in catalog["groups"]] == [
        "奥派直播电商证书培训交流群",
        "奥派新媒体技术证书培训交流群",
    ]
    ordering = catalog["ordering"]
    assert len(ordering["ways"]) == len(re.findall(r"方式 \d：", GUIDE))
    assert ordering["phones"] == re.findall(r"138\d{8}", part("订购方式"))
    assert ordering["qq"] in GUIDE


def test_a_reader_who_has_this_version_is_not_sent_it_again(client: Client) -> None:
    the_guide()
    first = client.get("/api/v1/catalog")
    again = client.get("/api/v1/catalog", headers={"If-None-Match": f'"other", W/{first["ETag"]}'})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert client.get("/api/v1/catalog", headers={"If-None-Match": '"other"'}).status_code == 200


def test_before_the_first_load_there_is_nothing_to_be_found(client: Client) -> None:
    answer = client.get("/api/v1/catalog")
    assert (answer.status_code, answer.json()) == (404, {"detail": "指南尚未载入"})


def test_the_document_describes_itself(client: Client) -> None:
    document = client.get("/api/v1/openapi.json").json()
    operation = document["paths"]["/api/v1/catalog"]["get"]
    assert {"200", "304", "404", "429"} == set(operation["responses"])
    reference = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    assert reference.endswith("/Catalog")
    assert document["components"]["schemas"]["SlotOut"]["properties"]["starts_at"]["format"] == "date-time"

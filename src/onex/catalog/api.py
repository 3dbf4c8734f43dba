"""`GET /catalog`: the whole guide as one public JSON document."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any, Literal

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags
from ninja import Field, Router, Schema, Status

from onex.catalog import queries
from onex.catalog.models import GuideVersion
from onex.common.problems import problems
from onex.common.text import say

router = Router(tags=["catalog"])
LevelNumber = Literal[1, 2, 3]


class SkillPointOut(Schema):
    code: str
    name: str
    draft: bool = Field(description="True until the standard's own wording is at hand")


class TaskOut(Schema):
    code: str
    name: str
    skill_points: list[SkillPointOut]


class DomainOut(Schema):
    code: str
    name: str
    weight: int = Field(description="Weight of the practical module in percent; a level's weights add up to 100")
    tasks: list[TaskOut]


class SectionOut(Schema):
    kind: Literal["single", "multiple", "scenario"]
    count: int
    points_each: int


class PracticalOut(Schema):
    minutes: int
    full_mark: int
    pass_mark: int


class TheoryOut(PracticalOut):
    sections: list[SectionOut]


class LevelOut(Schema):
    level: LevelNumber
    name: str
    fee_fen: int = Field(description="Fee per person and sitting, in fen")
    theory: TheoryOut
    practical: PracticalOut
    domains: list[DomainOut]


class SlotOut(Schema):
    starts_at: datetime
    ends_at: datetime


class SittingOut(Schema):
    number: int
    levels: list[LevelNumber]
    slots: list[SlotOut]


class TrainingOut(Schema):
    month: int
    level: LevelNumber
    content: str
    mode: str


class TextbookOut(Schema):
    name: str
    level: LevelNumber


class CertificateOut(Schema):
    code: str
    name: str
    skill_point_count: int
    levels: list[LevelOut]
    sittings: list[SittingOut]
    training: list[TrainingOut]
    textbooks: list[TextbookOut]


class ContactOut(Schema):
    name: str
    provinces: list[str] = Field(description="One-character names of provinces, as the guide prints them")
    phone: str


class OfficeOut(Schema):
    name: str
    phone: str
    people: list[str]


class GroupOut(Schema):
    certificate: str
    name: str
    number: str


class OrderingOut(Schema):
    title: str
    ways: list[str]
    phones: list[str]
    qq_label: str
    qq: str


class Catalog(Schema):
    version: str
    certificates: list[CertificateOut]
    contacts: list[ContactOut]
    office: OfficeOut
    groups: list[GroupOut]
    ordering: OrderingOut


class Detail(Schema):
    detail: str


@router.get(
    "/catalog",
    response={200: Catalog, 304: None, 404: Detail, **problems(429)},
    summary="The guide in force: certificates, standards, schemes, fees, calendars, books, contacts",
    openapi_extra={"x-summary-zh": "现行指南：证书、标准、考核方案、费用、日程、教材和联系方式"},
)
def catalog(request: HttpRequest, response: HttpResponse) -> Status[Any]:
    """Answers 304 to a reader who already has this version (`If-None-Match`)."""
    try:
        document = queries.whole_catalog()
    except GuideVersion.DoesNotExist:
        return Status(404, {"detail": str(say("指南尚未载入"))})
    body = json.dumps(document, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True)
    etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    response["ETag"] = etag
    patch_cache_control(response, public=True, no_cache=True)
    known = {tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))}
    if known & {etag, "*"}:
        return Status(304, None)
    return Status(200, document)

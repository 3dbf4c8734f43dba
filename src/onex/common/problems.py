"""What the API answers when it does not do what was asked: one shape (RFC 9457) with every reason as a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError
from pydantic import Field

from onex.common.limits import TooMany
from onex.common.pages import OutOfReach, note_denied
from onex.common.text import Refused, Say, say

MEDIA = "application/problem+json"
TITLES: dict[int, Say] = {
    400: say("请求读不懂"),
    401: say("没有有效的接口令牌"),
    403: say("令牌没有这项权限"),
    404: say("没有这条记录，或它不在您的范围内"),
    405: say("这个地址不支持这种方法"),
    409: say("现在不能这样办理"),
    412: say("这条记录已经变了"),
    422: say("请求内容有误"),
    429: say("请求过于频繁"),
}


class Problem(Schema):
    """Why the request was not carried out."""

    type: str = Field(description="Always about:blank: the status tells the kind")
    title: str = Field(description="The kind of problem, in the language of Accept-Language")
    status: int
    reasons: list[str] = Field(description="Every reason as a sentence for people: what, why and what next")


def problems(*statuses: int) -> dict[int, Any]:
    """For `response=` of an operation: these statuses answer a Problem."""
    return dict.fromkeys(statuses, Problem)


def problem(status: int, *reasons: Say | str, wait: int = 0) -> JsonResponse:
    """The answer itself; `wait` seconds become Retry-After."""
    title = str(TITLES.get(status, say("请求没有办成")))
    told = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "reasons": [str(one) for one in reasons] or [title],
    }
    answer = JsonResponse(told, status=status, content_type=MEDIA, json_dumps_params={"ensure_ascii": False})
    answer["Cache-Control"] = "no-store"
    if status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="OneX API"'
    if wait:
        answer["Retry-After"] = str(wait)
    return answer


def answer_in_one_shape(api: NinjaAPI) -> None:
    """Every exception an operation may let pass becomes a Problem; what is broken stays a 500 for the log."""
    answers: dict[type[Exception], Any] = {
        TooMany: lambda request, told: problem(429, *told.reasons, wait=told.wait),
        Refused: lambda request, told: problem(409, *told.reasons),
        Http404: _not_found,
        ValidationError: lambda request, told: problem(422, *_mistakes(told.errors)),
        HttpError: _other,
    }
    for kind, answer in answers.items():
        api.add_exception_handler(kind, answer)


def _not_found(request: HttpRequest, told: Http404) -> JsonResponse:
    if isinstance(told, OutOfReach) and (row := told.row()) is not None:
        note_denied(request, row)
    return problem(404)


def _mistakes(errors: Sequence[dict[str, Any]]) -> list[Say]:
    return [
        say("“{field}”填写有误：{why}", field=".".join(str(part) for part in one["loc"][1:]) or "body", why=one["msg"])
        for one in errors
    ]


def _other(request: HttpRequest, told: HttpError) -> JsonResponse:
    # Ninja's own words are for its developers ("Cannot parse request body"); the status says the same in ours.
    return problem(told.status_code)


def with_problem_media(document: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI document in which problems are answered as what they are."""
    for path in document["paths"].values():
        for operation in path.values():
            for answer in operation.get("responses", {}).values():
                _as_problem(answer.get("content", {}))
    return document


def _as_problem(content: dict[str, Any]) -> None:
    found = content.get("application/json", {}).get("schema", {})
    if found.get("$ref", "").endswith("/Problem") or found.get("title") == "Problem":
        content[MEDIA] = content.pop("application/json")

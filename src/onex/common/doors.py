"""The doors that many apps share: downloads of whole lists, the public API and the picture code."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from onex.common.limits import Door, Limit, TooMany, enter
from onex.common.origins import household
from onex.common.pages import View, too_many_page
from onex.common.problems import problem
from onex.common.text import say

MINUTE, HOUR = 60, 3600

EXPORT = Door("common.export", say("导出"), Limit("account", 30, 10 * MINUTE), Limit("account", 120, 24 * HOUR))
API = Door("common.api", say("公开接口"), Limit("address", 600, MINUTE))
CAPTCHA_PICTURE = Door(
    "common.captcha_picture", say("验证码图片"), Limit("address", 240, MINUTE), Limit("site", 2400, MINUTE)
)
# One row for each picture that was answered, so that none is answered twice; twice its life, for clocks that differ.
CAPTCHA_USE = Door("common.captcha_use", say("验证码"), Limit("captcha", 1, 240))

# Wrong answers: three hundred blind ones of 331,776 let nobody in within a week, and write few rows.
CAPTCHA_WRONG = Door("common.captcha_wrong", say("验证码输入错误"), Limit("address", 300, 10 * MINUTE))


def limited(door: Door, *methods: str) -> Callable[[View], View]:
    """Count each request to this view from one address (these methods only, all without): 429 once it is too many."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if not methods or request.method in methods:
                enter(door, at=request.at, address=household(request.address))
            return view(request, *args, **kwargs)

        return guarded

    return decorate


HTTPS_ONLY = say("接口只接受 https。若令牌已随这次请求明文发出，请吊销后另签一个。")


class DoorMiddleware:
    """Counts what every app offers under the same name: `…-export` addresses and the API."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if "api" in match.namespaces and settings.SECURE_SSL_REDIRECT and not request.is_secure():
            return problem(403, HTTPS_ONLY)
        try:
            if "api" in match.namespaces:
                enter(API, at=request.at, address=household(request.address))
            elif (match.url_name or "").endswith("export") and request.actor is not None:
                enter(EXPORT, at=request.at, account=str(request.actor.user_id))
        except TooMany as refused:
            if "api" in match.namespaces:
                return problem(429, *refused.reasons, wait=refused.wait)
            return too_many_page(request, refused)
        return None

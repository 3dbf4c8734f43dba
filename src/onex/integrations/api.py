"""The door that every app's API stands behind: a token, its scope, and one shape for what is refused.

`@router.get("/…", auth=needs("plans:read"), response={200: …, **refusals(404)})`: behind it `request.actor` is the
person in the hat, as behind a permit of a page, so the same queries and services decide.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.errors import AuthorizationError
from ninja.security import HttpBearer
from pydantic import Field

from onex.common.actors import Role
from onex.common.problems import problems
from onex.integrations import services
from onex.integrations.models import ApiToken

router = Router(tags=["token"])


class Bearer(HttpBearer):
    """A token with this scope. 401 for one that opens nothing, 403 for one without the scope, each of them traced."""

    openapi_bearerFormat = "onex_<key>_<secret>"  # noqa: N815 (ninja's spelling)

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: Any, token: str) -> ApiToken | None:
        """Raises TooMany, and AuthorizationError for a token without the scope."""
        found = services.let_in(
            token,
            self.scope,
            address=request.address,
            at=request.at,
            path=f"{request.method} {request.path}"[:300],
            writes=request.method not in ("GET", "HEAD", "OPTIONS"),
        )
        if found is None:
            return None
        request.token, request.actor = found
        if self.scope and self.scope not in request.token.scopes:
            raise AuthorizationError
        return request.token


def needs(scope: str) -> Bearer:
    """For `auth=` of an operation."""
    return Bearer(scope)


def told(zh: str, scope: str = "") -> dict[str, Any]:
    """For `openapi_extra=`: the summary in Chinese and the scope, for the page that people read."""
    return {"x-summary-zh": zh} | ({"x-scope": scope} if scope else {})


def refusals(*statuses: int) -> dict[int, Any]:
    """What every operation behind a token may answer instead, and these as well."""
    return problems(401, 403, 429, *statuses)


class TokenOut(Schema):
    """What the token at hand opens."""

    key: str = Field(description="The public part of the token, as its page and the log name it")
    name: str
    scopes: list[str]
    role: Role
    organisation: str
    expires_at: datetime
    networks: list[str] = Field(description="Where it may be used from; empty is everywhere")


@router.get(
    "/token",
    auth=needs(""),
    response={200: TokenOut, **problems(401, 429)},
    summary="The token at hand: its hat, scopes and end",
    operation_id="read_token",
    openapi_extra=told("查看当前令牌：身份、权限和失效时间"),
)
def read_token(request: HttpRequest) -> Any:
    """For a program that wants to know in time that its token ends."""
    token: ApiToken = request.token  # type: ignore[attr-defined]
    return {
        "key": token.key,
        "name": token.name,
        "scopes": token.scopes,
        "role": token.hat.role,
        "organisation": token.hat.organisation.name,
        "expires_at": token.expires_at,
        "networks": token.networks,
    }

"""接口文档: the OpenAPI document as a page that people read, made from the document itself."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import resolve, reverse
from django.utils.translation import get_language

from onex.common.pages import public
from onex.integrations.rules import EVENTS, SCOPES
from onex.integrations.rules.reference import operations_of, schemas_of


@public
def reference(request: HttpRequest) -> HttpResponse:
    """Every operation with what it takes and answers, the events, and how to check a signature."""
    address = reverse("api:openapi-json")
    view = resolve(address)
    document: dict[str, Any] = json.loads(view.func(request, **view.kwargs).content)
    chinese = (get_language() or "").startswith("zh")
    context = {
        "address": address,
        "operations": operations_of(document, chinese=chinese),
        "schemas": schemas_of(document, chinese=chinese),
        "scopes": SCOPES.values(),
        "events": EVENTS.values(),
    }
    return render(request, "integrations/reference.html", context)

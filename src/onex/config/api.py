"""The public API under /api/v1, described by itself at /api/v1/openapi.json."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from ninja import NinjaAPI

api = NinjaAPI(title="OneX API", version="1", urls_namespace="api", docs_url=None)
for _app in settings.ONEX_APPS:
    if f"onex.{_app}" in settings.INSTALLED_APPS and find_spec(f"onex.{_app}.api") is not None:
        api.add_router("", import_module(f"onex.{_app}.api").router)

"""All addresses. Each app brings its own `urls.py`; the public API hangs together here."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path
from django.views.i18n import set_language

from onex.common.health import healthz
from onex.common.pages import public
from onex.config.api import api

handler403 = "onex.common.errors.forbidden"
handler404 = "onex.common.errors.not_found"
handler500 = "onex.common.errors.broken"

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("api/v1/", api.urls),
    path("language/", public(set_language), name="set_language"),
]
if settings.DEBUG and find_spec("onex.common.gallery") is not None:
    urlpatterns.append(path("dev/gallery", import_module("onex.common.gallery").gallery, name="dev-gallery"))
for app in settings.ONEX_APPS:
    name = f"onex.{app}.urls"
    if f"onex.{app}" in settings.INSTALLED_APPS and find_spec(name) is not None:
        prefix = getattr(import_module(name), "PREFIX", f"{app}/")
        urlpatterns.append(path(prefix, include(name)))

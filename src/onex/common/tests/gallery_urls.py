"""The addresses of the browser tests of the components: the gallery alone, without the product around it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.i18n import set_language

from onex.common.gallery import gallery
from onex.common.pages import public


@public
def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


def names(app: str, *verbs: str) -> object:
    return path(f"{app}/", include(([path(verb, nothing, name=verb) for verb in verbs], app)))


urlpatterns = [
    path("dev/gallery", gallery),
    path("language/", public(set_language), name="set_language"),
    names("accounts", "sign-in", "sign-out", "hat-switch"),
    names("portal", "home", "desk"),
    names("notices", "inbox"),
]

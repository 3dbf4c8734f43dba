"""The API under /api/v1, described by itself at /api/v1/openapi.json and, for people, at /integrations/reference/."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from ninja import NinjaAPI

from onex.common.problems import answer_in_one_shape, with_problem_media

ABOUT = (
    "Programs read plans, applications and places, and file applications, in the hat of the person who issued their "
    "token. Send it as `Authorization: Bearer onex_…`. Times are ISO 8601 with an offset; lists answer up to 200 items "
    "and the `next` to go on with. What is not carried out is answered as a Problem (application/problem+json) with "
    "sentences in the language of `Accept-Language` (zh-hans or en)."
)


class OneXAPI(NinjaAPI):
    """Ninja's, with problems documented as what they are."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> Any:
        return with_problem_media(super().get_openapi_schema(*args, **kwargs))


api = OneXAPI(title="OneX API", version="1", urls_namespace="api", docs_url=None, description=ABOUT)
answer_in_one_shape(api)
for _app in settings.ONEX_APPS:
    if f"onex.{_app}" in settings.INSTALLED_APPS and find_spec(f"onex.{_app}.api") is not None:
        api.add_router("", import_module(f"onex.{_app}.api").router)

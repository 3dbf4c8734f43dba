"""Whether this process can serve: both databases answer."""

from __future__ import annotations

from django.db import connections
from django.http import HttpRequest, JsonResponse

from onex.common.pages import public


@public
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when both databases answer, 503 naming those that do not."""
    down = [alias for alias in connections if not _answers(alias)]
    return JsonResponse({"ok": not down, "down": down}, status=503 if down else 200)


def _answers(alias: str) -> bool:
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("select 1")
            return bool(cursor.fetchone())
    except Exception:  # whatever the driver says, the answer to a load balancer is the same
        return False

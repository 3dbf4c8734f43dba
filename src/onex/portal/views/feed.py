"""The announced sittings as a calendar that programs subscribe to."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from onex.catalog.rules import Level
from onex.common.doors import limited
from onex.common.pages import public
from onex.common.text import say
from onex.portal.doors import FEED
from onex.portal.queries import public as queries
from onex.portal.rules import SITTING_NEWS
from onex.registration.queries import told_publicly
from onex.registration.rules.feed import REFRESH, changed_last, events_of, kept_since
from onex.registration.rules.ical import tag_of, written

LEVELS = [str(level.value) for level in Level]


@public
@limited(FEED)
def calendar_feed(request: Any) -> HttpResponse:
    """iCalendar (RFC 5545) of one certificate, one level or all; an unchanged one is answered 304.

    A filter that nobody knows is 404: an empty calendar would look to its subscriber like a year without sittings.
    """
    certificate, level = request.GET.get("certificate", ""), request.GET.get("level", "")
    if certificate not in ("", *queries.certificate_codes()) or level not in ("", *LEVELS):
        raise Http404
    told = told_publicly(kept_since(request.at), _notice, certificate, int(level) if level else None)
    body = written(str(say("1+X 统考")), events_of(told), refresh=REFRESH)
    changed = int(changed_last(told, request.at).timestamp())
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer["ETag"] = tag_of(body)
    answer["Last-Modified"] = http_date(changed)
    answer["Cache-Control"] = "public, max-age=900"
    answer["Content-Disposition"] = 'inline; filename="onex-sittings.ics"'
    return cast(HttpResponse, get_conditional_response(request, answer["ETag"], changed, answer))


def _notice(plan: UUID) -> str:
    return settings.PUBLIC_URL + reverse("portal:news-detail", args=[f"{SITTING_NEWS}-{plan}"])


def feed_address(certificate: str = "", level: str = "") -> str:
    """Where a calendar is, in full: what a person pastes into a calendar program."""
    chosen = {name: value for name, value in (("certificate", certificate), ("level", level)) if value}
    address = settings.PUBLIC_URL + reverse("portal:calendar-feed")
    return f"{address}?{urlencode(chosen)}" if chosen else address

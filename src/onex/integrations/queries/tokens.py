"""Named reads: the tokens a hat may see, and the one a program sent."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from onex.accounts.models import Membership
from onex.common.actors import Actor
from onex.common.permits import holds, seen
from onex.common.queries import with_words
from onex.integrations.models import ApiRequest, ApiToken
from onex.integrations.rules import SCOPES, Scope, TokenState

KEPT_REQUESTS = timedelta(days=2)


def hat_of(actor: Actor) -> Membership:
    """The membership this actor wears. Raises Membership.DoesNotExist for one that is no more."""
    rows = Membership.objects.select_related("user", "organisation").filter(is_active=True)
    return rows.get(user__in=[actor.user_id], role=actor.role, organisation__in=[actor.organisation_id])


def tokens_seen_by(actor: Actor) -> QuerySet[ApiToken]:
    """The tokens this actor may see, newest first, with whose they are."""
    rows = ApiToken.objects.select_related("hat__user", "hat__organisation")
    return seen("integrations.token_see", actor, rows).order_by("-created_at", "-id")


def tokens_found(rows: QuerySet[ApiToken], words: str, state: str, at: datetime) -> QuerySet[ApiToken]:
    """Those with these words in their name, key or holder, in this state if it is one."""
    rows = with_words(rows, words, "name", "key", "hat__user__name", "hat__organisation__name")
    if state == TokenState.REVOKED:
        return rows.filter(revoked_at__isnull=False)
    if state == TokenState.EXPIRED:
        return rows.filter(revoked_at__isnull=True, expires_at__lte=at)
    return rows.filter(_open(at)) if state == TokenState.GOOD else rows


def _open(at: datetime) -> Q:
    return Q(revoked_at__isnull=True, expires_at__gt=at)


def open_token_count(hat: Membership, at: datetime) -> int:
    """How many tokens of this hat open something now."""
    return ApiToken.objects.filter(_open(at), hat=hat).count()


def token_by_key(key: str) -> ApiToken | None:
    """The token a program named, with the person and the hat it acts in, in one query."""
    return ApiToken.objects.select_related("hat__user", "hat__organisation").filter(key=key).first()


def scopes_for(actor: Actor) -> list[Scope]:
    """What this hat may allow a program to do: what it may do itself."""
    return [scope for scope in SCOPES.values() if holds(scope.permit, actor)]


def requests_to_drop(at: datetime) -> QuerySet[ApiRequest]:
    """Idempotency keys that nobody sends again."""
    return ApiRequest.objects.filter(at__lt=at - KEPT_REQUESTS)

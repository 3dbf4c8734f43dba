"""Sign-ins: begun after the last proof, followed when their key changes, ended for one reason, once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore

from onex.accounts.models import Membership, SignIn, User
from onex.accounts.queries import digest_of_key
from onex.accounts.rules import WhyEnded
from onex.accounts.rules.sessions import short_agent
from onex.common import tx
from onex.common.actors import Actor
from onex.common.jobs import Swept
from onex.common.logs import one_line
from onex.common.moves import leave_trace
from onex.common.permits import demand

A_MINUTE = timedelta(minutes=1)


def begin_sign_in(
    user: User, *, by: Actor, at: datetime, key: str, hat: Membership | None, agent: str = "", factor: bool = False
) -> SignIn:
    """Write down that this person is in; `by` is the person in this hat, with the address they came from."""
    with tx.write():
        row = SignIn.objects.create(
            user=user,
            key_digest=digest_of_key(key),
            hat=hat,
            address=by.address,
            agent=short_agent(agent),
            began_at=at,
            seen_at=at,
            proved_at=at,
            factor_at=at if factor else None,
        )
        leave_trace(None, "sign_in", by=by, at=at, data={"second_factor": factor, "agent": one_line(agent)[:200]})
    return row


def see(row: SignIn, *, at: datetime) -> None:
    """Somebody is still there; written at most once a minute."""
    if at - row.seen_at >= A_MINUTE:
        SignIn.objects.filter(pk=row.pk, ended_at__isnull=True, seen_at__lt=at).update(seen_at=at)


def follow(row: SignIn, *, key: str, hat_id: UUID | str | None) -> None:
    """The session was given another key, or its person another hat: the sign-in goes with it."""
    SignIn.objects.filter(pk=row.pk, ended_at__isnull=True).update(key_digest=digest_of_key(key), hat_id=hat_id)


def note_proof(row: SignIn, *, at: datetime, factor: bool) -> None:
    """This person has just proved again who they are."""
    row.proved_at = at
    row.factor_at = at if factor else row.factor_at
    row.save(update_fields=["proved_at", "factor_at"])


def end_sign_in(row: SignIn, why: WhyEnded, *, at: datetime) -> None:
    """Over; the first reason stands. What the person or the clock did needs no permit."""
    SignIn.objects.filter(pk=row.pk, ended_at__isnull=True).update(ended_at=at, why_ended=why.value)


def end_own(user: User, rows: Iterable[UUID | str], *, by: Actor, at: datetime) -> int:
    """End some of one's own sign-ins; answers how many were open. Others' are not touched."""
    with tx.write():
        mine = SignIn.objects.filter(user=user, pk__in=list(rows), ended_at__isnull=True)
        count = mine.update(ended_at=at, why_ended=WhyEnded.BY_SELF.value)
        if count:
            leave_trace(user, "sessions_end", by=by, at=at, data={"count": count, "why": WhyEnded.BY_SELF.value})
    return count


def end_sessions(user: User, *, by: Actor, at: datetime, why: WhyEnded = WhyEnded.BY_ADMIN, note: str = "") -> int:
    """End every sign-in of somebody: they are out at their next request. Answers how many were open.

    Raises Refused for whoever may not.
    """
    demand("accounts.session_end", by, user)
    return end_all(user, by=by, at=at, why=why, note=note)


def end_all(user: User, *, by: Actor, at: datetime, why: WhyEnded, note: str = "") -> int:
    """The ending itself; for services that have asked their own permit."""
    with tx.write():
        count = SignIn.objects.filter(user=user, ended_at__isnull=True).update(ended_at=at, why_ended=why.value)
        leave_trace(user, "sessions_end", by=by, at=at, note=note, data={"count": count, "why": why.value})
    return count


def end_wearing(hat: Membership, *, at: datetime) -> None:
    """A hat was taken away: whoever wears it now is out, also when it is given back before their next request."""
    rows = SignIn.objects.filter(hat=hat.pk, ended_at__isnull=True)
    rows.update(ended_at=at, why_ended=WhyEnded.HAT_LOST.value)


def sweep_sign_ins(*, at: datetime) -> Swept:
    """End what nobody came back to, so that lists tell the truth, and drop the sessions that have expired.

    The next request would end them anyway: this is tidiness, not the lock.
    """
    longest_idle = max(idle for idle, _ in settings.SESSION_LIMITS.values())
    longest = max(absolute for _, absolute in settings.SESSION_LIMITS.values())
    rows = SignIn.objects.filter(ended_at__isnull=True)
    done = rows.filter(began_at__lte=at - timedelta(seconds=longest)).update(
        ended_at=at, why_ended=WhyEnded.TOO_LONG.value
    )
    done += rows.filter(seen_at__lte=at - timedelta(seconds=longest_idle)).update(
        ended_at=at, why_ended=WhyEnded.IDLE.value
    )
    SessionStore.clear_expired()
    return Swept(done)

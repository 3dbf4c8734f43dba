"""Sending what is due: at once after the commit, again after a failure, and once a day in one mail.

A delivery is taken by one conditional UPDATE, so a job, a second job and the sweep may meet and it still goes once. Who
takes one and dies lets go of it after a while (`LEASE`): better twice than never, and only then.
"""

from __future__ import annotations

import smtplib
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from itertools import groupby
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import localtime, make_aware

from onex.accounts import queries as accounts
from onex.accounts.models import User
from onex.common import post, tx
from onex.common.actors import SYSTEM, Role
from onex.common.jobs import Swept, log
from onex.common.text import Say, say
from onex.notices import queries
from onex.notices.models import Delivery
from onex.notices.rules import IN_A_ROW, LEASE, MAIL_FAILED, Channel, Why, one_line, retry_at
from onex.notices.services.telling import CHINESE, tell

ROUND = 500  # deliveries of one round: the sweep has others to serve
LONGEST_SMS = 300


def deliver(*, at: datetime, sending: UUID | None = None) -> Swept:
    """Send what is due, of one sending or of all. What fails is tried again later; twice is once.

    A server that fails three times in a row is left alone until the next round.
    """
    rows = list(queries.due_now(at, sending)[:ROUND])
    in_a_row: Counter[str] = Counter()
    done = failed = 0
    for row in rows:
        if in_a_row[row.channel] >= IN_A_ROW or not _take(row, at):
            continue
        why = _why_not(row)
        _settle([row], why, at)
        in_a_row[row.channel] = in_a_row[row.channel] + 1 if why == Why.UNREACHABLE else 0
        done, failed = done + (why == Why.NONE), failed + (why not in (Why.NONE, Why.LEFT))
    return Swept(done, tuple("delivery" for _ in range(failed)))


def sweep_notices(*, at: datetime) -> Swept:
    """Everything due: what did not go before, the mails of the day, and word to the operator of what never went."""
    by_itself, daily = deliver(at=at), _digests(at)
    report_failures(at=at)
    return Swept(by_itself.done + daily.done, by_itself.failed + daily.failed)


def _take(row: Delivery, at: datetime) -> bool:
    with tx.write():
        mine = Delivery.objects.filter(pk=row.pk, due_at=row.due_at, sent_at=None)
        taken = mine.update(due_at=at + LEASE, tries=F("tries") + 1, tried_at=at) == 1
    row.tries += taken
    return taken


def _settle(rows: Iterable[Delivery], why: Why, at: datetime) -> None:
    with tx.write():
        for row in rows:
            due = retry_at(row.tries, why, at) if why else None
            Delivery.objects.filter(pk=row.pk).update(due_at=due, why=why, sent_at=None if why else at)


def _why_not(row: Delivery) -> Why:
    """Send one; why it did not go, or nothing."""
    notice = row.notice
    if not row.is_theirs:  # type: ignore[attr-defined]  # annotated by the query
        return Why.LEFT
    address = notice.user.email if row.channel == Channel.MAIL else notice.user.phone
    if not address:
        return Why.NO_ADDRESS
    with translation.override(CHINESE):
        if row.channel == Channel.SMS:
            text = one_line(notice.sending.text, LONGEST_SMS)
            return _tried(lambda: post.send_sms(address, text))
        body = say(
            "{text}\n\n查看：{url}\n\n在“消息 → 接收方式”里可以改为每日汇总或只在站内接收。",
            text=notice.sending.text,
            url=_url(reverse("notices:notice-detail", args=[notice.pk])),
        )
        return _tried(lambda: post.send_mail(address, notice.sending.subject, body))


def _tried(send: Callable[[], None]) -> Why:
    try:
        send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError):
        return Why.REFUSED
    except OSError:  # smtplib's other errors are OSErrors too
        return Why.UNREACHABLE
    except Exception:  # an address that is none, a provider's own mistake: one row must not stop the others
        log.exception("notices: delivery")
        return Why.BROKEN
    return Why.NONE


def _url(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}"


# --- the mail of the day ------------------------------------------------------------------------------------------


def _digests(at: datetime) -> Swept:
    done = failed = in_a_row = 0
    for user in queries.people_with_digests(at)[:ROUND]:
        if in_a_row >= IN_A_ROW:
            break
        why = _digest(user, at)
        in_a_row = in_a_row + 1 if why == Why.UNREACHABLE else 0
        done, failed = done + (why == Why.NONE), failed + (why in (Why.REFUSED, Why.UNREACHABLE, Why.BROKEN))
    return Swept(done, tuple("digest" for _ in range(failed)))


def _digest(user: User, at: datetime) -> Why:
    """One mail of everything that waits for it and was not read meanwhile."""
    taken = [row for row in queries.due_by_mail_of_the_day(user, at) if _take(row, at)]
    _settle([row for row in taken if not _is_theirs(row)], Why.LEFT, at)
    _settle([row for row in taken if _is_theirs(row) and row.notice.read_at], Why.READ, at)
    rows = [row for row in taken if _is_theirs(row) and not row.notice.read_at]
    if not rows:
        return Why.LEFT
    if not user.email:
        _settle(rows, Why.NO_ADDRESS, at)
        return Why.NO_ADDRESS
    with translation.override(CHINESE):
        subject = say("OneX 今日消息 {n} 条", n=len(rows))
        why = _tried(lambda: post.send_mail(user.email, subject, _listed(rows)))
    _settle(rows, why, at)
    return why


def _is_theirs(row: Delivery) -> bool:
    return bool(row.is_theirs)  # type: ignore[attr-defined]  # annotated by the query


def _listed(rows: list[Delivery]) -> Say:
    parts = []
    ordered = sorted(rows, key=lambda row: (str(row.notice.organisation or ""), row.notice.sent_at))
    for organisation, some in groupby(ordered, key=lambda row: str(row.notice.organisation or "")):
        parts += [f"【{organisation}】"] if organisation else []
        parts += [f"{localtime(row.notice.sent_at):%H:%M}  {row.notice.sending.subject}" for row in some]
        parts.append("")
    return say("{list}\n查看全部：{url}", list="\n".join(parts), url=_url(reverse("notices:inbox")))


# --- what never went ----------------------------------------------------------------------------------------------


def report_failures(*, at: datetime) -> None:
    """Tell the operator, once for each day, how many deliveries of the day before were given up."""
    today = make_aware(datetime.combine(localtime(at).date(), time()))
    day = localtime(today - timedelta(days=1)).date()
    count, operator = queries.failed_lately(today - timedelta(days=1), today), accounts.operator()
    if count and operator is not None:
        tell(
            MAIL_FAILED.code,
            organisation=operator,
            roles=(Role.OPERATOR, Role.SYSTEM_ADMIN),
            values={"day": day, "count": count},
            by=SYSTEM,
            at=at,
            link=reverse("notices:sending-list"),
            once=f"{MAIL_FAILED.code} {day}",
        )

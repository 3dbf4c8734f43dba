"""What goes when its time is over: one rule for each retention of the register that ends by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session

from onex.accounts import queries as accounts
from onex.accounts import services as accounts_services
from onex.common import jobs, limits, moves, tx
from onex.common.actors import SYSTEM
from onex.common.models import LimitCount
from onex.common.text import Say, say
from onex.integrations import queries as integrations
from onex.integrations import services as integrations_services
from onex.notices import queries as notices
from onex.notices import services as notices_services
from onex.portal.queries import persons
from onex.portal.services.rights import carry_out
from onex.registration import queries as registration
from onex.registration import services as registration_services


@dataclass(frozen=True)
class Rule:
    """A retention by its code in the register (or beside it), how many are due, and what drops them."""

    code: str
    label: Say
    count: Callable[[datetime], int]
    drop: Callable[[datetime], int]


@dataclass(frozen=True)
class Due:
    """What one rule found, or did."""

    rule: Rule
    count: int


def _sessions(at: datetime) -> int:
    count = Session.objects.filter(expire_date__lt=at).count()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return count


def _erasures(at: datetime) -> int:
    rows: list[Any] = list(persons.erasures_to_carry_out())
    return len([carry_out(row, at=at) for row in rows])


RULES = (
    Rule(
        "roster",
        say("从未报名、已离校 2 年的学生"),
        lambda at: registration.students_to_drop(at).count(),
        registration_services.drop_unused_students,
    ),
    Rule(
        "import",
        say("7 天未确认的学生名单和照片"),
        lambda at: registration.previews_to_drop(at).count() + registration.waiting_photos_to_drop(at).count(),
        registration_services.discard_old_previews,
    ),
    Rule(
        "draft",
        say("1 年未提交或被退回的院校注册"),
        lambda at: accounts.registrations_to_drop(at).count(),
        accounts_services.drop_registrations,
    ),
    Rule(
        "token",
        say("用过或失效 30 天的一次性凭证"),
        lambda at: accounts.tokens_to_drop(at).count(),
        accounts_services.drop_tokens,
    ),
    Rule(
        "signin",
        say("结束 6 个月的登录记录"),
        lambda at: accounts.sign_ins_to_drop(at).count(),
        accounts_services.drop_sign_ins,
    ),
    Rule(
        "notice",
        say("读过 1 年、或 2 年未读的消息"),
        lambda at: notices.notices_to_drop(at).count(),
        notices_services.drop_notices,
    ),
    Rule(
        "count",
        say("已过期的访问计数"),
        lambda at: LimitCount.objects.filter(ends_at__lt=at - timedelta(hours=1)).count(),
        limits.sweep,
    ),
    Rule(
        "job",
        say("结束 7 天的后台任务"),
        lambda at: jobs.over(at).count(),
        jobs.forget,
    ),
    Rule(
        "delivery",
        say("满 30 天的事件推送记录"),
        lambda at: integrations.deliveries_to_drop(at).count(),
        integrations_services.drop_deliveries,
    ),
    Rule(
        "request",
        say("满 2 天的接口幂等键"),
        lambda at: integrations.requests_to_drop(at).count(),
        integrations_services.drop_requests,
    ),
    Rule(
        "session",
        say("已过期的登录会话"),
        lambda at: Session.objects.filter(expire_date__lt=at).count(),
        _sessions,
    ),
    Rule(
        "erasure",
        say("已同意、尚未完成的删除申请"),
        lambda at: persons.erasures_to_carry_out().count(),
        _erasures,
    ),
)


def due(at: datetime) -> list[Due]:
    """How much each rule would drop now."""
    return [Due(rule, rule.count(at)) for rule in RULES]


def sweep_retention(at: datetime, rules: Sequence[Rule] = RULES) -> list[Due]:
    """Drop what is due, rule by rule, and leave one trace with the counts when anything went.

    A rule that fails is logged and keeps no other from its turn; it is tried again the next day.
    """
    found = []
    for rule in rules:
        try:
            found.append(Due(rule, rule.drop(at)))
        except Exception:
            jobs.log.exception("retention: %s", rule.code)
    counts = {one.rule.code: one.count for one in found if one.count}
    if counts:
        with tx.write():
            moves.leave_trace(None, "retention", by=SYSTEM, at=at, data={"counts": counts})
    return found

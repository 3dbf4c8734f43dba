"""Telling people: other apps call down in the transaction of what happened, so it is told if and only if it did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import IntegrityError
from django.db.models import Model
from django.utils import translation
from django.utils.timezone import localtime

from onex.accounts import queries as accounts
from onex.accounts.models import Organisation, User
from onex.common import tx
from onex.common.actors import Actor, Role
from onex.common.jobs import later
from onex.notices import queries
from onex.notices.models import Delivery, Notice, Sending
from onex.notices.rules import TEMPLATES, Channel, Pace, Why, cleaned, filled, is_internal, mail_due, one_line

CHINESE = "zh-hans"  # what is told is frozen in the product's own language, whoever's browser caused it
AT_A_TIME = 500
T = TypeVar("T")


@dataclass(frozen=True)
class _Copy:
    user: User
    organisation_id: Any = None
    role: str = ""


def tell(
    code: str,
    *,
    organisation: Organisation | Iterable[Organisation],
    roles: Iterable[Role],
    values: Mapping[str, Any],
    by: Actor,
    at: datetime,
    link: str = "",
    subject_row: Model | None = None,
    once: str = "",
    also_self: bool = False,
) -> Sending | None:
    """Tell everybody who wears one of these roles for this organisation (or these) now; one copy for each person
    and organisation, in the first of the roles that they wear.

    `values` fill the template's places: texts, `say(…)`, numbers, dates and moments. `link` is a path of ours.
    `once`: told already under this mark, nothing happens and None comes back (reminders of a sweep). Who acts is not
    told of it, unless `also_self`. Raises KeyError and ValueError when the caller is wrong about the template.
    """
    organisations = [organisation] if isinstance(organisation, Organisation) else list(organisation)
    return _say(code, _copies(organisations, roles), values, by, at, link, subject_row, once, also_self)


def _copies(organisations: Iterable[Organisation], roles: Iterable[Role]) -> list[_Copy]:
    wanted = list(roles)
    rank = {role: n for n, role in enumerate(wanted)}
    copies: dict[Any, _Copy] = {}
    for hat in sorted(accounts.hats_to_tell(organisations, wanted), key=lambda one: rank[Role(one.role)]):
        copies.setdefault((hat.user_id, hat.organisation_id), _Copy(hat.user, hat.organisation_id, hat.role))
    return list(copies.values())


@dataclass(frozen=True)
class Letter:
    """One of many notices of a kind: to whom, with which words in its places, leading where, about what."""

    organisation: Organisation
    values: Mapping[str, Any]
    link: str = ""
    subject_row: Model | None = None


def tell_each(code: str, letters: Iterable[Letter], *, roles: Iterable[Role], by: Actor, at: datetime) -> int:
    """What `tell` does, once for each letter, five hundred of them in one query each; answers how many."""
    todo = list(letters)
    if not todo:
        return 0
    people: dict[Any, list[_Copy]] = {}
    offices = {one.organisation.pk: one.organisation for one in todo}
    for some in _parts(offices.values()):
        for copy in _copies(some, roles):
            people.setdefault(copy.organisation_id, []).append(copy)
    words = _words(code)
    sendings, notices = [], []
    for one in todo:
        sending = _addressed(_worded(words, one.values, at), by, one.link, one.subject_row)
        sendings.append(sending)
        told = (copy for copy in people.get(one.organisation.pk, ()) if copy.user.pk != by.user_id)
        notices += [_notice(sending, copy, at) for copy in told]
    with tx.write():
        Sending.objects.bulk_create(sendings, batch_size=AT_A_TIME)
        ways = _put_in_inboxes(code, notices, at)
        due = {way.notice.sending_id for way in ways if way.due_at is not None and way.due_at <= at}
        for sending in sendings:
            if sending.pk in due:  # what stays in the inbox, or waits for the day's mail, needs no job
                _send_later(sending)
    return len(sendings)


def tell_people(
    code: str,
    *,
    users: Iterable[User],
    values: Mapping[str, Any],
    by: Actor,
    at: datetime,
    link: str = "",
    subject_row: Model | None = None,
    once: str = "",
    also_self: bool = False,
) -> Sending | None:
    """Tell these people themselves, whatever hat they wear; otherwise as `tell`."""
    copies = {user.pk: _Copy(user) for user in users if user.is_active}
    return _say(code, list(copies.values()), values, by, at, link, subject_row, once, also_self)


def _say(
    code: str,
    copies: list[_Copy],
    values: Mapping[str, Any],
    by: Actor,
    at: datetime,
    link: str,
    subject_row: Model | None,
    once: str,
    also_self: bool,
) -> Sending | None:
    sending = _addressed(_worded(_words(code), values, at), by, link, subject_row)
    sending.once = once or None
    with tx.write():
        if once and not _first(sending):
            return None
        if not once:
            sending.save(force_insert=True)
        told = [one for one in copies if also_self or one.user.pk != by.user_id]
        _put_in_inboxes(code, [_notice(sending, one, at) for one in told], at)
        _send_later(sending)
    return sending


def _addressed(sending: Sending, by: Actor, link: str, subject_row: Model | None) -> Sending:
    if link and not is_internal(link):
        raise ValueError(f"notice {sending.code}: {link!r} is no path of ours")
    sending.link = link
    sending.sender_id, sending.sender_role = by.organisation_id, str(by.role)
    if subject_row is not None:
        sending.subject_type, sending.subject_id = subject_row._meta.label_lower, subject_row.pk
    return sending


def _send_later(sending: Sending) -> None:
    from onex.notices import tasks  # which load this

    later(tasks.deliver, sending=str(sending.pk))


def _first(sending: Sending) -> bool:
    """Whether this is the first of its mark; two at once: the database lets one through."""
    if Sending.objects.filter(once=sending.once).exists():
        return False
    try:
        with tx.write():
            sending.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _words(code: str) -> queries.InForce:
    with translation.override(CHINESE):
        return queries.words_in_force(code)


def _worded(words: queries.InForce, values: Mapping[str, Any], at: datetime) -> Sending:
    with translation.override(CHINESE):
        problems = words.template.problems_with(values)
        if problems:
            raise ValueError(f"notice {words.template.code}: {'; '.join(problems)}")
        said = {name: spoken(value) for name, value in values.items()}
    return Sending(
        code=words.template.code,
        subject=one_line(filled(words.subject, said), 200),
        text=cleaned(filled(words.text, said)),
        is_urgent=words.is_urgent,
        sent_at=at,
    )


def spoken(value: Any) -> str:
    """A value as people read it: moments in Beijing, numbers with their thousands apart."""
    if isinstance(value, datetime):
        here = localtime(value)
        return f"{spoken(here.date())} {here:%H:%M}"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return cleaned(str(value))


def _parts(found: Iterable[T]) -> Iterator[list[T]]:
    every = list(found)
    return (every[start : start + AT_A_TIME] for start in range(0, len(every), AT_A_TIME))


def _notice(sending: Sending, one: _Copy, at: datetime) -> Notice:
    return Notice(sending=sending, user=one.user, organisation_id=one.organisation_id, role=one.role, sent_at=at)


def _put_in_inboxes(code: str, notices: list[Notice], at: datetime) -> list[Delivery]:
    Notice.objects.bulk_create(notices, batch_size=AT_A_TIME)
    paces: dict[Any, Pace] = {}
    for some in _parts({row.user_id: row.user for row in notices}.values()):
        paces |= queries.pace_of(some, TEMPLATES[code])
    ways = [way for row in notices for way in _ways(row, paces[row.user_id], at)]
    Delivery.objects.bulk_create(ways, batch_size=AT_A_TIME)
    return ways


def _ways(notice: Notice, pace: Pace, at: datetime) -> list[Delivery]:
    """The inbox at once; mail as the person wants it; a text message when it is urgent and there is a phone."""
    sending = notice.sending
    found = [Delivery(notice=notice, channel=Channel.INBOX, sent_at=at)]
    due = mail_due(pace, sending.is_urgent, at)
    if due is not None:
        has = bool(notice.user.email)
        found.append(
            Delivery(
                notice=notice,
                channel=Channel.MAIL,
                in_digest=has and due > at,
                due_at=due if has else None,
                why=Why.NONE if has else Why.NO_ADDRESS,
            )
        )
    if sending.is_urgent and notice.user.phone:
        found.append(Delivery(notice=notice, channel=Channel.SMS, due_at=at))
    return found

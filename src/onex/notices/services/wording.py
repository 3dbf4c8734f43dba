"""Wording: an operator changes what a template says, and takes it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError

from onex.common import moves, tx
from onex.common.actors import Actor
from onex.common.permits import holds
from onex.common.text import Refused, say
from onex.notices import queries
from onex.notices.models import NoticeTemplate
from onex.notices.rules import TEMPLATES, cleaned, one_line, problems_in

MEANWHILE = say("这个模板刚刚被别人改动，请刷新后再改。")


def save_template(
    code: str, subject: str, text: str, *, is_urgent: bool, version: int, by: Actor, at: datetime
) -> NoticeTemplate:
    """Put other words in force for this template. `version` is the one the person began with.

    Raises Refused for unknown places, missing words, and when somebody else changed it meanwhile.
    """
    _demand(code, by)
    subject, text = one_line(subject, 10_000), cleaned(text)
    problems = problems_in(TEMPLATES[code], subject, text)
    if problems:
        raise Refused(*problems)
    return _put(code, version, by=by, at=at, subject=subject, text=text, is_urgent=is_urgent, is_in_force=True)


def reset_template(code: str, *, version: int, by: Actor, at: datetime) -> NoticeTemplate:
    """The built-in words are in force again. Raises Refused when they are, or somebody else changed it meanwhile."""
    _demand(code, by)
    if not queries.words_in_force(code).is_changed:
        raise Refused(say("这个模板用的就是内置文字，无须恢复。"))
    return _put(code, version, by=by, at=at, is_in_force=False)


def _demand(code: str, by: Actor) -> None:
    if code not in TEMPLATES or not holds("notices.template_edit", by):
        raise Refused(say("您当前的身份（{role}）无权修改消息模板。", role=by.role.label))


def _put(code: str, version: int, *, by: Actor, at: datetime, **values: Any) -> NoticeTemplate:
    before = queries.words_in_force(code)
    told = {"code": code, "before": _words(before.subject, before.text, before.is_urgent)}
    with tx.write():
        row = queries.template_row(code)
        if row is None:
            row = _begin(code, version, values, at)
        elif not NoticeTemplate.objects.filter(pk=row.pk, version=version).update(
            version=version + 1, changed_at=at, **values
        ):
            raise Refused(MEANWHILE)
        row.refresh_from_db()
        after = queries.words_in_force(code)
        told["after"] = _words(after.subject, after.text, after.is_urgent)
        moves.leave_trace(row, "save" if row.is_in_force else "reset", by=by, at=at, data=told)
    return row


def _begin(code: str, version: int, values: dict[str, Any], at: datetime) -> NoticeTemplate:
    if version != 0:
        raise Refused(MEANWHILE)
    try:
        with tx.write():
            return NoticeTemplate.objects.create(code=code, changed_at=at, **values)
    except IntegrityError as clash:
        raise Refused(MEANWHILE) from clash


def _words(subject: str, text: str, is_urgent: bool) -> dict[str, Any]:
    return {"subject": subject, "text": text, "is_urgent": is_urgent}

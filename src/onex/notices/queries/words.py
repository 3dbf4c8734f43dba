"""Named reads: the words in force, and how people want to be told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from onex.accounts.models import User
from onex.common.actors import Actor
from onex.notices.models import NoticeTemplate, Preference
from onex.notices.rules import TEMPLATES, Pace, Template


@dataclass(frozen=True)
class InForce:
    """The words a template has now: the operator's, else the built-in ones in the language of the moment."""

    template: Template
    subject: str
    text: str
    is_urgent: bool
    row: NoticeTemplate | None  # also when the built-in words are in force again

    @property
    def is_changed(self) -> bool:
        return self.row is not None and self.row.is_in_force

    @property
    def version(self) -> int:
        return self.row.version if self.row is not None else 0


def words_in_force(code: str) -> InForce:
    """Raises KeyError for a template that no app declares."""
    return _in_force(TEMPLATES[code], template_row(code))


def _in_force(template: Template, row: NoticeTemplate | None) -> InForce:
    if row is not None and row.is_in_force:
        return InForce(template, row.subject, row.text, row.is_urgent, row)
    return InForce(template, str(template.subject), str(template.text), template.is_urgent, row)


def template_row(code: str) -> NoticeTemplate | None:
    """What an operator wrote for this template, in force or taken back."""
    return NoticeTemplate.objects.filter(code=code).first()


def all_words() -> list[InForce]:
    """Every template with its words in force, app by app, in one query."""
    rows = {row.code: row for row in NoticeTemplate.objects.all()}
    found = sorted(TEMPLATES.values(), key=lambda one: one.app)
    return [_in_force(one, rows.get(one.code)) for one in found]


def preferences_of(actor: Actor) -> dict[str, Pace]:
    """What this person chose, by the template's code."""
    rows = Preference.objects.filter(user=actor.user_id)
    return {code: Pace(pace) for code, pace in rows.values_list("code", "pace")}


def pace_of(users: Iterable[User], template: Template) -> dict[Any, Pace]:
    """How each of these people wants this kind of notice."""
    keys = [user.pk for user in users]
    rows = Preference.objects.filter(user__in=keys, code=template.code)
    chosen = dict(rows.values_list("user", "pace"))
    return {key: Pace(chosen.get(key, template.pace)) for key in keys}

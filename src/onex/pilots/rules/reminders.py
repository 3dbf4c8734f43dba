"""Deadlines that people are reminded of once, three days before."""

from __future__ import annotations

from enum import StrEnum

from onex.common.text import Say, say


class Reminder(StrEnum):
    """What is reminded of; its value is the verb of the trace that remembers it."""

    REVIEWS = "remind_reviews"
    DRAFT = "remind_draft"
    CORRECTION = "remind_correction"


REMINDER_LABELS: dict[str, Say] = {
    Reminder.REVIEWS: say("提醒审核：审核截止时间临近"),
    Reminder.DRAFT: say("提醒院校：申报即将截止，草稿尚未提交"),
    Reminder.CORRECTION: say("提醒院校：修改即将截止，尚未重新提交"),
}

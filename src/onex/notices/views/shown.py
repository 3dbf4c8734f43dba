"""What the pages of notices share: their tabs, and how a notice and its deliveries are put into words."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from onex.common.actors import Role
from onex.common.permits import holds
from onex.common.text import Say, say
from onex.notices.models import Delivery, Notice
from onex.notices.rules import CHANNELS, STANDING_TONES, STANDINGS, TEMPLATES, WHYS, Channel, Standing, Why


def tabs(request: Any, current: str) -> list[dict[str, Any]]:
    """The pages about notices that this hat may open."""
    found = [("notices:inbox", say("收到的消息"))]
    if holds("notices.receipt_see", request.actor):
        found.append(("notices:sending-list", say("已发出的消息")))
    if holds("notices.template_edit", request.actor):
        found.append(("notices:template-list", say("消息模板")))
    found.append(("notices:preferences", say("接收方式")))
    return [{"label": label, "url": reverse(name), "current": name == f"notices:{current}"} for name, label in found]


def kind_of(code: str) -> Say | str:
    """The business of a notice; the bare code when the template is gone."""
    return TEMPLATES[code].kind if code in TEMPLATES else code


def label_of(code: str) -> Say | str:
    """What kind of notice it is."""
    return TEMPLATES[code].label if code in TEMPLATES else code


def hat_of(notice: Notice) -> str:
    """The hat it was sent to, in words."""
    if notice.organisation is None:
        return str(say("本人"))
    return f"{Role(notice.role).label} · {notice.organisation.name}"


def from_of(notice: Notice) -> str:
    """Who sent it."""
    sender = notice.sending.sender
    return sender.name if sender is not None else str(say("平台"))


def way_of(delivery: Delivery) -> dict[str, Any]:
    """A delivery as a line of a page."""
    standing = delivery.standing
    return {
        "channel": CHANNELS[Channel(delivery.channel)],
        "word": STANDINGS[standing],
        "tone": STANDING_TONES[standing],
        "why": WHYS.get(Why(delivery.why), ""),
        "sent_at": delivery.sent_at,
        "again_at": delivery.due_at if standing in (Standing.AGAIN, Standing.WAITING) else None,
        "tries": delivery.tries,
        "in_digest": delivery.in_digest,
    }

"""What one's organisation sent: where it went, and how many have read it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime

from onex.common import exports, sheets
from onex.common.actors import Role
from onex.common.pages import get_or_404, page_of, permit, sorted_by, typed
from onex.common.permits import holds
from onex.common.text import say
from onex.notices import queries
from onex.notices.models import Notice, Sending
from onex.notices.rules import CHANNELS, Channel
from onex.notices.views.shown import hat_of, kind_of, label_of, tabs, way_of

SORTS = {"sent": "sent_at", "told": "told_count", "read": "read_count", "lost": "lost_count"}
RECEIPT_SORTS = {"organisation": "organisation__name", "read": "read_at"}
RECEIPTS = {"unread": say("未读"), "read": say("已读"), "lost": say("邮件或短信未送达")}


@permit("notices.receipt_see")
def sending_list(request: Any) -> HttpResponse:
    page = page_of(request, _sendings(request))
    context = {
        "page": page,
        "rows": [{"row": row, "kind": kind_of(row.code)} for row in page],
        "tabs": tabs(request, "sending-list"),
        "export": reverse("notices:sent-export"),
        "shows_sender": request.actor.role == Role.OPERATOR,
    }
    return render(request, "notices/sending_list.html", context)


def _sendings(request: Any) -> Any:
    rows = queries.sendings_found(queries.sendings_seen_by(request.actor), typed(request.GET, "q"))
    return sorted_by(request, rows, SORTS)


@permit("notices.receipt_see")
def sent_export(request: Any) -> HttpResponse:
    columns = (
        sheets.Column("sent", say("发送时间"), 18),
        sheets.Column("sender", say("发送机构"), 28),
        sheets.Column("kind", say("业务"), 16),
        sheets.Column("subject", say("标题"), 48),
        sheets.Column("told", say("收件"), 10, as_text=False),
        sheets.Column("read", say("已读"), 10, as_text=False),
        sheets.Column("lost", say("邮件或短信未送达"), 18, as_text=False),
    )

    def line(row: Any) -> dict[str, Any]:
        return {
            "sent": f"{localtime(row.sent_at):%Y-%m-%d %H:%M}",
            "sender": row.sender.name if row.sender else str(say("平台")),
            "kind": str(kind_of(row.code)),
            "subject": row.subject,
            "told": row.told_count,
            "read": row.read_count,
            "lost": row.lost_count,
        }

    return exports.respond(request, str(say("已发出的消息.xlsx")), columns, _sendings(request), line)


@permit("notices.receipt_see")
def sending_detail(request: Any, pk: str) -> HttpResponse:
    sending: Any = get_or_404(queries.sendings_seen_by(request.actor), pk=pk)
    page = page_of(request, _receipts(request, sending))
    numbers = {
        "unread": sending.told_count - sending.read_count,
        "read": sending.read_count,
        "lost": queries.receipts_to_show(sending).filter(has_lost=True).count(),
    }
    chips = [{"label": say("全部"), "value": "", "count": sending.told_count}]
    chips += [{"label": word, "value": value, "count": numbers[value]} for value, word in RECEIPTS.items()]
    context = {
        "sending": sending,
        "label": label_of(sending.code),
        "kind": kind_of(sending.code),
        "page": page,
        "rows": [_receipt(row) for row in page],
        "chips": chips,
        "export": reverse("notices:sending-export", args=[sending.pk]),
        "may_word": holds("notices.template_edit", request.actor),
    }
    return render(request, "notices/sending_detail.html", context)


def _receipts(request: Any, sending: Sending) -> Any:
    rows: Any = queries.receipts_found(queries.receipts_to_show(sending), typed(request.GET, "q"))
    state = request.GET.get("state", "")
    if state == "lost":
        rows = rows.filter(has_lost=True)
    elif state in RECEIPTS:
        rows = rows.filter(read_at__isnull=state == "unread")
    return sorted_by(request, rows, RECEIPT_SORTS)


def _receipt(row: Notice) -> dict[str, Any]:
    by = queries.by_channel(row)
    return {
        "organisation": row.organisation.name if row.organisation else str(say("个人账号")),
        "role": Role(row.role).label if row.role else "—",
        "hat": hat_of(row),
        "read_at": row.read_at,
        "mail": way_of(by[Channel.MAIL]) if Channel.MAIL in by else None,
        "sms": way_of(by[Channel.SMS]) if Channel.SMS in by else None,
    }


@permit("notices.receipt_see")
def sending_export(request: Any, pk: str) -> HttpResponse:
    sending: Any = get_or_404(queries.sendings_seen_by(request.actor), pk=pk)
    columns = (
        sheets.Column("organisation", say("收件机构"), 32),
        sheets.Column("role", say("身份"), 16),
        sheets.Column("read", say("阅读时间"), 18),
        sheets.Column("mail", CHANNELS[Channel.MAIL], 28),
        sheets.Column("sms", CHANNELS[Channel.SMS], 28),
    )

    def line(row: Notice) -> dict[str, Any]:
        told = _receipt(row)
        return {
            "organisation": told["organisation"],
            "role": str(told["role"]),
            "read": f"{localtime(row.read_at):%Y-%m-%d %H:%M}" if row.read_at else "",
            "mail": _spoken(told["mail"]),
            "sms": _spoken(told["sms"]),
        }

    name = str(say("消息送达和阅读情况.xlsx"))
    return exports.respond(request, name, columns, _receipts(request, sending), line, subject=sending)


def _spoken(way: dict[str, Any] | None) -> str:
    if way is None:
        return str(say("未选用"))
    return f"{way['word']}（{way['why']}）" if way["why"] else str(way["word"])

"""What this app itself has to say: that what it says does not arrive."""

from __future__ import annotations

from onex.common.actors import Role
from onex.common.text import say
from onex.notices.rules.ways import Pace
from onex.notices.rules.wording import Template

MAIL_FAILED = Template(
    "notices.mail_failed",
    kind=say("平台运行"),
    label=say("邮件或短信发不出去"),
    subject=say("{day}有 {count} 条邮件或短信发送失败"),
    text=say(
        "{day}有 {count} 条邮件或短信多次重试后仍未发出，收件人只在站内看得到。请检查邮件服务器和短信服务的设置，"
        "并在“已发出的消息”里查看是哪些。"
    ),
    placeholders={"day": say("日期"), "count": say("条数")},
    samples={"day": "2026-12-27", "count": "12"},
    audience=(Role.OPERATOR, Role.SYSTEM_ADMIN),
    pace=Pace.INBOX,  # a mail about mail that does not go out would be one more of them
)

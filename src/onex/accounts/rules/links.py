"""Activation links and notices by e-mail: what is traced of them."""

from __future__ import annotations

from onex.common.text import say

# What is traced on the row that asked for the link; a mail server that is down never undoes a decision.
LINK_SENT, LINK_FAILED = "link_sent", "link_failed"
TOLD, TOLD_FAILED = "told", "told_failed"
LINK_ACTS = {
    LINK_SENT: say("发送账号激活链接"),
    LINK_FAILED: say("账号激活链接未能发出"),
    TOLD: say("邮件告知原管理员"),
    TOLD_FAILED: say("未能邮件告知原管理员"),
}

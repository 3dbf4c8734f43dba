"""Who may do what with notices. One's own inbox is everybody's who signed in and needs no permit."""

from onex.common.actors import Role
from onex.common.permits import EVERY, Permit, Reach
from onex.common.text import say

Permit(
    "notices.receipt_see",
    say("查看已发出消息的送达和阅读情况"),
    {
        Role.OPERATOR: EVERY,
        Role.PROVINCE: Reach("sender"),
        Role.CITY: Reach("sender"),
        Role.ORG: Reach("sender"),
        Role.SITE_REVIEWER: Reach("sender"),
        Role.SCHOOL: Reach("sender"),
    },
)
Permit("notices.template_edit", say("修改消息模板"), {Role.OPERATOR: EVERY})

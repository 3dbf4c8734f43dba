"""Who may do what with accounts and organisations."""

from onex.common.actors import Role
from onex.common.permits import EVERY, Permit, Reach
from onex.common.text import say

Permit("accounts.registration_submit", say("提交院校注册"), {Role.SYSTEM: EVERY})
Permit(
    "accounts.registration_review",
    say("审核院校注册"),
    {Role.PROVINCE: Reach("province"), Role.OPERATOR: EVERY},
)

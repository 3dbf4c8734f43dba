"""Who may do what with accounts and organisations."""

from onex.common.actors import Role
from onex.common.permits import EVERY, Permit, Reach
from onex.common.text import say

_SUBMITTED = (("submitted_at__isnull", False),)  # a draft is its school's own business

# An applicant has no account yet: whoever holds the registration's secret address acts through the system's hat.
Permit("accounts.registration_submit", say("提交院校注册"), {Role.SYSTEM: EVERY})
Permit(
    "accounts.registration_see",
    say("查看院校注册"),
    {
        Role.PROVINCE: Reach("province", where=_SUBMITTED),
        Role.OPERATOR: Reach("", where=_SUBMITTED),
        Role.AUDITOR: Reach("", where=_SUBMITTED),
    },
)
Permit(
    "accounts.registration_review",
    say("审核院校注册"),
    {Role.PROVINCE: Reach("province"), Role.OPERATOR: EVERY},
)
Permit(
    "accounts.registration_reveal",
    say("查看院校联系人的完整号码"),
    {Role.PROVINCE: Reach("province", where=_SUBMITTED), Role.OPERATOR: Reach("", where=_SUBMITTED)},
)
Permit("accounts.user_create", say("新建用户"), {Role.SYSTEM: EVERY, Role.OPERATOR: EVERY})
Permit("accounts.hat_give", say("授予身份"), {Role.SYSTEM: EVERY, Role.OPERATOR: EVERY})

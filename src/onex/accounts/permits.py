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
Permit("accounts.user_create", say("新建用户"), {Role.SYSTEM: EVERY, Role.OPERATOR: EVERY})
Permit("accounts.hat_give", say("授予身份"), {Role.SYSTEM: EVERY, Role.OPERATOR: EVERY})

# Who sees to their own people, besides the security administrator.
_OWN_ADMINISTRATORS = (Role.ADMIN, Role.SCHOOL, Role.SITE_MANAGER)
_OWN_PEOPLE = Reach("memberships__organisation", where=(("memberships__is_active", True),))
Permit(
    "accounts.unlock",
    say("解除登录锁定"),
    {Role.SECURITY_ADMIN: EVERY, **dict.fromkeys(_OWN_ADMINISTRATORS, _OWN_PEOPLE)},
)
Permit(
    "accounts.network_manage",
    say("登记网段"),
    {Role.SECURITY_ADMIN: EVERY, **dict.fromkeys(_OWN_ADMINISTRATORS, Reach("organisation"))},
)

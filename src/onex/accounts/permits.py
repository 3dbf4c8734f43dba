"""Who may do what with accounts and organisations."""

from onex.accounts.rules import MANAGED_KINDS
from onex.common.actors import Role
from onex.common.permits import EVERY, PERMITS, Permit, Reach
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
# Installing a platform; everybody else comes by invitation.
Permit("accounts.user_create", say("新建用户"), {Role.SYSTEM: EVERY})
Permit("accounts.hat_give", say("授予身份"), {Role.SYSTEM: EVERY})

# People (organisations' own administrators), asked of the organisation. A site's school looks after the site too.
Permit(
    "accounts.people_manage",
    say("管理机构人员"),
    {
        Role.ADMIN: Reach("pk"),
        Role.SCHOOL: (Reach("pk"), Reach("parent")),
        Role.SITE_MANAGER: Reach("pk"),
        Role.SYSTEM_ADMIN: EVERY,
        Role.SECURITY_ADMIN: Reach("pk"),
    },
)
Permit(
    "accounts.people_see",
    say("查看机构人员"),
    {**PERMITS["accounts.people_manage"].reaches, Role.AUDITOR: EVERY},
)
# Which hats each of them gives and takes is `rules.hats_to_give`. An account as a whole, asked of the person:
Permit(
    "accounts.account_disable",
    say("停用或恢复账号"),
    {Role.SYSTEM_ADMIN: EVERY, Role.SECURITY_ADMIN: Reach("memberships__organisation")},
)

# Organisations
Permit(
    "accounts.organisation_see",
    say("查看机构"),
    dict.fromkeys((Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.OPERATOR, Role.AUDITOR), EVERY),
)
Permit("accounts.organisation_create", say("新建机构"), dict.fromkeys((Role.SYSTEM_ADMIN, Role.OPERATOR), EVERY))
Permit(
    "accounts.organisation_manage",
    say("停用或恢复机构"),
    dict.fromkeys((Role.SYSTEM_ADMIN, Role.OPERATOR), Reach("", where=(("kind__in", MANAGED_KINDS),))),
)
Permit("accounts.school_edit", say("维护本校信息"), {Role.SCHOOL: Reach("pk")})

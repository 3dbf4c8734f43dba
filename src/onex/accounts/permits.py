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
Permit(
    "accounts.registration_reveal",
    say("查看院校联系人的完整号码"),
    {Role.PROVINCE: Reach("province", where=_SUBMITTED), Role.OPERATOR: Reach("", where=_SUBMITTED)},
)
Permit(
    "accounts.institution_reveal",
    say("查看院校档案中联系人的完整号码"),
    {Role.PROVINCE: Reach("province"), Role.OPERATOR: EVERY},
)
Permit(
    "accounts.change_reveal",
    say("查看院校信息变更中新管理员的完整号码"),
    {Role.SCHOOL: Reach("school"), Role.PROVINCE: Reach("school__province"), Role.OPERATOR: EVERY},
)
# A school suspended, its names and its requests: its own province's business, and the operator's who helps out.
Permit(
    "accounts.institution_see",
    say("查看院校档案"),
    {Role.PROVINCE: Reach("province"), Role.OPERATOR: EVERY, Role.AUDITOR: EVERY},
)
Permit("accounts.institution_suspend", say("暂停和恢复院校"), {Role.PROVINCE: Reach("province"), Role.OPERATOR: EVERY})
Permit(
    "accounts.change_see",
    say("查看院校信息变更"),
    {
        Role.SCHOOL: Reach("school"),
        Role.PROVINCE: Reach("school__province"),
        Role.OPERATOR: EVERY,
        Role.AUDITOR: EVERY,
    },
)
Permit("accounts.change_file", say("申请院校信息变更"), {Role.SCHOOL: Reach("organisation")})  # asks the school itself
Permit("accounts.change_amend", say("修改院校信息变更"), {Role.SCHOOL: Reach("school")})
Permit(
    "accounts.change_review",
    say("审核院校信息变更"),
    {Role.PROVINCE: Reach("school__province"), Role.OPERATOR: EVERY},
)
# Opening the activation link is the act; nobody else passes the hat over.
Permit("accounts.change_take_over", say("启用新管理员账号"), {Role.SYSTEM: EVERY})
# Who sees to their own people, besides the security administrator: to those who wear a hat of the organisation now. Who
# has one elsewhere as well is the security administrator's where it matters (a lost factor).
_OWN_ADMINISTRATORS = (Role.ADMIN, Role.SCHOOL, Role.SITE_MANAGER)
_OWN_PEOPLE = Reach("memberships__organisation", where=(("memberships__is_active", True),))
_KEEPERS = {Role.SECURITY_ADMIN: EVERY, **dict.fromkeys(_OWN_ADMINISTRATORS, _OWN_PEOPLE)}
Permit("accounts.session_end", say("结束他人的登录"), _KEEPERS)
Permit("accounts.factor_reset", say("重置第二重验证"), _KEEPERS)
Permit("accounts.unlock", say("解除登录锁定"), _KEEPERS)
Permit(
    "accounts.network_manage",
    say("登记网段"),
    {Role.SECURITY_ADMIN: EVERY, **dict.fromkeys(_OWN_ADMINISTRATORS, Reach("organisation"))},
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
    # The security administrator unlocks and resets people of any organisation and has to find them first.
    {**PERMITS["accounts.people_manage"].reaches, Role.SECURITY_ADMIN: EVERY, Role.AUDITOR: EVERY},
)
# Which hats each of them gives and takes is `rules.hats_to_give`. An account as a whole, asked of the person:
Permit(
    "accounts.account_disable",
    say("停用或恢复账号"),
    {Role.SYSTEM_ADMIN: EVERY, Role.SECURITY_ADMIN: Reach("memberships__organisation")},
)

# Asked of the person. Hats that are worn now: whoever merely invites somebody learns no number of theirs. Students and
# learners are no colleagues: a student's number is the roster's, with a permit of its own.
_AT_WORK = (
    ("memberships__is_active", True),
    ("memberships__role__in", tuple(role.value for role in Role if role not in (Role.STUDENT, Role.LEARNER))),
)
_COLLEAGUES = Reach("memberships__organisation", where=_AT_WORK)
Permit(
    "accounts.user_reveal",
    say("查看机构人员的完整号码"),
    {
        Role.ADMIN: _COLLEAGUES,
        Role.SCHOOL: (_COLLEAGUES, Reach("memberships__organisation__parent", where=_AT_WORK)),
        Role.SITE_MANAGER: _COLLEAGUES,
        Role.SYSTEM_ADMIN: Reach("", where=_AT_WORK),
        Role.SECURITY_ADMIN: _COLLEAGUES,
    },
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

"""Who may do what with exam sites: the school files, the addressed organisation decides, authorities look."""

from onex.common.actors import Role
from onex.common.permits import EVERY, Permit, Reach
from onex.common.text import say
from onex.venues.rules import FILED

_FILED = (("state__in", FILED),)

Permit("venues.application_create", say("申报考核站点"), {Role.SCHOOL: Reach("pk")})  # asked of the school itself
Permit("venues.application_file", say("填报考核站点申请"), {Role.SCHOOL: Reach("school")})
Permit(
    "venues.application_see",
    say("查看考核站点申请"),
    {
        Role.SCHOOL: Reach("school"),
        Role.ORG: Reach("organisation", where=_FILED),
        Role.SITE_REVIEWER: Reach("organisation", where=_FILED),
        Role.PROVINCE: Reach("school__province", where=_FILED),
        Role.OPERATOR: Reach("", where=_FILED),
        Role.AUDITOR: Reach("", where=_FILED),
    },
)
Permit(
    "venues.application_review",
    say("审核考核站点申请"),
    {Role.ORG: Reach("organisation"), Role.SITE_REVIEWER: Reach("organisation")},
)
_CONTACT = {
    Role.SCHOOL: Reach("school"),
    Role.ORG: Reach("organisation"),
    Role.SITE_REVIEWER: Reach("organisation"),
    Role.PROVINCE: Reach("school__province"),
    Role.OPERATOR: EVERY,
}
Permit(
    "venues.application_reveal",
    say("查看考核站点申请联系人的完整号码"),
    {role: Reach(reach.path, where=() if role == Role.SCHOOL else _FILED) for role, reach in _CONTACT.items()},
)
Permit("venues.site_reveal", say("查看考核站点联系人的完整号码"), _CONTACT)
Permit(
    "venues.site_see",
    say("查看考核站点"),
    {
        Role.SCHOOL: Reach("school"),
        Role.REGISTRAR: Reach("school"),
        Role.SITE_MANAGER: Reach("unit"),
        Role.SITE_INVIGILATOR: Reach("unit"),
        Role.TECH: Reach("unit"),
        Role.ORG: Reach("organisation"),
        Role.SITE_REVIEWER: Reach("organisation"),
        Role.PROVINCE: Reach("school__province"),
        Role.OPERATOR: EVERY,
        Role.AUDITOR: EVERY,
    },
)
Permit("venues.site_manage", say("停用、恢复、年度确认或撤销考核站点"), {Role.ORG: Reach("organisation")})
Permit("venues.site_expire", say("考核站点到期"), {Role.SYSTEM: EVERY})

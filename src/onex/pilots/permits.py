"""Who may do what: the province opens and decides, the school files, the city looks first."""

from onex.common.actors import Role
from onex.common.permits import EVERY, Permit, Reach
from onex.common.text import say
from onex.pilots.rules import GRANTED, PlanState

_PUBLIC = (("state__in", (PlanState.PUBLISHED, PlanState.CANCELLED)),)
_FILED = (("submitted_at__isnull", False),)  # a draft is its school's own business
_GRANTED = (("state__in", GRANTED),)
_CITY_LOOKS = (*_FILED, ("plan__requires_city_approval", True))

Permit("pilots.plan_create", say("新建证书申报计划"), {Role.PROVINCE: Reach("pk")})  # asked of the province itself
Permit("pilots.plan_manage", say("管理证书申报计划"), {Role.PROVINCE: Reach("province")})
Permit(
    "pilots.plan_see",
    say("查看证书申报计划"),
    {
        Role.PROVINCE: Reach("province"),
        Role.CITY: Reach("province__cities", where=_PUBLIC),
        Role.SCHOOL: Reach("province__schools", where=_PUBLIC),
        Role.ORG: Reach("", where=_PUBLIC),
        Role.OPERATOR: EVERY,
        Role.AUDITOR: EVERY,
    },
)
# Asked of the plan: a school files under its own province's published plans only.
Permit(
    "pilots.application_create",
    say("申报证书试点"),
    {Role.SCHOOL: Reach("province__schools", where=(("state", PlanState.PUBLISHED),))},
)
Permit("pilots.application_file", say("填报证书试点申报"), {Role.SCHOOL: Reach("school")})
_OVERSEEN = {
    Role.CITY: Reach("school__city", where=_CITY_LOOKS),
    Role.PROVINCE: Reach("plan__province", where=_FILED),
    # An organisation decides nothing here; it sees who may train for its own certificates, and how many.
    Role.ORG: Reach("level__certificate__issuer", where=_GRANTED),
    Role.OPERATOR: Reach("", where=_FILED),
    Role.AUDITOR: Reach("", where=_FILED),
}
Permit("pilots.application_see", say("查看证书试点申报"), {Role.SCHOOL: Reach("school"), **_OVERSEEN})
Permit("pilots.oversight", say("查看试点申报统计"), _OVERSEEN)  # what one may see, added up
# What was granted and used, for whoever grants, uses or answers for it.
Permit(
    "pilots.places_see",
    say("查看名额台账"),
    {
        Role.SCHOOL: Reach("school", where=_GRANTED),
        # Also of plans that do not ask it: what its schools were granted stands in the approval lists it may read.
        Role.CITY: Reach("school__city", where=_GRANTED),
        Role.PROVINCE: Reach("plan__province", where=_FILED),
        Role.ORG: Reach("level__certificate__issuer", where=_GRANTED),
        Role.OPERATOR: Reach("", where=_FILED),
        Role.AUDITOR: Reach("", where=_FILED),
    },
)
Permit(
    "pilots.places_check",
    say("核对名额"),
    {
        Role.PROVINCE: Reach("plan__province", where=_FILED),
        Role.OPERATOR: Reach("", where=_FILED),
        Role.AUDITOR: Reach("", where=_FILED),
    },
)
Permit("pilots.places_adjust", say("调整批准人数"), {Role.PROVINCE: Reach("plan__province", where=_FILED)})
Permit("pilots.review_city", say("地市审核证书试点申报"), {Role.CITY: Reach("school__city")})
Permit("pilots.review", say("省级审核证书试点申报"), {Role.PROVINCE: Reach("plan__province")})
# The workbench of whoever decides, and who of them has which application in hand.
_REVIEWED = {Role.CITY: Reach("school__city", where=_CITY_LOOKS), Role.PROVINCE: Reach("plan__province", where=_FILED)}
Permit("pilots.queue_see", say("查看审核工作台"), _REVIEWED)
Permit("pilots.assign", say("分派审核"), _REVIEWED)
Permit("pilots.signals_manage", say("设置审核提示权重"), {Role.PROVINCE: Reach("pk")})  # asked of the province itself
Permit("pilots.list_issue", say("制发批准名单"), {Role.PROVINCE: Reach("province")})  # asked of the plan
Permit(
    "pilots.list_see",
    say("查看批准名单"),
    {
        Role.PROVINCE: Reach("plan__province"),
        Role.CITY: Reach("plan__province__cities"),
        Role.SCHOOL: Reach("plan__province__schools"),
        Role.OPERATOR: EVERY,
        Role.AUDITOR: EVERY,
    },
)
Permit(
    "pilots.decide_many",
    say("批量办理证书试点申报"),
    {Role.CITY: Reach("organisation"), Role.PROVINCE: Reach("organisation")},
)
Permit("pilots.expire", say("名额到期失效"), {Role.SYSTEM: EVERY})

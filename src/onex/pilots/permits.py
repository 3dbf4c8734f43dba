"""Who may do what: the province opens and decides, the school files, the city looks first."""

from onex.common.actors import Role
from onex.common.permits import EVERY, Permit, Reach
from onex.common.text import say
from onex.pilots.rules import ApplicationState, PlanState

_PUBLIC = (("state__in", (PlanState.PUBLISHED, PlanState.CANCELLED)),)
_FILED = (("submitted_at__isnull", False),)  # a draft is its school's own business
_APPROVED = (("state", ApplicationState.APPROVED),)
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
Permit(
    "pilots.application_see",
    say("查看证书试点申报"),
    {
        Role.SCHOOL: Reach("school"),
        Role.CITY: Reach("school__city", where=_CITY_LOOKS),
        Role.PROVINCE: Reach("plan__province", where=_FILED),
        # An organisation decides nothing here; it sees who may train for its own certificates, and how many.
        Role.ORG: Reach("level__certificate__issuer", where=_APPROVED),
        Role.OPERATOR: Reach("", where=_FILED),
        Role.AUDITOR: Reach("", where=_FILED),
    },
)
Permit("pilots.review_city", say("地市审核证书试点申报"), {Role.CITY: Reach("school__city")})
Permit("pilots.review", say("省级审核证书试点申报"), {Role.PROVINCE: Reach("plan__province")})

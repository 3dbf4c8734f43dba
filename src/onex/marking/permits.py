"""Who may do what in marking: the organisation collects and watches, its assessors mark without knowing whom."""

from onex.common.actors import Role
from onex.common.permits import EVERY, Permit, Reach
from onex.common.text import say

OWN = Reach("session__plan_level__plan__organisation")
JOB_OWN = Reach("script__session__plan_level__plan__organisation")

Permit("marking.collect", say("收卷"), {Role.ORG: Reach("plan_level__plan__organisation"), Role.SYSTEM: EVERY})
Permit("marking.progress", say("推进评分"), {Role.ORG: OWN, Role.ASSESSOR: OWN, Role.SYSTEM: EVERY})
Permit("marking.mark", say("评分"), {Role.ASSESSOR: JOB_OWN})

"""Who keeps which majors belong to a level: the organisation that issues the certificate, and nobody else."""

from onex.common.actors import Role
from onex.common.permits import EVERY, Permit, Reach
from onex.common.text import say

_OWN = Reach("certificate__issuer")

Permit("catalog.majors_see", say("查看对应专业"), {Role.ORG: _OWN, Role.OPERATOR: EVERY, Role.AUDITOR: EVERY})
Permit("catalog.majors_edit", say("维护对应专业"), {Role.ORG: _OWN})

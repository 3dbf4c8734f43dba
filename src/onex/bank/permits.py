"""Who may see and make items and papers: three hats of the organisation that never sit on one head, nobody else."""

from onex.common.actors import Role
from onex.common.permits import Permit, Reach
from onex.common.text import say

OWN = Reach("organisation")

Permit("bank.see", say("查看题库与试卷"), {Role.AUTHOR: OWN, Role.REVIEWER: OWN, Role.ASSEMBLER: OWN})
Permit("bank.write", say("导入和修改试题"), {Role.AUTHOR: OWN})
Permit("bank.assemble", say("组卷与封卷"), {Role.ASSEMBLER: OWN})

"""Who may see and make items and papers: authors of the organisation they belong to, nobody else."""

from onex.common.actors import Role
from onex.common.permits import Permit, Reach
from onex.common.text import say

OWN = Reach("organisation")

Permit("bank.see", say("查看题库与试卷"), {Role.AUTHOR: OWN})
Permit("bank.write", say("导入和修改试题"), {Role.AUTHOR: OWN})
Permit("bank.assemble", say("组卷与封卷"), {Role.AUTHOR: OWN})

"""院校: open, or suspended by its province with a reason; while suspended nobody of it gets in."""

from __future__ import annotations

from enum import StrEnum

from onex.common.text import say
from onex.common.workflow import Move, Workflow


class SchoolState(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"


SCHOOL = Workflow(
    "accounts.school",
    SchoolState.ACTIVE,
    #    move       from                       to                     permit
    Move(
        "suspend",
        (SchoolState.ACTIVE,),
        SchoolState.SUSPENDED,
        "accounts.institution_suspend",
        label=say("暂停"),
        needs_note=True,
        is_grave=True,
    ),
    Move(
        "restore",
        (SchoolState.SUSPENDED,),
        SchoolState.ACTIVE,
        "accounts.institution_suspend",
        label=say("恢复"),
        needs_note=True,
    ),
    label=say("院校"),
    labels={SchoolState.ACTIVE: say("正常"), SchoolState.SUSPENDED: say("已暂停")},
    tones={SchoolState.ACTIVE: "good", SchoolState.SUSPENDED: "bad"},
    acts={"rename": say("变更校名")},
)

"""What waits of a school's own record: changes that its province has to decide, and those that came back to it."""

from __future__ import annotations

from onex.accounts import queries as accounts
from onex.accounts.models import InstitutionChange
from onex.accounts.rules import CHANGE_KIND_LABELS, ChangeKind, ChangeState
from onex.common.actors import Actor
from onex.common.text import say
from onex.portal.queries.desk.parts import more, some
from onex.portal.rules import Task


def changes_waiting(actor: Actor) -> list[Task]:
    """For whoever reviews: names, administrators and lost accounts, the longest waiting first."""
    rows = accounts.changes_seen_by(actor).filter(state=ChangeState.SUBMITTED).order_by("submitted_at")
    rest = more(say("待审核的院校信息变更"), "accounts:change-list", f"?state={ChangeState.SUBMITTED}")
    return some(rows, _to_review, rest)


def _to_review(row: InstitutionChange) -> Task:
    return Task(
        say("审核{kind}：{school}", kind=CHANGE_KIND_LABELS[ChangeKind(row.kind)], school=row.school.name),
        say("审核"),
        "accounts:change-detail",
        (row.pk,),
        since=row.submitted_at,
    )


def changes_returned(actor: Actor) -> list[Task]:
    """For the school: what the province gave back; at most one of each kind."""
    return [
        Task(
            say("修改并重新提交：{kind}", kind=CHANGE_KIND_LABELS[ChangeKind(row.kind)]),
            say("去修改"),
            "accounts:change-edit",
            (row.pk,),
            since=row.submitted_at,
        )
        for row in accounts.changes_seen_by(actor).filter(state=ChangeState.RETURNED)
    ]

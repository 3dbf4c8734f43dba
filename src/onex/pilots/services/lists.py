"""批准名单: frozen under its document number as it is printed."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError

from onex.common import moves, pdf, tx
from onex.common.actors import Actor
from onex.common.permits import demand
from onex.common.text import Refused, say
from onex.pilots import queries
from onex.pilots.models import ApprovalList, PilotPlan


def issue_list(
    plan: PilotPlan,
    *,
    document_no: str,
    title: str,
    issued_on: date,
    only_new: bool,
    by: Actor,
    at: datetime,
) -> ApprovalList:
    """Freeze the approvals of a plan, all or those no earlier list has, under a document number.

    Raises Refused when there is nothing to publish, the number was used, or a character cannot be printed.
    """
    demand("pilots.list_issue", by, plan)
    try:
        with tx.write():
            plan = moves.lock(plan)  # no approval is added or taken back while the list is made
            lines = queries.lines_to_publish(plan, only_new=only_new)
            if not lines:
                raise Refused(
                    say("以前的名单之后没有新的批准，无需再制发。") if only_new else say("该计划还没有审核通过的申报。")
                )
            pdf.demand_glyphs("".join([document_no, title, *(line["school"] + line["certificate"] for line in lines)]))
            made = ApprovalList.objects.create(
                plan=plan,
                document_no=document_no.strip(),
                title=title.strip(),
                issued_on=issued_on,
                lines=lines,
                actor_id=by.user_id,
                actor_label=by.label[:200],
                at=at,
            )
            told = {"document_no": made.document_no, "count": len(lines), "list": str(made.pk)}
            moves.leave_trace(made, "issue_list", by=by, at=at, data=told)
            moves.leave_trace(plan, "issue_list", by=by, at=at, note=f"{made.document_no} {made.title}", data=told)
    except IntegrityError as clash:
        raise Refused(say("文号“{number}”在本计划下已经用过，请核对。", number=document_no.strip())) from clash
    return made


def note_print(row: ApprovalList, *, by: Actor, at: datetime) -> None:
    """Trace that a list was printed."""
    with tx.write():
        moves.leave_trace(row, "print", by=by, at=at)

"""The workflow and permit tables as documents people read: diagrams and one matrix. Shown in the source language."""

from __future__ import annotations

from django.utils.translation import override

from onex.common.actors import Role
from onex.common.permits import EVERY, PERMITS, Reach
from onex.common.workflow import FLOWS, Workflow


def flows() -> str:
    """docs/flows.md: each workflow as a Mermaid diagram and its table."""
    with override("zh-hans"):
        parts = ["# Workflows\n\nGenerated from `rules.py` of each app by `./onex manage docs`; do not edit.\n"]
        parts += [_flow(FLOWS[code]) for code in sorted(FLOWS)]
        return "\n".join(parts)


def _flow(flow: Workflow) -> str:
    lines = [f"## {flow.label} `{flow.code}`\n", "```mermaid", "stateDiagram-v2"]
    lines += [f"    {state.value}: {flow.word(state)}" for state in flow.states]
    lines.append(f"    [*] --> {flow.initial.value}")
    lines += [
        f"    {source.value} --> {step.target.value}: {step.label}" for step in flow.moves for source in step.sources
    ]
    lines += ["```\n", "| move | 从 | 到 | permit | 须写明理由 |", "|---|---|---|---|---|"]
    for step in flow.moves:
        sources = "、".join(str(flow.word(source)) for source in step.sources)
        note = "是" if step.needs_note else ""
        lines.append(
            f"| {step.label} `{step.name}` | {sources} | {flow.word(step.target)} | `{step.permit}` | {note} |"
        )
    return "\n".join(lines) + "\n"


def permits() -> str:
    """docs/permits.md: action × role, each cell the reach."""
    with override("zh-hans"):
        given = dict.fromkeys(role for permit in PERMITS.values() for role in permit.reaches)
        # The centre's roles in their order, then those of the exam room.
        roles = [*(role for role in Role if role in given), *(role for role in given if not isinstance(role, Role))]
        head = "| action | " + " | ".join(str(role.label) for role in roles) + " |"
        lines = [
            "# Permits\n\nGenerated from `permits.py` of each app by `./onex manage docs`; do not edit.",
            "A cell is the path from the row to the actor's organisation (`全部` = every row, `本人` = the person).\n",
            head,
            "|---" * (len(roles) + 1) + "|",
        ]
        for code in sorted(PERMITS):
            cells = " | ".join(_cell(PERMITS[code].reaches.get(role)) for role in roles)
            lines.append(f"| {PERMITS[code].label} `{code}` | {cells} |")
        return "\n".join(lines) + "\n"


def _cell(reaches: Reach | tuple[Reach, ...] | None) -> str:
    if reaches is None:
        return ""
    several = reaches if isinstance(reaches, tuple) else (reaches,)
    return "、".join("全部" if r == EVERY else f"`{r.path}`" + ("（本人）" if r.to == "user" else "") for r in several)

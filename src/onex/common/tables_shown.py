"""The workflow and permit tables as documents people read: diagrams and one matrix. Shown in the source language."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import override

from onex.common.actors import Role
from onex.common.limits import DOORS, Limit
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


# Whose tries one count adds up; the table of limits says it once.
PER = {
    "account": "one account",
    "address": "one address (IPv4, or an IPv6 /64)",
    "site": "one address inside a range that a school or an exam site registered",
    "target": "one phone, certificate number, slip or other thing that is asked about",
    "pair": "one account from one address",
    "captcha": "one picture",
    "token": "one API token",
}
FOR_EVER = 1_000_000  # a limit that is never reached: the door only counts


def limits() -> str:
    """docs/limits.md: how often each door may be tried, and how long a sign-in lasts."""
    with override("zh-hans"):
        lines = [
            "# Limits\n\nGenerated from each app's `Door`s and the settings by `./onex manage docs`; do not edit.",
            "Beyond a limit the answer is 429 with `Retry-After` and a sentence; why so many: docs/decisions/0102.\n",
            "| door | limits |",
            "|---|---|",
        ]
        for code in sorted(DOORS):
            if not code.startswith("test."):
                told = "; ".join(_limit(one) for one in DOORS[code].limits)
                lines.append(f"| {DOORS[code].label} `{code}` | {told} |")
        lines += ["\n## What is counted together\n", "| word | counts |", "|---|---|"]
        lines += [f"| {word} | {told} |" for word, told in PER.items()]
        lines += ["\n## Sign-ins\n", "| who | without a click | in all |", "|---|---|---|"]
        lines += [
            f"| {who} | {_time(idle)} | {_time(whole)} |" for who, (idle, whole) in settings.SESSION_LIMITS.items()
        ]
        return "\n".join(lines) + "\n"


def _limit(limit: Limit) -> str:
    most = "counted only" if limit.most >= FOR_EVER else f"{limit.most:,}"
    return f"{most} in {_time(limit.seconds)} per {limit.per}"


def _time(seconds: int) -> str:
    for unit, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds % unit == 0:
            n = seconds // unit
            return f"{n} {name}" + ("s" if n > 1 else "")
    return f"{seconds} seconds"

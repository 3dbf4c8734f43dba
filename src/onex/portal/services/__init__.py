"""What the portal changes: requests of people about their data, and what goes when its time is over."""

from onex.portal.services.retention import RULES, Due, Rule, due, sweep_retention
from onex.portal.services.rights import (
    carry_out,
    data_of,
    file_erasure,
    file_own_erasure,
    move_erasure,
    note_export,
)

__all__ = [
    "RULES",
    "Due",
    "Rule",
    "carry_out",
    "data_of",
    "due",
    "file_erasure",
    "file_own_erasure",
    "move_erasure",
    "note_export",
    "sweep_retention",
]

"""What is allowed in registration: sittings (plans), entries, rosters. One file for each noun."""

from onex.registration.rules.entries import (
    ENTRY_FLOW,
    LIVE,
    EntryFacts,
    EntryState,
    OfferFacts,
    OtherEntry,
    problems_on_entry,
)
from onex.registration.rules.plans import LEVEL_FLOW, PlanLevelState, Window
from onex.registration.rules.rescheduling import NewTimes, RescheduleEffect, problems_on_reschedule
from onex.registration.rules.roster import ROSTER_FLOW, RosterState

__all__ = [
    "ENTRY_FLOW",
    "LEVEL_FLOW",
    "LIVE",
    "ROSTER_FLOW",
    "EntryFacts",
    "EntryState",
    "NewTimes",
    "OfferFacts",
    "OtherEntry",
    "PlanLevelState",
    "RescheduleEffect",
    "RosterState",
    "Window",
    "problems_on_entry",
    "problems_on_reschedule",
]

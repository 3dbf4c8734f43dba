"""Everything that changes plans, applications and places."""

from onex.pilots.services.adjusting import AdjustEffect, adjust_places, rehearse_adjust
from onex.pilots.services.applications import (
    ApplicationInput,
    ChangedMeanwhile,
    Locked,
    add_material,
    create_application,
    discard_draft,
    remove_material,
    update_application,
)
from onex.pilots.services.batches import change_batch, confirm_batch, drop_batch, preview_sheet, preview_ticked
from onex.pilots.services.expiring import expire_places
from onex.pilots.services.lists import issue_list, note_print
from onex.pilots.services.moving import Stale, move_application
from onex.pilots.services.places import release_places, take_places
from onex.pilots.services.plans import PlanInput, copy_plan, create_plan, move_plan, update_plan
from onex.pilots.services.reminders import remind_of_correction, remind_of_draft, remind_reviewers
from onex.pilots.services.review import assign_applications, reset_weights, set_weights, take_application
from onex.pilots.services.rosters import count_roster
from onex.pilots.services.several import LevelInput, LevelKept, keep_levels

__all__ = [
    "AdjustEffect",
    "ApplicationInput",
    "ChangedMeanwhile",
    "LevelInput",
    "LevelKept",
    "Locked",
    "PlanInput",
    "Stale",
    "add_material",
    "adjust_places",
    "assign_applications",
    "change_batch",
    "confirm_batch",
    "copy_plan",
    "count_roster",
    "create_application",
    "create_plan",
    "discard_draft",
    "drop_batch",
    "expire_places",
    "issue_list",
    "keep_levels",
    "move_application",
    "move_plan",
    "note_print",
    "preview_sheet",
    "preview_ticked",
    "rehearse_adjust",
    "release_places",
    "remind_of_correction",
    "remind_of_draft",
    "remind_reviewers",
    "remove_material",
    "reset_weights",
    "set_weights",
    "take_application",
    "take_places",
    "update_application",
    "update_plan",
]

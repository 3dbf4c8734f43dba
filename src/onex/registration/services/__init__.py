"""Everything that changes sittings, rosters, entries and what people hold."""

from onex.registration.services.accounts import (
    Guardian,
    Slip,
    activate,
    disable_account,
    enable_account,
    issue_slips,
    look_at_slip,
    revoke_slip,
)
from onex.registration.services.counts import repair_counts
from onex.registration.services.entries import NotEligible, accept_entries, move_entry, register
from onex.registration.services.erasing import discard_old_previews, drop_unused_students, erase_student
from onex.registration.services.holdings import drop_held, record_held
from onex.registration.services.photo_zips import discard_photos, keep_photos, preview_photos
from onex.registration.services.photos import note_photo, remove_photo, set_photo
from onex.registration.services.places import check_places
from onex.registration.services.plans import PlanInput, move_plan_level, open_plan, update_plan
from onex.registration.services.rescheduling import reschedule_plan
from onex.registration.services.rosters import discard_import, import_students, preview_students, remove_student

__all__ = [
    "Guardian",
    "NotEligible",
    "PlanInput",
    "Slip",
    "accept_entries",
    "activate",
    "check_places",
    "disable_account",
    "discard_import",
    "discard_old_previews",
    "discard_photos",
    "drop_held",
    "drop_unused_students",
    "enable_account",
    "erase_student",
    "import_students",
    "issue_slips",
    "keep_photos",
    "look_at_slip",
    "move_entry",
    "move_plan_level",
    "note_photo",
    "open_plan",
    "preview_photos",
    "preview_students",
    "record_held",
    "register",
    "remove_photo",
    "remove_student",
    "repair_counts",
    "reschedule_plan",
    "revoke_slip",
    "set_photo",
    "update_plan",
]

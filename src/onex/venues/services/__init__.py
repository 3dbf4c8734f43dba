"""Named writes of exam sites: the application, and what becomes of the site year by year."""

from onex.venues.services.applications import (
    ApplicationInput,
    attach_file,
    create_application,
    create_change,
    move_application,
    note_print,
    remove_file,
    update_application,
)
from onex.venues.services.sites import expire_sites, move_site, remind_of_sites

__all__ = [
    "ApplicationInput",
    "attach_file",
    "create_application",
    "create_change",
    "expire_sites",
    "move_application",
    "move_site",
    "note_print",
    "remind_of_sites",
    "remove_file",
    "update_application",
]

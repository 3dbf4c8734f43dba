"""Everything that changes plans, applications and places."""

from onex.pilots.services.applications import (
    ApplicationInput,
    add_material,
    create_application,
    move_application,
    remove_material,
    update_application,
)
from onex.pilots.services.places import release_places, take_places
from onex.pilots.services.plans import PlanInput, create_plan, move_plan, update_plan

__all__ = [
    "ApplicationInput",
    "PlanInput",
    "add_material",
    "create_application",
    "create_plan",
    "move_application",
    "move_plan",
    "release_places",
    "remove_material",
    "take_places",
    "update_application",
    "update_plan",
]

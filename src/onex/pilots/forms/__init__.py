"""What a province writes into a plan, its lists and the number it granted, and a school into an application."""

from onex.pilots.forms.applications import (
    ApplicationForm,
    ConditionsForm,
    initial_of_application,
    initial_of_start,
)
from onex.pilots.forms.lists import ApprovalListForm
from onex.pilots.forms.places import AdjustForm
from onex.pilots.forms.plans import PlanForm, initial_of_plan
from onex.pilots.forms.several import LineForm, SeveralForm

__all__ = [
    "AdjustForm",
    "ApplicationForm",
    "ApprovalListForm",
    "ConditionsForm",
    "LineForm",
    "PlanForm",
    "SeveralForm",
    "initial_of_application",
    "initial_of_plan",
    "initial_of_start",
]

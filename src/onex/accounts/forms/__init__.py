"""What people type: at the door, when a school registers, about an organisation and its people."""

from onex.accounts.forms.organisations import (
    CityForm,
    DepartmentForm,
    EvaluationOrgForm,
    MajorForm,
    SchoolForm,
)
from onex.accounts.forms.people import BulkForm, ExistingForm, HatsForm, InviteForm, ResendForm
from onex.accounts.forms.registration import RegistrationForm, SignInForm, initial_of

__all__ = [
    "BulkForm",
    "CityForm",
    "DepartmentForm",
    "EvaluationOrgForm",
    "ExistingForm",
    "HatsForm",
    "InviteForm",
    "MajorForm",
    "RegistrationForm",
    "ResendForm",
    "SchoolForm",
    "SignInForm",
    "initial_of",
]

"""What people type: at the door, when a school registers or changes, about an organisation and its people."""

from onex.accounts.forms.changes import AdministratorChangeForm, NameChangeForm, RecoveryForm
from onex.accounts.forms.door import (
    AccountForm,
    ActivateForm,
    CodeForm,
    LearnerForm,
    NetworkForm,
    PasswordChangeForm,
    PhoneForm,
    SignInCodeForm,
    SignInForm,
)
from onex.accounts.forms.organisations import (
    CityForm,
    DepartmentForm,
    EvaluationOrgForm,
    SchoolForm,
)
from onex.accounts.forms.people import BulkForm, ExistingForm, HatsForm, InviteForm, ResendForm
from onex.accounts.forms.registration import RegistrationForm, initial_of

__all__ = [
    "AccountForm",
    "ActivateForm",
    "AdministratorChangeForm",
    "BulkForm",
    "CityForm",
    "CodeForm",
    "DepartmentForm",
    "EvaluationOrgForm",
    "ExistingForm",
    "HatsForm",
    "InviteForm",
    "LearnerForm",
    "NameChangeForm",
    "NetworkForm",
    "PasswordChangeForm",
    "PhoneForm",
    "RecoveryForm",
    "RegistrationForm",
    "ResendForm",
    "SchoolForm",
    "SignInCodeForm",
    "SignInForm",
    "initial_of",
]

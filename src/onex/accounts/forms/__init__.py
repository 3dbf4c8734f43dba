"""What people type: at the door, when a school registers, when it asks for a change."""

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
from onex.accounts.forms.registration import RegistrationForm, initial_of

__all__ = [
    "AccountForm",
    "ActivateForm",
    "AdministratorChangeForm",
    "CodeForm",
    "LearnerForm",
    "NameChangeForm",
    "NetworkForm",
    "PasswordChangeForm",
    "PhoneForm",
    "RecoveryForm",
    "RegistrationForm",
    "SignInCodeForm",
    "SignInForm",
    "initial_of",
]

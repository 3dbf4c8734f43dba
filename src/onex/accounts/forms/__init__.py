"""What people type: at the door, and when a school registers."""

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
    "CodeForm",
    "LearnerForm",
    "NetworkForm",
    "PasswordChangeForm",
    "PhoneForm",
    "RegistrationForm",
    "SignInCodeForm",
    "SignInForm",
    "initial_of",
]

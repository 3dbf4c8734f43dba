"""What people type: at the door, when a school registers, when it asks for a change."""

from onex.accounts.forms.activation import ActivationForm
from onex.accounts.forms.changes import AdministratorChangeForm, NameChangeForm, RecoveryForm
from onex.accounts.forms.door import SignInForm
from onex.accounts.forms.registration import RegistrationForm, initial_of

__all__ = [
    "ActivationForm",
    "AdministratorChangeForm",
    "NameChangeForm",
    "RecoveryForm",
    "RegistrationForm",
    "SignInForm",
    "initial_of",
]

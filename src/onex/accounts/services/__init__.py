"""Everything that changes people, hats, organisations and registrations."""

from onex.accounts.services.codes import (
    proves_by_code,
    redeem_code,
    send_phone_code,
    send_reset,
    send_sign_in_code,
)
from onex.accounts.services.door import LockedOut, counted_account, is_own_password, prove, spot_of, unlock_account
from onex.accounts.services.links import activation_url, reset_url, sign_in_url
from onex.accounts.services.networks import add_network, remove_network
from onex.accounts.services.organisations import (
    CityRow,
    ProvinceRow,
    ensure_evaluation_org,
    ensure_operator,
    load_provinces,
)
from onex.accounts.services.passwords import must_renew, password_help, profile, refuse_weak, set_password
from onex.accounts.services.people import create_user, give_hat
from onex.accounts.services.recovery import register_learner, reset_by_code, set_password_by_token, token_of
from onex.accounts.services.registrations import (
    RegistrationInput,
    move_registration,
    registration_facts,
    save_registration,
)
from onex.accounts.services.tokens import issue_token, look_at_token, redeem_token, spoken_code

__all__ = [
    "CityRow",
    "LockedOut",
    "ProvinceRow",
    "RegistrationInput",
    "activation_url",
    "add_network",
    "counted_account",
    "create_user",
    "ensure_evaluation_org",
    "ensure_operator",
    "give_hat",
    "is_own_password",
    "issue_token",
    "load_provinces",
    "look_at_token",
    "move_registration",
    "must_renew",
    "password_help",
    "profile",
    "prove",
    "proves_by_code",
    "redeem_code",
    "redeem_token",
    "refuse_weak",
    "register_learner",
    "registration_facts",
    "remove_network",
    "reset_by_code",
    "reset_url",
    "save_registration",
    "send_phone_code",
    "send_reset",
    "send_sign_in_code",
    "set_password",
    "set_password_by_token",
    "sign_in_url",
    "spoken_code",
    "spot_of",
    "token_of",
    "unlock_account",
]

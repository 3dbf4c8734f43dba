"""Everything that changes people, hats, organisations and registrations."""

from onex.accounts.services.factors import FACTOR_DOOR, reset_second_factor
from onex.accounts.services.organisations import (
    CityRow,
    ProvinceRow,
    ensure_evaluation_org,
    ensure_operator,
    load_provinces,
)
from onex.accounts.services.people import create_user, give_hat
from onex.accounts.services.registrations import (
    RegistrationInput,
    move_registration,
    registration_facts,
    save_registration,
)
from onex.accounts.services.sessions import end_sessions, sweep_sign_ins
from onex.accounts.services.tokens import issue_token, look_at_token, redeem_token, spoken_code

__all__ = [
    "FACTOR_DOOR",
    "CityRow",
    "ProvinceRow",
    "RegistrationInput",
    "create_user",
    "end_sessions",
    "ensure_evaluation_org",
    "ensure_operator",
    "give_hat",
    "issue_token",
    "load_provinces",
    "look_at_token",
    "move_registration",
    "redeem_token",
    "registration_facts",
    "reset_second_factor",
    "save_registration",
    "spoken_code",
    "sweep_sign_ins",
]

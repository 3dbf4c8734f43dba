"""Everything that changes people, hats, organisations and registrations."""

from onex.accounts.services.erasing import drop_registrations, drop_tokens, erase_account
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
from onex.accounts.services.tokens import issue_token, look_at_token, redeem_token, spoken_code

__all__ = [
    "CityRow",
    "ProvinceRow",
    "RegistrationInput",
    "create_user",
    "drop_registrations",
    "drop_tokens",
    "ensure_evaluation_org",
    "ensure_operator",
    "erase_account",
    "give_hat",
    "issue_token",
    "load_provinces",
    "look_at_token",
    "move_registration",
    "redeem_token",
    "registration_facts",
    "save_registration",
    "spoken_code",
]

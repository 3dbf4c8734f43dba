"""Everything that changes people, hats, organisations and registrations."""

from onex.accounts.services.organisations import (
    CityRow,
    ProvinceRow,
    ensure_evaluation_org,
    ensure_operator,
    load_provinces,
    open_site_unit,
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
    "ensure_evaluation_org",
    "ensure_operator",
    "give_hat",
    "issue_token",
    "load_provinces",
    "look_at_token",
    "move_registration",
    "open_site_unit",
    "redeem_token",
    "registration_facts",
    "save_registration",
    "spoken_code",
]

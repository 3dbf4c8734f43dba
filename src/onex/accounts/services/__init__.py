"""Everything that changes people, hats, organisations and registrations."""

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
from onex.accounts.services.tokens import (
    end_tokens,
    issue_token,
    issue_tokens,
    look_at_token,
    redeem_token,
    spoken_code,
    use_up,
)

__all__ = [
    "CityRow",
    "ProvinceRow",
    "RegistrationInput",
    "create_user",
    "end_tokens",
    "ensure_evaluation_org",
    "ensure_operator",
    "give_hat",
    "issue_token",
    "issue_tokens",
    "load_provinces",
    "look_at_token",
    "move_registration",
    "redeem_token",
    "registration_facts",
    "save_registration",
    "spoken_code",
    "use_up",
]

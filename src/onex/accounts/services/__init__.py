"""Everything that changes people, hats, organisations and registrations."""

from onex.accounts.services.activation import activate
from onex.accounts.services.changes import (
    ChangeInput,
    amend_change,
    ask_for_recovery,
    file_change,
    move_change,
    send_change_link_again,
)
from onex.accounts.services.factors import FACTOR_DOOR, reset_second_factor
from onex.accounts.services.links import activation_url
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
    ask_for_link,
    move_registration,
    registration_facts,
    save_registration,
    send_link_again,
)
from onex.accounts.services.schools import move_school
from onex.accounts.services.sessions import end_sessions, sweep_sign_ins
from onex.accounts.services.tokens import issue_token, look_at_token, redeem_token, spoken_code

__all__ = [
    "FACTOR_DOOR",
    "ChangeInput",
    "CityRow",
    "ProvinceRow",
    "RegistrationInput",
    "activate",
    "activation_url",
    "amend_change",
    "ask_for_link",
    "ask_for_recovery",
    "create_user",
    "end_sessions",
    "ensure_evaluation_org",
    "ensure_operator",
    "file_change",
    "give_hat",
    "issue_token",
    "load_provinces",
    "look_at_token",
    "move_change",
    "move_registration",
    "move_school",
    "redeem_token",
    "registration_facts",
    "reset_second_factor",
    "save_registration",
    "send_change_link_again",
    "send_link_again",
    "spoken_code",
    "sweep_sign_ins",
]

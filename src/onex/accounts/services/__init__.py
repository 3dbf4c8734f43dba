"""Everything that changes people, hats, organisations and registrations."""

from onex.accounts.services.changes import (
    ChangeInput,
    amend_change,
    ask_for_recovery,
    file_change,
    move_change,
    send_change_link_again,
)
from onex.accounts.services.codes import (
    proves_by_code,
    redeem_code,
    send_phone_code,
    send_reset,
    send_sign_in_code,
)
from onex.accounts.services.door import LockedOut, counted_account, is_own_password, prove, spot_of, unlock_account
from onex.accounts.services.factors import FACTOR_DOOR, reset_second_factor
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
    ask_for_link,
    move_registration,
    registration_facts,
    save_registration,
    send_link_again,
)
from onex.accounts.services.schools import move_school
from onex.accounts.services.sessions import end_sessions, sweep_sign_ins
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
    "FACTOR_DOOR",
    "ChangeInput",
    "CityRow",
    "LockedOut",
    "ProvinceRow",
    "RegistrationInput",
    "activation_url",
    "add_network",
    "amend_change",
    "ask_for_link",
    "ask_for_recovery",
    "counted_account",
    "create_user",
    "end_sessions",
    "end_tokens",
    "ensure_evaluation_org",
    "ensure_operator",
    "file_change",
    "give_hat",
    "is_own_password",
    "issue_token",
    "issue_tokens",
    "load_provinces",
    "look_at_token",
    "move_change",
    "move_registration",
    "move_school",
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
    "reset_second_factor",
    "reset_url",
    "save_registration",
    "send_change_link_again",
    "send_link_again",
    "send_phone_code",
    "send_reset",
    "send_sign_in_code",
    "set_password",
    "set_password_by_token",
    "sign_in_url",
    "spoken_code",
    "spot_of",
    "sweep_sign_ins",
    "token_of",
    "unlock_account",
    "use_up",
]

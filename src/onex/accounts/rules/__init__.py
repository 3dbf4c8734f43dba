"""What kinds of organisations there are, and what a school must show before it gets an account."""

from onex.accounts.rules.networks import ends_of, hex_of, network_of, problems_with_network
from onex.accounts.rules.organisations import (
    OWNERSHIP_LABELS,
    SCHOOL_TYPE_LABELS,
    OrganisationKind,
    Ownership,
    SchoolType,
    regions_of,
)
from onex.accounts.rules.passwords import (
    LONGEST,
    PROFILES,
    PasswordProfile,
    is_too_old,
    normalised_password,
    problems_with_password,
)
from onex.accounts.rules.registration import (
    EDITABLE,
    REGISTRATION,
    RegistrationFacts,
    RegistrationState,
    parse_majors,
    problems_by_field,
    problems_on_submit,
    problems_with_username,
)
from onex.accounts.rules.roles import ADMINISTRATORS, APART, HATS, needs_second_factor, problems_with_hat
from onex.accounts.rules.tokens import LIVES, NO_LONGER_GOOD, TokenPurpose, problems_with_token

__all__ = [
    "ADMINISTRATORS",
    "APART",
    "EDITABLE",
    "HATS",
    "LIVES",
    "LONGEST",
    "NO_LONGER_GOOD",
    "OWNERSHIP_LABELS",
    "PROFILES",
    "REGISTRATION",
    "SCHOOL_TYPE_LABELS",
    "OrganisationKind",
    "Ownership",
    "PasswordProfile",
    "RegistrationFacts",
    "RegistrationState",
    "SchoolType",
    "TokenPurpose",
    "ends_of",
    "hex_of",
    "is_too_old",
    "needs_second_factor",
    "network_of",
    "normalised_password",
    "parse_majors",
    "problems_by_field",
    "problems_on_submit",
    "problems_with_hat",
    "problems_with_network",
    "problems_with_password",
    "problems_with_token",
    "problems_with_username",
    "regions_of",
]

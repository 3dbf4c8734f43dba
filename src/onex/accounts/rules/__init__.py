"""What kinds of organisations there are, and what a school must show before it gets an account."""

from onex.accounts.rules.factors import FactorKind
from onex.accounts.rules.organisations import (
    OWNERSHIP_LABELS,
    SCHOOL_TYPE_LABELS,
    OrganisationKind,
    Ownership,
    SchoolType,
    regions_of,
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
from onex.accounts.rules.sessions import WhyEnded
from onex.accounts.rules.tokens import LIVES, NO_LONGER_GOOD, TokenPurpose, problems_with_token

__all__ = [
    "ADMINISTRATORS",
    "APART",
    "EDITABLE",
    "HATS",
    "LIVES",
    "NO_LONGER_GOOD",
    "OWNERSHIP_LABELS",
    "REGISTRATION",
    "SCHOOL_TYPE_LABELS",
    "FactorKind",
    "OrganisationKind",
    "Ownership",
    "RegistrationFacts",
    "RegistrationState",
    "SchoolType",
    "TokenPurpose",
    "WhyEnded",
    "needs_second_factor",
    "parse_majors",
    "problems_by_field",
    "problems_on_submit",
    "problems_with_hat",
    "problems_with_token",
    "problems_with_username",
    "regions_of",
]

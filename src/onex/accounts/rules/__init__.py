"""What kinds of organisations there are, and what a school must show before it gets an account."""

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

__all__ = [
    "EDITABLE",
    "OWNERSHIP_LABELS",
    "REGISTRATION",
    "SCHOOL_TYPE_LABELS",
    "OrganisationKind",
    "Ownership",
    "RegistrationFacts",
    "RegistrationState",
    "SchoolType",
    "parse_majors",
    "problems_by_field",
    "problems_on_submit",
    "problems_with_username",
    "regions_of",
]

"""What is said to people and how it reaches them: templates with fixed places, channels, tries and the digest.

Other apps declare what they say in their own pure files:

    from onex.notices.rules import Template
    Template("pilots.submitted", kind=say("试点申报"), label=say("收到新的申报"), subject=say("…{school}…"), …)
"""

from onex.notices.rules.built_in import MAIL_FAILED
from onex.notices.rules.ways import (
    BACKOFF,
    CHANNELS,
    DIGEST_HOUR,
    FINAL,
    IN_A_ROW,
    LEASE,
    PACES,
    READ_KEPT,
    STANDING_TONES,
    STANDINGS,
    UNREAD_KEPT,
    WHYS,
    Channel,
    Pace,
    Standing,
    Why,
    digest_after,
    mail_due,
    retry_at,
    standing_of,
)
from onex.notices.rules.wording import (
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    TEMPLATES,
    Template,
    cleaned,
    filled,
    is_internal,
    one_line,
    problems_in,
    templates_for,
)

__all__ = [
    "BACKOFF",
    "CHANNELS",
    "DIGEST_HOUR",
    "FINAL",
    "IN_A_ROW",
    "LEASE",
    "LONGEST_SUBJECT",
    "LONGEST_TEXT",
    "MAIL_FAILED",
    "PACES",
    "READ_KEPT",
    "STANDINGS",
    "STANDING_TONES",
    "TEMPLATES",
    "UNREAD_KEPT",
    "WHYS",
    "Channel",
    "Pace",
    "Standing",
    "Template",
    "Why",
    "cleaned",
    "digest_after",
    "filled",
    "is_internal",
    "mail_due",
    "one_line",
    "problems_in",
    "retry_at",
    "standing_of",
    "templates_for",
]

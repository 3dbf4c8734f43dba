"""Named reads: the inbox, what was sent and who read it, the words in force, what is to be sent now."""

from onex.notices.queries.due import (
    due_by_mail_of_the_day,
    due_now,
    failed_lately,
    people_with_digests,
)
from onex.notices.queries.inbox import (
    hats_with_notices,
    inbox_counts,
    notices_found,
    notices_of,
    unread_count,
)
from onex.notices.queries.kept import notices_to_drop, sendings_to_drop
from onex.notices.queries.sent import (
    by_channel,
    receipts_found,
    receipts_of,
    receipts_to_show,
    sendings_found,
    sendings_seen_by,
)
from onex.notices.queries.words import (
    InForce,
    all_words,
    pace_of,
    preferences_of,
    template_row,
    words_in_force,
)

__all__ = [
    "InForce",
    "all_words",
    "by_channel",
    "due_by_mail_of_the_day",
    "due_now",
    "failed_lately",
    "hats_with_notices",
    "inbox_counts",
    "notices_found",
    "notices_of",
    "notices_to_drop",
    "pace_of",
    "people_with_digests",
    "preferences_of",
    "receipts_found",
    "receipts_of",
    "receipts_to_show",
    "sendings_found",
    "sendings_seen_by",
    "sendings_to_drop",
    "template_row",
    "unread_count",
    "words_in_force",
]

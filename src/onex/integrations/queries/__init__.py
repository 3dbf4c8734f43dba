"""Named reads: tokens and receivers as each hat sees them, and what is due to be sent."""

from onex.integrations.queries.tokens import (
    hat_of,
    open_token_count,
    requests_to_drop,
    scopes_for,
    token_by_key,
    tokens_found,
    tokens_seen_by,
)
from onex.integrations.queries.webhooks import (
    counts_by_state,
    deliveries_due,
    deliveries_in,
    deliveries_of,
    deliveries_seen_by,
    deliveries_to_drop,
    delivery_to_send,
    endpoint_of,
    endpoints_seen_by,
    endpoints_to_tell,
)

__all__ = [
    "counts_by_state",
    "deliveries_due",
    "deliveries_in",
    "deliveries_of",
    "deliveries_seen_by",
    "deliveries_to_drop",
    "delivery_to_send",
    "endpoint_of",
    "endpoints_seen_by",
    "endpoints_to_tell",
    "hat_of",
    "open_token_count",
    "requests_to_drop",
    "scopes_for",
    "token_by_key",
    "tokens_found",
    "tokens_seen_by",
]

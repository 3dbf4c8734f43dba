"""Everything that issues and takes away tokens, lets programs in, and sends events."""

from onex.integrations.services.announcing import announce, announce_each
from onex.integrations.services.deliveries import deliver, drop_deliveries, resend, sweep_deliveries
from onex.integrations.services.door import let_in, note_refusal
from onex.integrations.services.requests import KeyReused, drop_requests, once
from onex.integrations.services.tokens import TokenInput, issue, revoke
from onex.integrations.services.webhooks import (
    EndpointInput,
    create_endpoint,
    ping,
    remove_endpoint,
    rotate_secret,
    set_paused,
    update_endpoint,
)
from onex.integrations.services.wire import BadAddress

__all__ = [
    "BadAddress",
    "EndpointInput",
    "KeyReused",
    "TokenInput",
    "announce",
    "announce_each",
    "create_endpoint",
    "deliver",
    "drop_deliveries",
    "drop_requests",
    "issue",
    "let_in",
    "note_refusal",
    "once",
    "ping",
    "remove_endpoint",
    "resend",
    "revoke",
    "rotate_secret",
    "set_paused",
    "sweep_deliveries",
    "update_endpoint",
]

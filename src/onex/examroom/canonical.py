"""One way to write JSON, so that a hash means the content: sorted keys, no spaces, UTF-8 as it is. Pure."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any


def canonical_json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest_of(value: Any) -> str:
    """Lower-case SHA-256 of the canonical JSON."""
    return sha256(canonical_json(value).encode()).hexdigest()

"""`python -m demo --data DIR --url URL --candidates N [--json FILE]`: play the cycle once, or show the one played."""

from __future__ import annotations

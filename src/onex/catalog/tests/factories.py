"""The guide in the tables, for the tests of this and of later apps."""

from __future__ import annotations

from datetime import UTC, datetime

from onex.catalog import queries, services
from onex.catalog.models import CertificateLevel

LOADED_AT = datetime(2024, 3, 1, 1, tzinfo=UTC)


def the_guide() -> services.Loaded:
    """The 2024 guide, loaded; safe to call again."""
    return services.load_guide("guide-2024", at=LOADED_AT)


def a_level(code: str = "101", level: int = 1) -> CertificateLevel:
    """A level of a loaded guide: 直播电商初级 unless said otherwise."""
    the_guide()
    return queries.level_by_code(code, level)

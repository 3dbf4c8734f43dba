"""Named reads of the register of personal fields, beside the models it speaks of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import CharField

from onex.common.sealed import SealedTextField
from onex.portal import register
from onex.portal.register import Entry


def entries() -> list[Entry]:
    """The register as it is kept at the root of the repository."""
    return register.read(settings.PRIVACY_REGISTER)


def fields() -> Iterator[tuple[str, str, bool]]:
    """(model, field, is sealed) of every column that holds a value, packages' tables too: keys and links hold none."""
    for model in apps.get_models():
        if model._meta.managed and not model._meta.proxy:
            columns: list[Any] = list(model._meta.local_fields)
            for field in columns:
                is_key = field.primary_key and not isinstance(field, CharField)
                if not field.is_relation and not is_key:
                    yield model._meta.label_lower, field.name, isinstance(field, SealedTextField)


def missing() -> list[Entry]:
    """Columns that the register does not have yet, undecided."""
    known = {one.name for one in entries()}
    return [
        Entry(model, field, "?", sealed="yes" if sealed else "")
        for model, field, sealed in fields()
        if f"{model}.{field}" not in known
    ]


def stale() -> list[Entry]:
    """Rows of the register whose column is gone."""
    there = {f"{model}.{field}" for model, field, _ in fields()}
    return [one for one in entries() if one.name not in there]

"""Whether the key that indexes is the one that has indexed: with another, nobody would be found by their number."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import router

from onex.common.sealed import BlindIndexField, Unreadable


def foreign_indexes() -> Iterator[str]:
    """The blind indexes whose oldest row was indexed with another key, or is sealed under one that is missing.

    No fingerprint of the key is kept for this: the rows themselves are the best witness, whatever they went through.
    """
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if not isinstance(field, BlindIndexField):
                continue
            rows = model._base_manager.using(router.db_for_read(model)).exclude(**{field.name: None}).order_by("pk")
            try:
                first = rows.values_list(field.name, field.of).first()
            except Unreadable:
                yield f"{model._meta.label_lower}.{field.of} (no key of ONEX_DATA_KEYS opens it)"
                continue
            if first is not None and field.index_of(first[1]) != first[0]:
                yield f"{model._meta.label_lower}.{field.name}"

"""Sealed fields and files under the current key: what an older one sealed is sealed again until none is left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models, router
from django.db.models.functions import Substr

from onex.common import files, tx
from onex.common.models import Attachment
from onex.common.sealed import SealedTextField, current_head
from onex.common.text import Refused


def sealed_fields() -> Iterator[tuple[type[models.Model], SealedTextField]]:
    """Every sealed column of the installation."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, SealedTextField):
                yield model, field


def behind(model: type[models.Model], field: SealedTextField) -> models.QuerySet[Any]:
    """The rows whose value is not sealed under the current key."""
    head = current_head()
    alias = router.db_for_write(model)
    start = Substr(field.name, 1, len(head), output_field=models.BinaryField())
    rows = model._base_manager.using(alias).filter(**{f"{field.name}__isnull": False})
    return rows.annotate(_head=start).exclude(_head=head)


def rekey(model: type[models.Model], field: SealedTextField, batch: int = 500) -> Iterator[int]:
    """Seal again what is behind; answers the size of each batch, each of them its own transaction.

    Stop it whenever you like: what is done is done, and the next run goes on. Raises Unreadable at a row that no key of
    this installation opens.
    """
    while True:
        with tx.write(router.db_for_write(model)):
            rows = behind(model, field).order_by("pk").select_for_update(no_key=True, of=("self",))[:batch]
            found = [(row.pk, getattr(row, field.attname)) for row in rows.only(field.name)]
            for pk, text in found:
                model._base_manager.using(rows.db).filter(pk=pk).update(**{field.name: text})
        if not found:
            return
        yield len(found)


def rekey_files(*, dry_run: bool = False) -> tuple[int, list[str]]:
    """(how many sealed files were behind, the stored names of those that could not be read).

    Each is its own transaction. One that is gone or broken keeps no other waiting, and the older keys in their place.
    """
    done, broken = 0, []
    for pk in list(Attachment.objects.filter(is_sealed=True).order_by("pk").values_list("pk", flat=True)):
        with tx.write():
            attachment = Attachment.objects.select_for_update(no_key=True).filter(pk=pk).first()
            if attachment is None:  # its owner took it away meanwhile
                continue
            name = attachment.stored_name
            try:
                if files.is_behind(attachment):
                    done += 1
                    if not dry_run:
                        files.seal_again(attachment)
            except Refused:
                broken.append(name)
    return done, broken

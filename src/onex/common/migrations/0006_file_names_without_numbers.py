"""Names of files that are there already: sealed ones are called by their place, in the others numbers are masked.

By today's masks: what a later version finds as well is a later migration's. Traces keep the names they were signed with.
"""

from typing import Any

from django.db import migrations

from onex.common.masks import mask_personal


def rename(apps: Any, editor: Any) -> None:
    attachments = apps.get_model("common", "Attachment")._base_manager.using(editor.connection.alias)
    for row in attachments.only("slot", "original_name", "stored_name", "is_sealed").iterator():
        ending = row.stored_name.rpartition(".")[2]
        name = f"{row.slot}.{ending}" if row.is_sealed else mask_personal(row.original_name)[-200:]
        if name != row.original_name:
            attachments.filter(pk=row.pk).update(original_name=name)


class Migration(migrations.Migration):
    dependencies = [("common", "0005_head_of_the_chain")]

    operations = [migrations.RunPython(rename, migrations.RunPython.noop)]

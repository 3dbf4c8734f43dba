"""Names of rosters that were uploaded before: numbers of people in them are masked."""

from typing import Any

from django.db import migrations

from onex.common.masks import mask_personal


def rename(apps: Any, editor: Any) -> None:
    imports = apps.get_model("registration", "RosterImport")._base_manager.using(editor.connection.alias)
    for key, name in imports.values_list("pk", "file_name").iterator():
        masked = mask_personal(name)[-200:]
        if masked != name:
            imports.filter(pk=key).update(file_name=masked)


class Migration(migrations.Migration):
    dependencies = [("registration", "0004_student_accounts")]

    operations = [migrations.RunPython(rename, migrations.RunPython.noop)]

"""Students by school and major are counted for pilots, for the rosters there are."""

from typing import Any

from django.db import migrations
from django.db.models import Count

from onex.common.ids import uuid7


def fill(apps: Any, editor: Any) -> None:
    alias = editor.connection.alias
    students = apps.get_model("registration", "Student")._base_manager.using(alias)
    RosterCount = apps.get_model("pilots", "RosterCount")
    counts = RosterCount._base_manager.using(alias)
    counts.all().delete()
    rows = students.order_by().values_list("school_id", "major_code").annotate(n=Count("pk"))
    counts.bulk_create(
        (RosterCount(id=uuid7(), school_id=school, major_code=code, count=n) for school, code, n in rows.iterator()),
        batch_size=1_000,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("registration", "0005_file_names_without_numbers"),
        ("pilots", "0003_fill_ledger_and_weights"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

"""What rows of before lack: kinds and grants in the ledger, digests of texts, submissions counted, default weights."""

from typing import Any

from django.db import migrations

from onex.common.ids import uuid7
from onex.pilots.rules import DEFAULT_WEIGHTS, text_digest


def fill(apps: Any, schema_editor: Any) -> None:
    Application = apps.get_model("pilots", "PilotApplication")
    PlacesMove = apps.get_model("pilots", "PlacesMove")
    SignalWeight = apps.get_model("pilots", "SignalWeight")
    PlacesMove.objects.filter(count__lt=0).update(kind="release")
    for row in Application.objects.iterator():
        row.staff_digest = text_digest(row.teaching_staff)
        row.facilities_digest = text_digest(row.facilities)
        row.submission_count = 1 if row.submitted_at else 0
        row.saved_at = row.created_at
        row.save(update_fields=["staff_digest", "facilities_digest", "submission_count", "saved_at"])
        if row.approved_count:
            PlacesMove.objects.create(
                id=uuid7(),
                application=row,
                kind="grant",
                count=row.approved_count,
                subject_type="pilots.pilotapplication",
                subject_id=row.pk,
                actor_label="系统",
                at=row.decided_at or row.created_at,
            )
    for code, weight in DEFAULT_WEIGHTS.items():
        SignalWeight.objects.get_or_create(province=None, code=code.value, defaults={"weight": weight})


class Migration(migrations.Migration):
    dependencies = [("pilots", "0002_reviews_and_ledger")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

"""A site has a state and a year (1 of 2): suspended ones stay so, every site gets a year from the day of this upgrade."""

import datetime

from django.db import migrations, models
from django.utils import timezone

STATES = [("active", "ACTIVE"), ("suspended", "SUSPENDED"), ("expired", "EXPIRED"), ("revoked", "REVOKED")]


def in_a_year():
    return timezone.localdate() + datetime.timedelta(days=365)


def suspend(apps, schema_editor):
    apps.get_model("venues", "ExamSite").objects.filter(is_active=False).update(state="suspended")


class Migration(migrations.Migration):
    dependencies = [("venues", "0005_sealed_contacts")]

    operations = [
        migrations.AddField(
            "examsite",
            "state",
            models.CharField(
                choices=STATES, db_index=True, default="active", editable=False, max_length=24, verbose_name="状态"
            ),
        ),
        migrations.AddField(
            "examsite",
            "valid_until",
            models.DateField(default=in_a_year, verbose_name="有效期至"),
            preserve_default=False,
        ),
        migrations.AddField("examsite", "reminded_until", models.DateField(null=True, verbose_name="已提醒的有效期")),
        migrations.RunPython(suspend, migrations.RunPython.noop),
    ]

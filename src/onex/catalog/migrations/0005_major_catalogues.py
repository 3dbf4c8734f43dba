"""Editions of the catalogues of majors become rows (1 of 2: the table, filled from what the majors say)."""

import onex.common.ids
from django.db import migrations, models


def fill(apps, schema_editor):
    """One row for each edition that a major names; years, successors and sources come with the next load."""
    catalogues = apps.get_model("catalog", "MajorCatalogue")
    for code, name in apps.get_model("catalog", "Major").objects.order_by().values_list("catalogue", "catalogue_name").distinct():
        year = "".join(filter(str.isdigit, code))[-4:]
        catalogues.objects.get_or_create(
            code=code, defaults={"name": name, "from_year": int(year or 0), "replaced_by": "", "source": ""}
        )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_issuers_required")]

    operations = [
        migrations.CreateModel(
            name="MajorCatalogue",
            fields=[
                (
                    "id",
                    models.UUIDField(default=onex.common.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="创建时间")),
                ("code", models.CharField(max_length=20, unique=True, verbose_name="目录版本")),
                ("name", models.CharField(max_length=60, verbose_name="目录名称")),
                ("from_year", models.PositiveSmallIntegerField(verbose_name="启用年份")),
                ("replaced_by", models.CharField(blank=True, max_length=20, verbose_name="接替版本")),
                ("source", models.CharField(max_length=60, verbose_name="来源")),
            ],
            options={"verbose_name": "专业目录", "verbose_name_plural": "专业目录", "ordering": ("from_year", "code")},
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]

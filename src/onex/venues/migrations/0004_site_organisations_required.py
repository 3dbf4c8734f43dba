"""An exam site is an organisation with people of its own (3 of 3: always)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("venues", "0003_site_organisations_filled")]

    operations = [
        migrations.AlterField(
            model_name="examsite",
            name="unit",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="exam_site",
                to="accounts.organisation",
                verbose_name="考点机构",
            ),
        ),
    ]

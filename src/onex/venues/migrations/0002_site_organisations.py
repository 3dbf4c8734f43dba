"""An exam site is an organisation with people of its own (1 of 3: the column)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_invitations_and_parents"), ("venues", "0001_applications_sites_rooms")]

    operations = [
        migrations.AddField(
            model_name="examsite",
            name="unit",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="exam_site",
                to="accounts.organisation",
                verbose_name="考点机构",
            ),
        ),
    ]

"""An application may change a site that there is."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("venues", "0007_site_standing_required")]

    operations = [
        migrations.AddField(
            "siteapplication",
            "changes",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="change_applications",
                to="venues.examsite",
                verbose_name="变更的站点",
            ),
        ),
    ]

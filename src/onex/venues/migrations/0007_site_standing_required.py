"""A site has a state and a year (2 of 2): the old switch goes; a school whose site was revoked may become one again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("venues", "0006_site_standing")]

    operations = [
        migrations.RemoveField("examsite", "is_active"),
        migrations.RemoveConstraint("examsite", "one_site_for_each_organisation"),
        migrations.AddConstraint(
            "examsite",
            models.UniqueConstraint(
                condition=~models.Q(state="revoked"),
                fields=("school", "organisation"),
                name="one_site_for_each_organisation",
            ),
        ),
        migrations.AddConstraint(
            "examsite",
            models.CheckConstraint(
                condition=models.Q(state__in=["active", "suspended", "expired", "revoked"]), name="site_state_known"
            ),
        ),
    ]

"""Who issues a certificate becomes an organisation of ours (1 of 3: the column)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_invitations_and_parents"), ("catalog", "0001_catalog")]

    operations = [
        migrations.AddField(
            model_name="certificatetype",
            name="issuer",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="certificates",
                to="accounts.evaluationorg",
                verbose_name="培训评价组织",
            ),
        ),
    ]

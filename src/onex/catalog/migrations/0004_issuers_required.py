"""Who issues a certificate becomes an organisation of ours (3 of 3: its code is theirs, not the certificate's)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_issuers_filled")]

    operations = [
        migrations.AlterField(
            model_name="certificatetype",
            name="issuer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="certificates",
                to="accounts.evaluationorg",
                verbose_name="培训评价组织",
            ),
        ),
        migrations.RemoveField(model_name="certificatetype", name="issuer_org_code"),
    ]

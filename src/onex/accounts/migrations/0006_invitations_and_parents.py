"""Organisations that belong to another; hats that wait for their person or are laid aside."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_sign_ins_and_second_factors")]

    operations = [
        migrations.AddField(
            model_name="organisation",
            name="parent",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="children",
                to="accounts.organisation",
                verbose_name="上级机构",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="invited_at",
            field=models.DateTimeField(null=True, verbose_name="邀请时间"),
        ),
        migrations.AddField(
            model_name="membership",
            name="suspended_at",
            field=models.DateTimeField(null=True, verbose_name="停用时间"),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_active", False), models.Q(("invited_at", None), ("suspended_at", None)), _connector="OR"
                ),
                name="a_hat_worn_is_no_invitation",
            ),
        ),
    ]

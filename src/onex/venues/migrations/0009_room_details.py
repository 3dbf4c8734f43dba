"""A room says where it is, what servers and cameras it has, its machines' addresses, and whether a wheelchair gets in."""

from django.db import migrations, models


def rooms(model):
    return [
        migrations.AddField(model, "place", models.CharField(blank=True, default="", max_length=60, verbose_name="位置")),
        migrations.AddField(
            model, "server_count", models.PositiveSmallIntegerField(default=0, verbose_name="服务器数量")
        ),
        migrations.AddField(
            model, "camera_count", models.PositiveSmallIntegerField(default=0, verbose_name="摄像头数量")
        ),
        migrations.AddField(
            model, "addresses", models.CharField(blank=True, default="", max_length=200, verbose_name="机器网段")
        ),
        migrations.AddField(model, "is_accessible", models.BooleanField(default=False, verbose_name="无障碍")),
    ]


class Migration(migrations.Migration):
    dependencies = [("venues", "0008_site_changes")]

    operations = [
        *rooms("applicationroom"),
        *rooms("siteroom"),
    ]

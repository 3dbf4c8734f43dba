"""An exam site is an organisation with people of its own (2 of 3: those that are open already)."""

from django.db import migrations


def fill(apps, schema_editor):
    site, organisation = apps.get_model("venues", "ExamSite"), apps.get_model("accounts", "Organisation")
    for row in site.objects.filter(unit=None):
        unit = organisation.objects.create(kind="site", name=row.name[:100], parent_id=row.school_id)
        site.objects.filter(pk=row.pk).update(unit=unit)


class Migration(migrations.Migration):
    dependencies = [("venues", "0002_site_organisations")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

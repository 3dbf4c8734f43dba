"""Who issues a certificate becomes an organisation of ours (2 of 3: the rows).

In a migration of its own: PostgreSQL changes no table whose rows were changed in the same transaction.
"""

from django.db import migrations


def fill(apps, schema_editor):
    certificate, organisation = (
        apps.get_model("catalog", "CertificateType"),
        apps.get_model("accounts", "EvaluationOrg"),
    )
    for row in certificate.objects.filter(issuer=None):
        issuer = organisation.objects.filter(org_code=row.issuer_org_code).first() or organisation.objects.create(
            kind="evaluation_org", name=row.issuer_name, short_name=row.issuer_name[:40], org_code=row.issuer_org_code
        )
        certificate.objects.filter(pk=row.pk).update(issuer=issuer)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_issuers")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

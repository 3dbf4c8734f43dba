"""Phones and e-mail addresses of sites' contacts become sealed; what is there is sealed on the way."""

from typing import Any

from django.db import migrations

from onex.common.sealed import SealedTextField, seal_existing

FIELDS = (("contact_phone", "联系人电话"), ("contact_email", "联系人邮箱"))


def _operations() -> list[Any]:
    found: list[Any] = []
    names = tuple(name for name, _ in FIELDS)
    for model in ("siteapplication", "examsite"):
        found += [migrations.RenameField(model, name, f"plain_{name}") for name in names]
        found += [
            migrations.AddField(model, name, SealedTextField(default="", verbose_name=word)) for name, word in FIELDS
        ]
        found.append(migrations.RunPython(seal_existing("venues", model, names), migrations.RunPython.noop))
        found += [migrations.RemoveField(model, f"plain_{name}") for name in names]
    return found


class Migration(migrations.Migration):
    dependencies = [("venues", "0004_site_organisations_required")]

    operations = _operations()

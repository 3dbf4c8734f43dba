"""Phones and e-mail addresses become sealed; what is there is sealed on the way, and accounts are found by index."""

from typing import Any

from django.db import migrations

from onex.common.sealed import BlindIndexField, SealedTextField, seal_existing

SEALED = {
    "user": (("phone", "手机号"), ("email", "邮箱")),
    "school": (("contact_phone", "联系电话"), ("contact_email", "联系邮箱")),
    "institutionregistration": (("contact_phone", "联系电话"), ("contact_email", "联系邮箱")),
}


def _operations() -> list[Any]:
    found: list[Any] = []
    for model, fields in SEALED.items():
        names = tuple(name for name, _ in fields)
        found += [migrations.RenameField(model, name, f"plain_{name}") for name in names]
        found += [
            migrations.AddField(model, name, SealedTextField(default="", verbose_name=word)) for name, word in fields
        ]
        if model == "user":
            found += [
                migrations.AddField(
                    model, "phone_index", BlindIndexField(of="phone", unique=True, verbose_name="手机号索引")
                ),
                migrations.AddField(
                    model, "email_index", BlindIndexField(of="email", db_index=True, verbose_name="邮箱索引")
                ),
            ]
        found.append(migrations.RunPython(seal_existing("accounts", model, names), migrations.RunPython.noop))
        found += [migrations.RemoveField(model, f"plain_{name}") for name in names]
    return found


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_institutions_and_their_changes")]

    operations = _operations()

"""Starts the common app: from here on, what pure code says is translated, and every app's tables are known."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext, gettext_lazy

from onex.common import text


class CommonConfig(AppConfig):
    name = "onex.common"
    verbose_name = gettext_lazy("公共")

    def ready(self) -> None:
        text.translate_with(gettext)
        # Permits and flows register themselves on import; the docs, the laws and the pages read the registers.
        autodiscover_modules("permits", "rules")
        from onex.common import audit_guard

        post_migrate.connect(audit_guard.after_migrate, sender=self, dispatch_uid="onex.audit_guard")

"""Names the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class PortalConfig(AppConfig):
    name = "onex.portal"
    verbose_name = gettext_lazy("门户")

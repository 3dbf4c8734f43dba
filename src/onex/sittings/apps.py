"""Names the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class SittingsConfig(AppConfig):
    name = "onex.sittings"
    verbose_name = gettext_lazy("考务编排")

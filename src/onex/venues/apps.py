"""Names the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class VenuesConfig(AppConfig):
    name = "onex.venues"
    verbose_name = gettext_lazy("考核站点")

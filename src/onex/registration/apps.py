"""Names the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class RegistrationConfig(AppConfig):
    name = "onex.registration"
    verbose_name = gettext_lazy("报名")

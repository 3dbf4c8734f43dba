"""Names the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class MarkingConfig(AppConfig):
    name = "onex.marking"
    verbose_name = gettext_lazy("阅卷")

"""Names the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class ResultsConfig(AppConfig):
    name = "onex.results"
    verbose_name = gettext_lazy("成绩")

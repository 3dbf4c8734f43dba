"""Names the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class NoticesConfig(AppConfig):
    name = "onex.notices"
    verbose_name = gettext_lazy("消息")

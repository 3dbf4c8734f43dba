"""Names the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class IntegrationsConfig(AppConfig):
    name = "onex.integrations"
    verbose_name = gettext_lazy("数据接口")

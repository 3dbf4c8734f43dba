"""The catalog app: 证书与标准."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class CatalogConfig(AppConfig):
    name = "onex.catalog"
    verbose_name = gettext_lazy("证书与标准")

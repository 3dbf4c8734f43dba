"""Names the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class CertificatesConfig(AppConfig):
    name = "onex.certificates"
    verbose_name = gettext_lazy("证书")

"""Names the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class BankConfig(AppConfig):
    name = "onex.bank"
    verbose_name = gettext_lazy("题库与组卷")

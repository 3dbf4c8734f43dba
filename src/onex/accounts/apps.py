"""Names the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class AccountsConfig(AppConfig):
    name = "onex.accounts"
    verbose_name = gettext_lazy("账号与机构")

    def ready(self) -> None:
        from onex.accounts import checks  # noqa: F401  (registers itself)

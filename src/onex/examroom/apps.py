"""Registers the sealed room with Django; its tables live in the database alias `room`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExamroomConfig(AppConfig):
    name = "onex.examroom"
    label = "examroom"
    verbose_name = _("考场")

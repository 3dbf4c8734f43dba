"""`python -m onex.config …` is `manage.py`: one way in for Django's commands."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onex.config.settings")
    execute_from_command_line(["onex manage", *sys.argv[1:]])

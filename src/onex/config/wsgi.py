"""Django's WSGI application: the pages. The server starts `onex.config.asgi`, which stands in front of it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onex.config.settings")
application = get_wsgi_application()

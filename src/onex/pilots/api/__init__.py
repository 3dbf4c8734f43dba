"""Plans, applications and places for programs; the same queries and services as the pages."""

from onex.pilots.api import applications, filing, plans
from onex.pilots.api.routes import router

__all__ = ["applications", "filing", "plans", "router"]

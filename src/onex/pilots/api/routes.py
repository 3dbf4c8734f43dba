"""The one router of this app: two routers with one path would hide each other's methods."""

from ninja import Router

router = Router(tags=["pilots"])

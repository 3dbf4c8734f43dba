"""Addresses of the portal: the root of the site."""

from django.urls import path

from onex.portal import views

app_name = "portal"
PREFIX = ""
urlpatterns = [
    path("", views.home, name="home"),
    path("desk/", views.desk, name="desk"),
]

"""Addresses of exam sites."""

from django.urls import path

from onex.venues import views

app_name = "venues"
urlpatterns = [
    path("applications/", views.application_list, name="application-list"),
    path("applications/export/", views.application_export, name="application-export"),
    path("applications/new/", views.application_create, name="application-create"),
    path("applications/<uuid:pk>/", views.application_detail, name="application-detail"),
    path("applications/<uuid:pk>/edit/", views.application_edit, name="application-edit"),
    path("applications/<uuid:pk>/form.pdf", views.application_print, name="application-print"),
    path("applications/<uuid:pk>/move/", views.application_move, name="application-move"),
    path("applications/<uuid:pk>/move/<slug:move>/", views.application_move, name="application-move"),
    path("applications/<uuid:pk>/files/<uuid:file>/", views.file_download, name="file-download"),
    path("applications/<uuid:pk>/reveal/<slug:field>/", views.application_reveal, name="application-reveal"),
    path("sites/", views.site_list, name="site-list"),
    path("sites/export/", views.site_export, name="site-export"),
    path("sites/<uuid:pk>/", views.site_detail, name="site-detail"),
    path("sites/<uuid:pk>/reveal/<slug:field>/", views.site_reveal, name="site-reveal"),
    path("sites/<uuid:pk>/move/", views.site_move, name="site-move"),
]

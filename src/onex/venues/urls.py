"""Addresses of exam sites."""

from django.urls import path

from onex.venues.views import applications, papers, sites

app_name = "venues"
urlpatterns = [
    path("applications/", applications.application_list, name="application-list"),
    path("applications/export/", applications.application_export, name="application-export"),
    path("applications/new/", applications.application_create, name="application-create"),
    path("applications/<uuid:pk>/", applications.application_detail, name="application-detail"),
    path("applications/<uuid:pk>/edit/", applications.application_edit, name="application-edit"),
    path("applications/<uuid:pk>/form.pdf", papers.application_print, name="application-print"),
    path("applications/<uuid:pk>/form.docx", papers.application_word, name="application-word"),
    path("applications/<uuid:pk>/move/", applications.application_move, name="application-move"),
    path("applications/<uuid:pk>/move/<slug:move>/", applications.application_move, name="application-move"),
    path("applications/<uuid:pk>/files/<uuid:file>/", applications.file_download, name="file-download"),
    path("applications/<uuid:pk>/reveal/<slug:field>/", applications.application_reveal, name="application-reveal"),
    path("sites/", sites.site_list, name="site-list"),
    path("sites/export/", sites.site_export, name="site-export"),
    path("sites/<uuid:pk>/", sites.site_detail, name="site-detail"),
    path("sites/<uuid:pk>/reveal/<slug:field>/", sites.site_reveal, name="site-reveal"),
    path("sites/<uuid:pk>/change/", sites.site_change, name="site-change"),
    path("sites/<uuid:pk>/move/", sites.site_move, name="site-move"),
    path("sites/<uuid:pk>/move/<slug:move>/", sites.site_move, name="site-move"),
]

"""Addresses of a school's own list of majors; the mapping's are in pilots, where its effect is known."""

from django.urls import path

from onex.catalog.views import imports, school_majors

app_name = "catalog"

urlpatterns = [
    path("majors/", school_majors.major_list, name="major-list"),
    path("majors/export/", school_majors.major_export, name="major-export"),
    path("majors/template/", imports.major_template, name="major-template"),
    path("majors/import/", imports.major_import, name="major-import"),
    path("majors/save/", school_majors.major_save, name="major-save"),
    path("majors/<uuid:pk>/<str:move>/", school_majors.major_move, name="major-move"),
]

"""Addresses of plans and applications, in the order of the guide's three steps."""

from django.urls import path

from onex.pilots.views import applications, plans

app_name = "pilots"

urlpatterns = [
    path("applications/", applications.application_list, name="application-list"),
    path("applications/export/", applications.application_export, name="application-export"),
    path("plans/", plans.plan_list, name="plan-list"),
    path("plans/<uuid:plan>/apply/", applications.application_create, name="application-create"),
    path("plans/<uuid:plan>/majors/", applications.major_choose, name="major-choose"),
    path("applications/<uuid:pk>/", applications.application_detail, name="application-detail"),
    path("applications/<uuid:pk>/edit/", applications.application_edit, name="application-edit"),
    path("applications/<uuid:pk>/move/", applications.application_move, name="application-move"),
    path("applications/<uuid:pk>/move/<str:move>/", applications.application_move, name="application-move"),
    path("applications/<uuid:pk>/materials/<uuid:file>/", applications.material_download, name="material-download"),
    path("plans/new/", plans.plan_create, name="plan-create"),
    path("plans/<uuid:pk>/", plans.plan_detail, name="plan-detail"),
    path("plans/<uuid:pk>/edit/", plans.plan_edit, name="plan-edit"),
    path("plans/<uuid:pk>/move/", plans.plan_move, name="plan-move"),
    path("plans/<uuid:pk>/move/<str:move>/", plans.plan_move, name="plan-move"),
]

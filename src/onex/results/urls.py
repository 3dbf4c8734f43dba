"""Addresses of results."""

from django.urls import path

from onex.results import views

app_name = "results"
urlpatterns = [
    path("", views.result_list, name="result-list"),
    path("export.xlsx", views.result_export, name="result-export"),
    path("releases/", views.release_list, name="release-list"),
    path("releases/compute/<uuid:pk>/", views.level_compute, name="level-compute"),
    path("releases/<uuid:pk>/", views.release_detail, name="release-detail"),
    path("releases/<uuid:pk>/export.xlsx", views.release_export, name="release-export"),
    path("releases/<uuid:pk>/move/<str:move>/", views.release_move, name="release-move"),
]

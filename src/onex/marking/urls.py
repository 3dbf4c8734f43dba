"""Addresses of marking."""

from django.urls import path

from onex.marking import views

app_name = "marking"
urlpatterns = [
    path("sessions/", views.session_list, name="session-list"),
    path("sessions/<uuid:pk>/", views.session_detail, name="session-detail"),
    path("sessions/<uuid:pk>/collect/", views.session_collect, name="session-collect"),
    path("jobs/", views.job_list, name="job-list"),
    path("jobs/<uuid:pk>/", views.job_mark, name="job-mark"),
]

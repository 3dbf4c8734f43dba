"""Addresses of certificates; verification is short because it is printed on paper."""

from django.urls import path

from onex.certificates import views

app_name = "certificates"
PREFIX = ""
urlpatterns = [
    path("certificates/", views.certificate_list, name="certificate-list"),
    path("certificates/export.xlsx", views.certificate_export, name="certificate-export"),
    path("certificates/issue/", views.release_list, name="release-list"),
    path("certificates/issue/<uuid:pk>/", views.release_issue, name="release-issue"),
    path("certificates/<uuid:pk>/", views.certificate_detail, name="certificate-detail"),
    path("certificates/<uuid:pk>/move/<str:move>/", views.certificate_move, name="certificate-move"),
    path("certificates/<uuid:pk>/paper.pdf", views.certificate_paper, name="certificate-paper"),
    path("verify/", views.verify, name="verify"),
    path("v/<str:token>", views.verify_qr, name="verify-qr"),
]

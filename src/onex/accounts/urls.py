"""Addresses of the door, of institution registration and of its review."""

from django.urls import path

from onex.accounts.views import door, public, review

app_name = "accounts"

urlpatterns = [
    path("sign-in/", door.sign_in, name="sign-in"),
    path("sign-out/", door.sign_out, name="sign-out"),
    path("hats/", door.hat_choose, name="hat-choose"),
    path("hats/switch/", door.hat_switch, name="hat-switch"),
    path("password/", door.password_help, name="password-help"),
    path("registration/", public.registration_create, name="registration-create"),
    path("registration/by/<str:token>/", public.registration_status, name="registration-status"),
    path("registration/by/<str:token>/edit/", public.registration_edit, name="registration-edit"),
    path("registrations/", review.registration_list, name="registration-list"),
    path("registrations/export/", review.registration_export, name="registration-export"),
    path("registrations/<uuid:pk>/", review.registration_detail, name="registration-detail"),
    path("registrations/<uuid:pk>/move/", review.registration_move, name="registration-move"),
    path("registrations/<uuid:pk>/move/<str:move>/", review.registration_move, name="registration-move"),
    path("registrations/<uuid:pk>/reveal/<slug:field>/", review.registration_reveal, name="registration-reveal"),
    path("registrations/<uuid:pk>/files/<uuid:file>/", review.registration_file, name="registration-file"),
]

"""Addresses of the door, of institution registration and of its review."""

from django.urls import path

from onex.accounts import doors
from onex.accounts.views import door, learners, networks, public, recovery, review
from onex.accounts.views.where import counted

app_name = "accounts"
_registers = counted(doors.REGISTER, "POST")
_follows = counted(doors.REGISTRATION_LINK)

urlpatterns = [
    path("sign-in/", door.sign_in, name="sign-in"),
    path("sign-out/", door.sign_out, name="sign-out"),
    path("hats/", door.hat_choose, name="hat-choose"),
    path("hats/switch/", door.hat_switch, name="hat-switch"),
    path("sign-in/code/", door.sign_in_code, name="sign-in-code"),
    path("captcha/", door.captcha_new, name="captcha-new"),
    path("captcha/<str:token>.png", door.captcha_picture, name="captcha-picture"),
    path("password/", recovery.password_help, name="password-help"),
    path("password/code/", recovery.password_code, name="password-code"),
    path("password/reset/<str:token>/", recovery.password_reset, name="password-reset"),
    path("password/change/", recovery.password_change, name="password-change"),
    path("activate/<str:token>/", recovery.activate, name="activate"),
    path("learners/new/", learners.learner_create, name="learner-create"),
    path("learners/confirm/", learners.learner_confirm, name="learner-confirm"),
    path("networks/", networks.network_list, name="network-list"),
    path("networks/<uuid:pk>/remove/", networks.network_remove, name="network-remove"),
    path("registration/", _registers(public.registration_create), name="registration-create"),
    path("registration/by/<str:token>/", _follows(public.registration_status), name="registration-status"),
    path("registration/by/<str:token>/edit/", _follows(public.registration_edit), name="registration-edit"),
    path("registrations/", review.registration_list, name="registration-list"),
    path("registrations/export/", review.registration_export, name="registration-export"),
    path("registrations/<uuid:pk>/", review.registration_detail, name="registration-detail"),
    path("registrations/<uuid:pk>/move/", review.registration_move, name="registration-move"),
    path("registrations/<uuid:pk>/move/<str:move>/", review.registration_move, name="registration-move"),
    path("registrations/<uuid:pk>/files/<uuid:file>/", review.registration_file, name="registration-file"),
]

"""Addresses of the door, of institution registration and of its review."""

from django.urls import path

from onex.accounts import doors
from onex.accounts.views import (
    changes,
    door,
    institutions,
    learners,
    lost_account,
    networks,
    public,
    recovery,
    review,
    security,
)
from onex.accounts.views.where import counted

app_name = "accounts"
_registers = counted(doors.REGISTER, "POST")
_follows = counted(doors.REGISTRATION_LINK)

urlpatterns = [
    path("sign-in/", door.sign_in, name="sign-in"),
    path("sign-out/", door.sign_out, name="sign-out"),
    path("hats/", door.hat_choose, name="hat-choose"),
    path("hats/switch/", door.hat_switch, name="hat-switch"),
    path("second-factor/", security.second_factor, name="second-factor"),
    path("prove/", security.prove, name="prove"),
    path("resume/", security.post_resume, name="post-resume"),
    path("security/", security.security, name="security"),
    path("security/sessions/end/", security.session_end, name="session-end"),
    path("security/totp/", security.totp_enrol, name="totp-enrol"),
    path("security/passkey/", security.passkey_enrol, name="passkey-enrol"),
    path("security/factors/<uuid:pk>/remove/", security.factor_remove, name="factor-remove"),
    path("security/recovery-codes/", security.recovery_codes_renew, name="recovery-codes-renew"),
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
    path("registration/by/<str:token>/print/", _follows(public.registration_print), name="registration-print"),
    path("registration/by/<str:token>/link/", _follows(public.registration_link), name="registration-link"),
    path("recovery/", _registers(lost_account.recovery_create), name="recovery-create"),
    path("recovery/received/", lost_account.recovery_received, name="recovery-received"),
    path("registrations/", review.registration_list, name="registration-list"),
    path("registrations/export/", review.registration_export, name="registration-export"),
    path("registrations/<uuid:pk>/", review.registration_detail, name="registration-detail"),
    path("registrations/<uuid:pk>/move/", review.registration_move, name="registration-move"),
    path("registrations/<uuid:pk>/move/<str:move>/", review.registration_move, name="registration-move"),
    path("registrations/<uuid:pk>/files/<uuid:file>/", review.registration_file, name="registration-file"),
    path("registrations/<uuid:pk>/resend/", review.registration_resend, name="registration-resend"),
    path("registrations/<uuid:pk>/paper/", review.registration_paper, name="registration-paper"),
    path("changes/", changes.change_list, name="change-list"),
    path("changes/export/", changes.change_export, name="change-export"),
    path("changes/new/<str:kind>/", changes.change_create, name="change-create"),
    path("changes/<uuid:pk>/", changes.change_detail, name="change-detail"),
    path("changes/<uuid:pk>/edit/", changes.change_edit, name="change-edit"),
    path("changes/<uuid:pk>/move/<str:move>/", changes.change_move, name="change-move"),
    path("changes/<uuid:pk>/resend/", changes.change_resend, name="change-resend"),
    path("changes/<uuid:pk>/files/<uuid:file>/", changes.change_file, name="change-file"),
    path("institutions/", institutions.institution_list, name="institution-list"),
    path("institutions/<uuid:pk>/", institutions.institution_detail, name="institution-detail"),
    path("institutions/<uuid:pk>/move/<str:move>/", institutions.institution_move, name="institution-move"),
]

"""Addresses of the door, of institution registration and of its review."""

from django.urls import path

from onex.accounts.views import activation, changes, door, institutions, lost_account, public, review, security

app_name = "accounts"

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
    path("password/", door.password_help, name="password-help"),
    path("registration/", public.registration_create, name="registration-create"),
    path("registration/by/<str:token>/", public.registration_status, name="registration-status"),
    path("registration/by/<str:token>/edit/", public.registration_edit, name="registration-edit"),
    path("registration/by/<str:token>/print/", public.registration_print, name="registration-print"),
    path("registration/by/<str:token>/link/", public.registration_link, name="registration-link"),
    path("activate/<str:token>/", activation.activate, name="activate"),
    path("recovery/", lost_account.recovery_create, name="recovery-create"),
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

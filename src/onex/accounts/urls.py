"""Addresses of the door, of institution registration and of its review."""

from django.urls import path

from onex.accounts.views import door, organisations, people, public, review

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
    path("registrations/<uuid:pk>/files/<uuid:file>/", review.registration_file, name="registration-file"),
    path("hats/invitations/<uuid:pk>/", people.invitation_answer, name="invitation-answer"),
    path("people/", people.people_home, name="people-home"),
    path("organisations/", organisations.organisation_list, name="organisation-list"),
    path("organisations/export/", organisations.organisation_export, name="organisation-export"),
    path("organisations/new/", organisations.organisation_create, name="organisation-create"),
    path("organisations/<uuid:pk>/", organisations.organisation_detail, name="organisation-detail"),
    path("organisations/<uuid:pk>/move/<str:move>/", organisations.organisation_move, name="organisation-move"),
    path("organisations/<uuid:pk>/people/", people.person_list, name="person-list"),
    path("organisations/<uuid:pk>/people/export/", people.person_export, name="person-export"),
    path("organisations/<uuid:pk>/people/invite/", people.person_invite, name="person-invite"),
    path("organisations/<uuid:pk>/people/invite/many/", people.person_bulk, name="person-bulk"),
    path("organisations/<uuid:pk>/people/<uuid:user>/", people.person_detail, name="person-detail"),
    path("organisations/<uuid:pk>/people/<uuid:user>/hats/", people.person_hats, name="person-hats"),
    path("organisations/<uuid:pk>/people/<uuid:user>/resend/", people.person_resend, name="person-resend"),
    path("organisations/<uuid:pk>/people/<uuid:user>/move/<str:move>/", people.person_move, name="person-move"),
    path("school/", organisations.school_home, name="school-home"),
    path("school/edit/", organisations.school_edit, name="school-edit"),
    path("school/departments/", organisations.department_save, name="department-create"),
    path("school/departments/<uuid:pk>/", organisations.department_save, name="department-edit"),
    path("school/departments/<uuid:pk>/remove/", organisations.department_remove, name="department-remove"),
    path("school/majors/", organisations.major_save, name="major-save"),
    path("school/majors/<uuid:pk>/<str:move>/", organisations.major_remove, name="major-remove"),
]

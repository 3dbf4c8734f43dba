"""Addresses of registration."""

from django.urls import include, path

from onex.registration.views import accounts, activation, entries, own, photo_zips, photos, places, plans, rosters

app_name = "registration"
PREFIX = ""  # the address that is printed on slips is short
pages = [
    path("plans/", plans.plan_list, name="plan-list"),
    path("plans/new/", plans.plan_create, name="plan-create"),
    path("plans/<uuid:pk>/", plans.plan_detail, name="plan-detail"),
    path("plans/<uuid:pk>/edit/", plans.plan_edit, name="plan-edit"),
    path("levels/<uuid:pk>/move/", plans.plan_level_move, name="plan-level-move"),
    path("levels/<uuid:pk>/move/<slug:move>/", plans.plan_level_move, name="plan-level-move"),
    path("students/", rosters.student_list, name="student-list"),
    path("students/export/", rosters.student_export, name="student-export"),
    path("students/template/", rosters.student_template, name="student-template"),
    path("students/import/", rosters.student_import, name="student-import"),
    path("students/<uuid:pk>/", rosters.student_detail, name="student-detail"),
    path("students/<uuid:pk>/remove/", rosters.student_remove, name="student-remove"),
    path("students/<uuid:pk>/reveal/<slug:field>/", rosters.student_reveal, name="student-reveal"),
    path("imports/<uuid:pk>/", rosters.import_detail, name="import-detail"),
    path("imports/<uuid:pk>/errors/", rosters.import_errors, name="import-errors"),
    path("imports/<uuid:pk>/changes/", rosters.import_changes, name="import-changes"),
    path("imports/<uuid:pk>/move/", rosters.import_move, name="import-move"),
    path("imports/<uuid:pk>/move/<slug:move>/", rosters.import_move, name="import-move"),
    path("entries/", entries.entry_list, name="entry-list"),
    path("entries/export/", entries.entry_export, name="entry-export"),
    path("entries/new/", entries.entry_create, name="entry-create"),
    path("entries/accept/", entries.entry_accept, name="entry-accept"),
    path("entries/<uuid:pk>/", entries.entry_detail, name="entry-detail"),
    path("entries/<uuid:pk>/move/", entries.entry_move, name="entry-move"),
    path("entries/<uuid:pk>/move/<slug:move>/", entries.entry_move, name="entry-move"),
    path("entries/<uuid:pk>/reveal/<slug:field>/", entries.entry_reveal, name="entry-reveal"),
    path("places/", places.places_check, name="places-check"),
    path("places/export/", places.places_check_export, name="places-check-export"),
    path("places/<uuid:pk>/", places.places_detail, name="places-detail"),
    path("fees/", entries.fee_statement, name="fee-statement"),
    path("fees/export/", entries.fee_export, name="fee-export"),
    path("accounts/", accounts.account_list, name="account-list"),
    path("accounts/students/", accounts.account_students, name="account-students"),
    path("accounts/slips/", accounts.slip_issue, name="slip-issue"),
    path("students/<uuid:pk>/slip/", accounts.slip_reissue, name="slip-reissue"),
    path("students/<uuid:pk>/account/<slug:move>/", accounts.account_move, name="account-move"),
    path("students/<uuid:pk>/photo/", photos.student_photo, name="student-photo"),
    path("students/<uuid:pk>/photo/set/", photos.photo_set, name="photo-set"),
    path("students/<uuid:pk>/photo/remove/", photos.photo_remove, name="photo-remove"),
    path("photos/", photo_zips.photo_import, name="photo-import"),
    path("photos/keep/", photo_zips.photo_keep, name="photo-keep"),
    path("photos/discard/", photo_zips.photo_discard, name="photo-discard"),
    path("students/<uuid:pk>/photo/waiting/", photo_zips.photo_waiting, name="photo-waiting"),
    path("me/", own.own_data, name="own-data"),
]
urlpatterns = [
    path("registration/", include(pages)),
    path("s/", activation.student_activate, name="student-activate"),
    path("s/confirm/", activation.student_confirm, name="student-confirm"),
]

"""Addresses of notices."""

from django.urls import path

from onex.notices.views import inbox, preferences, sent, wording

app_name = "notices"
urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("read/", inbox.inbox_read, name="inbox-read"),
    path("<uuid:pk>/", inbox.notice_detail, name="notice-detail"),
    path("<uuid:pk>/open/", inbox.notice_open, name="notice-open"),
    path("<uuid:pk>/read/", inbox.notice_read, name="notice-read"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("sent/", sent.sending_list, name="sending-list"),
    path("sent/export/", sent.sent_export, name="sent-export"),
    path("sent/<uuid:pk>/", sent.sending_detail, name="sending-detail"),
    path("sent/<uuid:pk>/export/", sent.sending_export, name="sending-export"),
    path("templates/", wording.template_list, name="template-list"),
    path("templates/<str:code>/", wording.template_edit, name="template-edit"),
    path("templates/<str:code>/reset/", wording.template_reset, name="template-reset"),
]

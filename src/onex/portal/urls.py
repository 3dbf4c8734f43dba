"""Addresses of the portal: the root of the site."""

from django.urls import path

from onex.portal.views import audit, desk, feed, news, personal, public, student

app_name = "portal"
PREFIX = ""
urlpatterns = [
    path("", public.home, name="home"),
    path("standards/", public.standard_list, name="standard-list"),
    path("standards/<slug:code>/", public.standard_detail, name="standard-detail"),
    path("calendar/", public.calendar, name="calendar"),
    path("calendar/sittings.ics", feed.calendar_feed, name="calendar-feed"),
    path("teacher-training/", public.training, name="training"),
    path("textbooks/", public.textbook_list, name="textbook-list"),
    path("cloud-course/", public.cloud_course, name="cloud-course"),
    path("how-to-apply/", public.how_to_apply, name="how-to-apply"),
    path("news/", news.news_list, name="news-list"),
    path("news/<slug:slug>/", news.news_detail, name="news-detail"),
    path("contacts/", public.contact_list, name="contact-list"),
    path("data-notes/", public.data_notes, name="data-notes"),
    path("audit/", audit.audit_list, name="audit-list"),
    path("audit/export/", audit.audit_export, name="audit-export"),
    path("audit/roots/", audit.root_list, name="root-list"),
    path("audit/roots.json", audit.root_data, name="root-data"),
    path("audit/<uuid:pk>/", audit.audit_detail, name="audit-detail"),
    path("privacy/", public.privacy, name="privacy"),
    path("my-data/", personal.my_data, name="my-data"),
    path("my-data/export/", personal.my_data_export, name="my-data-export"),
    path("my-data/erase/", personal.my_data_erase, name="my-data-erase"),
    path("students/<uuid:pk>/data/", personal.student_export, name="student-export"),
    path("students/<uuid:pk>/erase/", personal.student_erase, name="student-erase"),
    path("erasures/", personal.erasure_list, name="erasure-list"),
    path("erasures/<uuid:pk>/", personal.erasure_detail, name="erasure-detail"),
    path("erasures/<uuid:pk>/move/", personal.erasure_move, name="erasure-move"),
    path("erasures/<uuid:pk>/move/<slug:move>/", personal.erasure_move, name="erasure-move"),
    path("desk/", desk.desk, name="desk"),
    path("my-exams/", student.my_exams, name="my-exams"),
]

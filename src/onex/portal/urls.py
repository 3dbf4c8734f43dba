"""Addresses of the portal: the root of the site."""

from django.urls import path

from onex.portal.views import desk, news, public, student

app_name = "portal"
PREFIX = ""
urlpatterns = [
    path("", public.home, name="home"),
    path("standards/", public.standard_list, name="standard-list"),
    path("standards/<slug:code>/", public.standard_detail, name="standard-detail"),
    path("calendar/", public.calendar, name="calendar"),
    path("teacher-training/", public.training, name="training"),
    path("textbooks/", public.textbook_list, name="textbook-list"),
    path("cloud-course/", public.cloud_course, name="cloud-course"),
    path("how-to-apply/", public.how_to_apply, name="how-to-apply"),
    path("news/", news.news_list, name="news-list"),
    path("news/<slug:slug>/", news.news_detail, name="news-detail"),
    path("contacts/", public.contact_list, name="contact-list"),
    path("data-notes/", public.data_notes, name="data-notes"),
    path("desk/", desk.desk, name="desk"),
    path("my-exams/", student.my_exams, name="my-exams"),
]

"""Addresses of the item bank."""

from django.urls import path

from onex.bank import views

app_name = "bank"
urlpatterns = [
    path("items/", views.item_list, name="item-list"),
    path("items/export.xlsx", views.item_export, name="item-export"),
    path("items/import/", views.item_import, name="item-import"),
    path("items/<uuid:pk>/", views.item_detail, name="item-detail"),
    path("papers/", views.paper_list, name="paper-list"),
    path("papers/assemble/", views.paper_assemble, name="paper-assemble"),
    path("papers/<uuid:pk>/", views.paper_detail, name="paper-detail"),
    path("papers/<uuid:pk>/move/<str:move>/", views.paper_move, name="paper-move"),
]

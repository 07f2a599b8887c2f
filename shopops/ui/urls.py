from django.urls import path

from shopops.ui import views

PREFIX = "ui/"
urlpatterns = [
    path("language/", views.language, name="language"),
    path("me/", views.me, name="me"),
]

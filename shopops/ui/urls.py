from django.urls import path

from shopops.ui import views

PREFIX = ""
urlpatterns = [
    path("ui/language/", views.language, name="language"),
    path("ui/me/", views.me, name="me"),
    path("styleguide/", views.styleguide, name="styleguide"),
]

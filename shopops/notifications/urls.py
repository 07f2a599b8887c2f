from django.urls import path

from shopops.notifications import views

urlpatterns = [
    path("", views.all_of_them, name="list"),
    path("newest/", views.newest, name="newest"),
    path("settings/", views.settings, name="settings"),
    path("read/", views.read_all, name="read_all"),
    path("<int:pk>/open/", views.follow, name="open"),
    path("<int:pk>/read/", views.read, name="read"),
    path("<int:pk>/snooze/", views.snooze, name="snooze"),
]

from django.urls import path

from shopops.ui import export_views, views

PREFIX = ""
urlpatterns = [
    path("ui/language/", views.language, name="language"),
    path("ui/pulse/", views.beat, name="pulse"),
    path("ui/export/", export_views.ask, name="ask_export"),
    path("ui/export/<int:pk>/", export_views.fetch, name="export"),
    path("ui/me/", views.me, name="me"),
    path("styleguide/", views.styleguide, name="styleguide"),
]

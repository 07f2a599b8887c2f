from django.urls import path

from shopops.ops import views

PREFIX = ""
urlpatterns = [path("livez", views.livez, name="livez"), path("readyz", views.readyz, name="readyz")]

from django.urls import path

from shopops.search import views

urlpatterns = [path("", views.palette, name="palette")]

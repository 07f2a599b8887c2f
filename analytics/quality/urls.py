from django.urls import path

from analytics.quality import views

urlpatterns = [path("", views.checks, name="list")]

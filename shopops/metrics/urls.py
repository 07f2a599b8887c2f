from django.urls import path

from shopops.metrics import views

urlpatterns = [path("", views.dictionary, name="dictionary")]

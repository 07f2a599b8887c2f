from django.urls import path

from shopops.jobs import views

urlpatterns = [path("", views.JobList.as_view(), name="list")]

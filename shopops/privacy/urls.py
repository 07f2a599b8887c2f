from django.urls import path

from shopops.privacy import keep_views

urlpatterns = [
    path("keeping/", keep_views.rules, name="keeping"),
    path("keeping/<slug:code>/", keep_views.keep, name="keep"),
]

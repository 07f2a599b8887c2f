from django.urls import path

from shopops.privacy import keep_views, views

urlpatterns = [
    path("requests/", views.RequestList.as_view(), name="list"),
    path("requests/new/", views.new, name="new"),
    path("requests/<int:pk>/", views.RequestPage.as_view(), name="request"),
    path("requests/<int:pk>/verify/", views.verify, name="verify"),
    path("requests/<int:pk>/act/", views.act, name="act"),
    path("requests/<int:pk>/refuse/", views.refuse, name="refuse"),
    path("requests/<int:pk>/file/", views.file, name="file"),
    path("keeping/", keep_views.rules, name="keeping"),
    path("keeping/<slug:code>/", keep_views.keep, name="keep"),
]

from django.urls import path

from shopops.collaboration import file_views, views

PREFIX = "records/"
urlpatterns = [
    path("mine/", views.mine, name="mine"),
    path("<slug:table>/<int:pk>/timeline/", views.timeline, name="timeline"),
    path("<slug:table>/<int:pk>/comment/", views.write, name="write"),
    path("<slug:table>/<int:pk>/follow/", views.follow, name="follow"),
    path("<slug:table>/<int:pk>/pin/", views.pin, name="pin"),
    path("<slug:table>/<int:pk>/people/", views.people, name="people"),
    path("<slug:table>/<int:pk>/fields/<slug:column>/", views.field, name="field"),
    path("<slug:table>/<int:pk>/restore/", views.restore, name="restore"),
    path("comments/<int:pk>/edit/", views.edit, name="comment_edit"),
    path("comments/<int:pk>/remove/", views.remove, name="comment_remove"),
    path("files/<int:pk>/", file_views.download, name="file"),
    path("files/<int:pk>/small/", file_views.thumbnail, name="file_small"),
    path("files/<int:pk>/remove/", file_views.remove, name="file_remove"),
]

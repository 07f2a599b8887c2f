from django.urls import path

from shopops.acts import views

urlpatterns = [
    path("<int:pk>/", views.ActPage.as_view(), name="act"),
    path("<int:pk>/undo/", views.undo, name="undo"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
]

from django.urls import path

from shopops.reveals import views

urlpatterns = [
    path("", views.LookLog.as_view(), name="log"),
    path("<slug:table>/<int:pk>/<slug:field>/", views.reveal, name="reveal"),
]

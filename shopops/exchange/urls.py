from django.urls import path

from shopops.exchange import views

PREFIX = "exports/"
urlpatterns = [
    path("", views.ExportList.as_view(), name="exports"),
    path("mine/", views.OwnExports.as_view(), name="mine"),
    path("<int:pk>/", views.ExportPage.as_view(), name="export"),
]

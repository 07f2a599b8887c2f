from django.urls import path

from products.orders import api

urlpatterns = [
    path("imports/", api.Imports.as_view(), name="imports"),
    path("imports/<int:pk>/", api.ImportJob.as_view(), name="import_job"),
]

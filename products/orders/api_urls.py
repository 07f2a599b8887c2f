from django.urls import path

from products.orders import api, own_api

urlpatterns = [
    path("<int:pk>/", own_api.OwnMarks.as_view(), name="order"),
    path("imports/", api.Imports.as_view(), name="imports"),
    path("imports/<int:pk>/", api.ImportJob.as_view(), name="import_job"),
]

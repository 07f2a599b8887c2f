from django.urls import path

from products.orders import import_flow, import_pages, own, receiver_views, record, views

PREFIX = "orders/"
urlpatterns = [
    path("", views.OrderList.as_view(), name="list"),
    path("<int:pk>/", record.OrderPage.as_view(), name="order"),
    path("<int:pk>/receiver/", receiver_views.receiver, name="receiver"),
    path("<int:pk>/own/", own.change, name="own"),
    path("bulk/<str:act>/", own.OrderBulk.as_view(), name="bulk"),
    path("imports/", import_pages.ImportList.as_view(), name="imports"),
    path("imports/new/", import_flow.new, name="import_new"),
    path("imports/<int:pk>/", import_pages.ImportPage.as_view(), name="import"),
    path("imports/<int:pk>/run/", import_flow.run, name="import_run"),
    path("imports/<int:pk>/cancel/", import_flow.cancel, name="import_cancel"),
    path("imports/<int:pk>/undo/", import_flow.undo, name="import_undo"),
    path("imports/<int:pk>/again/", import_flow.again, name="import_again"),
    path("imports/<int:pk>/mapping/", import_flow.mapping, name="import_mapping"),
    path("imports/<int:pk>/refused.<str:kind>", import_flow.rejects, name="import_rejects"),
]

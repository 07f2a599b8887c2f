from django.urls import path

from products.orders import record, views

PREFIX = "orders/"
urlpatterns = [
    path("", views.OrderList.as_view(), name="list"),
    path("<int:pk>/", record.OrderPage.as_view(), name="order"),
    path("<int:pk>/reveal/", record.reveal, name="reveal"),
]

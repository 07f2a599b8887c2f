from django.urls import path

from products.refunds import views

PREFIX = "refunds/"
urlpatterns = [
    path("", views.RefundList.as_view(), name="list"),
    path("<int:pk>/", views.RefundPage.as_view(), name="refund"),
]

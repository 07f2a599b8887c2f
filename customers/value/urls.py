from django.urls import path

from customers.value import views

PREFIX = "customers/"
urlpatterns = [
    path("", views.CustomerList.as_view(), name="list"),
    path("<int:pk>/", views.CustomerPage.as_view(), name="customer"),
]

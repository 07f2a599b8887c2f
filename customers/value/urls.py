from django.urls import path

from customers.value import merging, views

PREFIX = "customers/"
urlpatterns = [
    path("", views.CustomerList.as_view(), name="list"),
    path("<int:pk>/", views.CustomerPage.as_view(), name="customer"),
    path("<int:pk>/merge/", merging.merge, name="merge"),
    path("merges/<int:pk>/undo/", merging.unmerge, name="unmerge"),
]

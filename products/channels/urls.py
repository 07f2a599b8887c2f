from django.urls import path

from products.channels import views

PREFIX = "channels/"
urlpatterns = [
    path("", views.ChannelList.as_view(), name="list"),
    path("new/", views.create, name="create"),
    path("<int:pk>/", views.ChannelPage.as_view(), name="channel"),
    path("<int:pk>/change/", views.change, name="change"),
]

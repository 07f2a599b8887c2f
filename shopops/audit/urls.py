from django.urls import path

from shopops.audit import views

PREFIX = "history/"
urlpatterns = [
    path("", views.ChangeList.as_view(), name="list"),
    path("<int:pk>/", views.change, name="change"),
    path("chain/", views.chain, name="chain"),
]

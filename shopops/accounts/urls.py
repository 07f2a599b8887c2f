from django.urls import path

from shopops.accounts import views

urlpatterns = [
    path("", views.PeopleList.as_view(), name="people"),
    path("new/", views.new, name="new"),
    path("roles/", views.roles, name="roles"),
    path("<int:pk>/", views.person, name="person"),
    path("<int:pk>/change/", views.change, name="change"),
    path("<int:pk>/link/", views.link, name="link"),
    path("welcome/<str:uid>/<str:token>/", views.welcome, name="welcome"),
]

from django.urls import path

from shopops.accounts.roles import DEPARTMENTS
from shopops.dashboard import views

PREFIX = ""
urlpatterns = [
    path("", views.start, name="start"),
    *(
        path(f"{code}/", views.home, {"department": code}, name=code)
        for code, _name, _app in DEPARTMENTS
        if code != "management"
    ),
]

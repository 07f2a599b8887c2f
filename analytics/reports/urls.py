from datetime import date

from django.urls import path, register_converter

from analytics.reports import views


class DayConverter:
    """A store day in an address: 2026-03-23."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        return str(value)


register_converter(DayConverter, "day")

urlpatterns = [
    path("", views.calendar, name="list"),
    path("subscription/", views.subscription, name="subscription"),
    path("<day:day>/", views.day, name="day"),
    path("<day:day>/note/", views.note, name="note"),
    path("<day:day>/make/", views.make, name="make"),
    path("<day:day>/send/", views.send, name="send"),
    path("<day:day>/<int:number>/", views.day, name="revision"),
    path("<day:day>/<int:number>/workbook/", views.workbook, name="workbook"),
]

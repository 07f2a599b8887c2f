from django.urls import path

from products.sales import views

urlpatterns = [
    path("days/", views.days, name="days"),
    path("plans/", views.plans, name="plans"),
    path("plans/<int:year>/<int:month>/", views.plan, name="plan"),
]

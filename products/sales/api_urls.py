from django.urls import path

from products.sales.api import FiguresView

PREFIX = "figures/"
urlpatterns = [path("", FiguresView.as_view(), name="figures")]

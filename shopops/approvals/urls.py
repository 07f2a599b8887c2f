from django.urls import path

from shopops.approvals import views

urlpatterns = [
    path("", views.ApprovalList.as_view(), name="list"),
    path("deciders/", views.who_decides, name="deciders"),
    path("<int:pk>/", views.approval, name="approval"),
    path("<int:pk>/decide/", views.decide, name="decide"),
    path("<int:pk>/withdraw/", views.withdraw, name="withdraw"),
]

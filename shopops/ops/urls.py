from django.urls import path

from shopops.ops import outbox, views

PREFIX = ""
urlpatterns = [
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
    path("outbox/", outbox.MailList.as_view(), name="outbox"),
    path("outbox/sending/", outbox.change_sending, name="sending"),
    path("outbox/<int:pk>/", outbox.mail, name="mail"),
    path("outbox/<int:pk>/file/", outbox.mail_file, name="mail_file"),
]

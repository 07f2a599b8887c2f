from django.urls import path

from shopops.accounts import admin_views, factor_views, own_views, reach_views, role_views, views

urlpatterns = [
    path("", views.PeopleList.as_view(), name="people"),
    path("new/", views.new, name="new"),
    path("roles/", role_views.roles, name="roles"),
    path("roles/new/", role_views.new_role, name="new_role"),
    path("roles/compare/", role_views.compare, name="compare"),
    path("roles/as-myself/", role_views.stop_seeing, name="stop_seeing"),
    path("roles/<int:pk>/", role_views.role, name="role"),
    path("roles/<int:pk>/change/", role_views.change_role, name="change_role"),
    path("roles/<int:pk>/see-as/", role_views.see_as, name="see_as"),
    path("rules/", admin_views.log_in_rules, name="rules"),
    path("rules/end-everybody/", admin_views.end_everybody, name="end_everybody"),
    path("<int:pk>/", views.person, name="person"),
    path("<int:pk>/change/", views.change, name="change"),
    path("<int:pk>/reach/", reach_views.person_reach, name="person_reach"),
    path("<int:pk>/link/", views.link, name="link"),
    path("<int:pk>/end-sessions/", admin_views.end_sessions, name="end_sessions"),
    path("<int:pk>/reset-factor/", admin_views.reset_factor, name="reset_factor"),
    path("<int:pk>/leave/", admin_views.leave, name="leave"),
    path("welcome/<str:uid>/<str:token>/", views.welcome, name="welcome"),
    path("forgot/", own_views.forgot, name="forgot"),
    path("me/sessions/", own_views.own_sessions, name="sessions"),
    path("me/sessions/others/", own_views.end_other_sessions, name="end_other_sessions"),
    path("me/sessions/<int:pk>/end/", own_views.end_session, name="end_session"),
    path("me/tokens/", own_views.own_tokens, name="tokens"),
    path("me/tokens/<int:pk>/revoke/", own_views.revoke_token, name="revoke_token"),
    path("me/factors/picture.svg", factor_views.totp_picture, name="totp_picture"),
]

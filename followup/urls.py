"""Addresses of the follow-up."""

from django.urls import path, re_path

from followup import api, views

ONE = r"^follow-ups/(?P<follow_up_id>[0-9]{1,18})/"
SUPERVISION = r"^supervisions/(?P<supervision_id>[0-9]{1,18})/"

urlpatterns = [
    path("follow-ups/", views.follow_up_list, name="follow_up_list"),
    path("follow-ups/done/", views.follow_up_done, name="follow_up_done"),
    re_path(ONE + "$", views.follow_up_call, name="follow_up_call"),
    re_path(ONE + "result/$", views.record_result, name="follow_up_result"),
    re_path(ONE + "safe-contact/$", views.safe_contact, name="follow_up_safe_contact"),
    re_path(ONE + "waive/$", views.waive, name="follow_up_waive"),
    re_path(ONE + "parties/(?P<party_id>[0-9]{1,18})/reveal/$", views.reveal, name="follow_up_reveal"),
    path("closings/", views.closing_list, name="closing_list"),
    re_path(
        r"^closings/(?P<case_no>[A-Za-z0-9]{1,30})/(?P<verdict>approve|return)/$",
        views.decide_closing,
        name="decide_closing",
    ),
    path("supervisions/", views.supervision_list, name="supervision_list"),
    re_path(SUPERVISION + "$", views.supervision_detail, name="supervision_detail"),
    re_path(SUPERVISION + "issue/$", views.issue, name="supervision_issue"),
    re_path(SUPERVISION + "drop/$", views.drop, name="supervision_drop"),
    re_path(SUPERVISION + "answer/$", views.answer, name="supervision_answer"),
    re_path(SUPERVISION + "check/(?P<verdict>accept|return)/$", views.check, name="supervision_check"),
]
api_urlpatterns = [
    re_path(ONE + "result/$", api.ResultView.as_view(), name="api-follow-up-result"),
    path("cases/<str:case_no>/close/", api.CloseView.as_view(), name="api-case-close"),
]

"""Addresses of the routing stage. Each family keeps its list, so that a stage's part reads as one table."""

from django.urls import path

from routing import api

urlpatterns: list[object] = []

api_urlpatterns = [
    path("pushes/<int:push_id>/", api.PushView.as_view(), name="api-push"),
    path("pushes/<int:push_id>/sign/", api.PushSignView.as_view(), name="api-push-sign"),
    path("pushes/<int:push_id>/arrive/", api.PushArriveView.as_view(), name="api-push-arrive"),
    path("pushes/<int:push_id>/feedback/", api.PushFeedbackView.as_view(), name="api-push-feedback"),
    path("cases/<str:case_no>/contacts/", api.ContactView.as_view(), name="api-case-contacts"),
    path("cases/<str:case_no>/settle/", api.SettleView.as_view(), name="api-case-settle"),
    path("cases/<str:case_no>/confirm/", api.ConfirmView.as_view(), name="api-case-confirm"),
    path("cases/<str:case_no>/case-files/", api.CaseFileView.as_view(), name="api-case-files"),
]

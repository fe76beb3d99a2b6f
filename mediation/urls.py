"""Addresses of mediation and consultation."""

from django.urls import path

from mediation import api, views

urlpatterns = [
    path("mediation/", views.session_list, name="session_list"),
    path("mediation/<int:session_id>/", views.session_detail, name="session_detail"),
    path("mediation/<int:session_id>/print/", views.record_print, name="record_print"),
    path("mediation/<int:session_id>/docx/", views.record_docx, name="record_docx"),
    path("mediation/<int:session_id>/parties/<int:party_id>/reveal/", views.reveal, name="party_reveal"),
    path("cases/<str:case_no>/sessions/new/", views.convene, name="session_new"),
    path("cases/<str:case_no>/agreements/new/", views.new_agreement, name="agreement_new"),
    path("agreements/<str:number>/", views.agreement_detail, name="agreement_detail"),
    path("agreements/<str:number>/items/<int:item>/", views.perform, name="agreement_item"),
    path("agreements/<str:number>/confirmation/", views.confirm, name="agreement_confirm"),
    path("agreements/<str:number>/print/", views.agreement_print, name="agreement_print"),
    path("agreements/<str:number>/docx/", views.agreement_docx, name="agreement_docx"),
    path("papers/<int:paper_id>/", views.paper_file, name="paper_file"),
    path("consultations/", views.consultation_list, name="consultation_list"),
    path("consultations/decisions/", views.decision_list, name="decision_list"),
    path("consultations/decisions/<int:decision_id>/", views.complete, name="decision_complete"),
    path("consultations/<int:consultation_id>/", views.consultation_detail, name="consultation_detail"),
    path("consultations/<int:consultation_id>/agenda/", views.add_to_agenda, name="consultation_agenda"),
    path(
        "consultations/<int:consultation_id>/entries/<int:entry_id>/",
        views.decide,
        name="consultation_decide",
    ),
    path("consultations/<int:consultation_id>/close/", views.close, name="consultation_close"),
]
api_urlpatterns = [
    path("cases/<str:case_no>/sessions/", api.SessionsView.as_view(), name="api-case-sessions"),
    path("cases/<str:case_no>/agreements/", api.AgreementsView.as_view(), name="api-case-agreements"),
    path(
        "cases/<str:case_no>/consultations/", api.ConsultationsView.as_view(), name="api-case-consultations"
    ),
]

"""Addresses of the routing stage. Each family keeps its list, so that a stage's part reads as one table."""

from datetime import date

from django.urls import path, re_path, register_converter

from dispute_hub.common.time import day_named
from routing import api, views


class DayConverter:
    """A calendar day as 2026-01-31; an impossible one, or one out of reach, is not found."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, text: str) -> date:
        return day_named(text)

    def to_url(self, day: date) -> str:
        return day.isoformat()


register_converter(DayConverter, "day")

_pushes = [
    path("pushes/", views.push_list, name="push_list"),
    path("pushes/_cards/", views.push_cards, name="push_cards"),
    path("pushes/_field/", views.field.push_field, name="push_field"),
    path("pushes/worker.js", views.field.push_worker, name="push_worker"),
    path("pushes/offline/", views.field.push_offline, name="push_offline"),
    path("pushes/on-behalf/", views.on_behalf.on_behalf_list, name="on_behalf_list"),
    path("pushes/on-behalf/<int:record_id>/", views.on_behalf.on_behalf_confirm, name="on_behalf_confirm"),
    path("reinforcements/", views.reinforcements.reinforcement_list, name="reinforcement_list"),
    path(
        "reinforcements/<int:reinforcement_id>/answer/",
        views.reinforcements.reinforcement_answer,
        name="reinforcement_answer",
    ),
    path("pushes/<int:push_id>/", views.push_detail, name="push_detail"),
    path("pushes/<int:push_id>/reinforce/", views.push_reinforce, name="push_reinforce"),
    path("pushes/<int:push_id>/withdraw/", views.push_withdraw, name="push_withdraw"),
    path("pushes/<int:push_id>/text/", views.push_add_text, name="push_add_text"),
    path("pushes/<int:push_id>/sign/", views.push_sign, name="push_sign"),
    path("pushes/<int:push_id>/arrive/", views.push_arrive, name="push_arrive"),
    path("pushes/<int:push_id>/feedback/", views.push_feedback, name="push_feedback"),
]
_tracking = [
    path("tracking/", views.tracking_list, name="tracking_list"),
    path("tracking/<str:case_no>/", views.tracking_panel, name="tracking_panel"),
    path("tracking/<str:case_no>/assign/", views.tracking_assign, name="tracking_assign"),
    path("tracking/<str:case_no>/contact/", views.tracking_contact, name="tracking_contact"),
    path("tracking/<str:case_no>/take-over/", views.tracking_take_over, name="tracking_take_over"),
    path("tracking/<str:case_no>/settle/", views.tracking_settle, name="tracking_settle"),
]
_emergencies = [
    path("emergencies/", views.emergencies.emergency_list, name="emergency_list"),
    path("cases/<str:case_no>/emergency/", views.emergencies.emergency_new, name="emergency_new"),
    path("emergencies/<int:emergency_id>/", views.emergencies.emergency_detail, name="emergency_detail"),
    path(
        "emergencies/<int:emergency_id>/reports/",
        views.emergencies.emergency_report,
        name="emergency_report",
    ),
    path(
        "emergencies/<int:emergency_id>/commander/",
        views.emergencies.emergency_commander,
        name="emergency_commander",
    ),
    path("emergencies/<int:emergency_id>/end/", views.emergencies.emergency_end, name="emergency_end"),
    path(
        "emergencies/<int:emergency_id>/instruction/",
        views.emergencies.emergency_instruction,
        name="emergency_instruction",
    ),
    path(
        "emergencies/<int:emergency_id>/receive/",
        views.emergencies.emergency_receive,
        name="emergency_receive",
    ),
]
_sheets = [
    path("sheet/", views.sheet_today, name="sheet_today"),
    path("handover/", views.handover_today, name="handover_today"),
    path("handover/sign/", views.handover_sign, name="handover_sign"),
    path("handover/<day:shift_on>/", views.handover, name="handover"),
    path("handover/<day:shift_on>/print/", views.handover_print, name="handover_print"),
    path("sheet/<day:sheet_on>/", views.sheet, name="sheet"),
    path("sheet/<day:sheet_on>/sign/", views.sheet_sign, name="sheet_sign"),
    path("sheet/<day:sheet_on>/print/", views.sheet_print, name="sheet_print"),
    path("sheet/<day:sheet_on>/rows/", views.sheet_rows, name="sheet_rows"),
    path("sheet/<day:sheet_on>/undo/", views.sheet_undo, name="sheet_undo"),
    path("sheet/<day:sheet_on>/rows/<int:row_id>/", views.sheet_row, name="sheet_row"),
]
_approvals = [
    path("approvals/", views.approvals, name="approvals"),
    path("approvals/confirm/<str:case_no>/", views.confirm_case, name="confirm_case"),
]
_orders = [
    path("approvals/orders/", views.order_approvals, name="order_approvals"),
    re_path(
        r"^approvals/extensions/(?P<extension_id>[0-9]{1,18})/(?P<verdict>approve|reject)/$",
        views.decide_extension,
        name="decide_extension",
    ),
    re_path(
        r"^approvals/lost/(?P<lost_id>[0-9]{1,18})/(?P<verdict>approve|reject)/$",
        views.decide_lost,
        name="decide_lost",
    ),
    path("approvals/aside/", views.aside.stepping_aside, name="stepping_aside"),
    re_path(
        r"^approvals/recusals/(?P<recusal_id>[0-9]{1,18})/(?P<verdict>approve|reject)/$",
        views.aside.recusal_decide,
        name="recusal_decide",
    ),
    path(
        "approvals/jurisdiction/<int:dispute_id>/",
        views.aside.jurisdiction_decide,
        name="jurisdiction_decide",
    ),
    path("approvals/complaints/<str:case_no>/", views.aside.complaint_assign, name="complaint_assign"),
    path("approvals/recusals/<int:recusal_id>/move/", views.aside.complained_move, name="complained_move"),
    path("cases/<str:case_no>/recusal/", views.aside.recusal, name="recusal"),
    path("cases/<str:case_no>/jurisdiction/", views.aside.jurisdiction, name="jurisdiction"),
    path("orders/<str:no>/redirect/", views.aside.order_redirect, name="order_redirect"),
    path("cases/<str:case_no>/third-push/", views.third_push, name="third_push"),
    path("cases/<str:case_no>/third-push/preview/", views.third_push_preview, name="third_push_preview"),
    path("cases/<str:case_no>/third-push/draft/", views.third_push_draft, name="third_push_draft"),
    path(
        "cases/<str:case_no>/third-push/draft/drop/",
        views.third_push_draft_drop,
        name="third_push_draft_drop",
    ),
    path("cases/<str:case_no>/divert/", views.divert, name="diversion"),
    path("orders/", views.orders.order_list, name="order_list"),
    path("orders/<str:no>/", views.orders.order_detail, name="order_detail"),
    path("orders/<str:no>/print/", views.orders.order_print, name="order_print"),
    path("orders/<str:no>/notice/", views.diversions.order_notice, name="order_notice"),
    path("orders/<str:no>/notice/deliver/", views.diversions.notice_deliver, name="notice_deliver"),
    path("orders/<str:no>/phone/", views.phone_approvals.order_phone, name="order_phone"),
    re_path(
        r"^orders/(?P<no>[^/]+)/written/(?P<verdict>approve|reject)/$",
        views.phone_approvals.order_written,
        name="order_written",
    ),
    path("orders/<str:no>/approve/", views.orders.approve, name="order_approve"),
    path("orders/<str:no>/reject/", views.orders.reject, name="order_reject"),
    path("orders/<str:no>/accept/", views.orders.accept, name="order_accept"),
    path("orders/<str:no>/return/", views.orders.return_, name="order_return"),
    path("orders/<str:no>/recall/", views.orders.recall, name="order_recall"),
    path("orders/<str:no>/assign/", views.orders.assign, name="order_assign"),
    path("orders/<str:no>/contact/", views.orders.contact, name="order_contact"),
    path("orders/<str:no>/complete/", views.orders.complete, name="order_complete"),
    path("orders/<str:no>/tasks/<int:task_id>/done/", views.orders.task_done, name="order_task_done"),
    path("orders/<str:no>/tasks/<int:task_id>/excuse/", views.orders.task_excuse, name="order_task_excuse"),
    path("orders/<str:no>/feedback/", views.orders.feedback, name="order_feedback"),
    path("orders/<str:no>/extend/", views.orders.extend, name="order_extend"),
    path("orders/<str:no>/settle/", views.orders.settle, name="order_settle"),
    path("orders/<str:no>/verify/", views.orders.verify, name="order_verify"),
    path("orders/<str:no>/tried/", views.orders.tried, name="order_tried"),
    path("orders/<str:no>/lost/", views.orders.lost, name="order_lost"),
]
_diversions = [
    path(
        "cases/<str:case_no>/propose-diversion/", views.diversions.diversion_propose, name="diversion_propose"
    ),
    path("diversions/", views.diversions.diversion_list, name="diversion_list"),
    path("diversions/<str:no>/confirm/", views.diversions.diversion_confirm, name="diversion_confirm"),
    path("diversions/<str:no>/refuse/", views.diversions.diversion_refuse, name="diversion_refuse"),
    path("diversions/<str:no>/call/", views.diversions.diversion_call, name="diversion_call"),
]
_counter_orders = [
    path("counter-orders/", views.counters.counter_list, name="counter_list"),
    path("counter-orders/new/", views.counters.counter_new, name="counter_new"),
    path("counter-orders/<str:no>/", views.counters.counter_detail, name="counter_detail"),
    path("counter-orders/<str:no>/accept/", views.counters.accept, name="counter_accept"),
    path("counter-orders/<str:no>/return/", views.counters.return_, name="counter_return"),
    path("counter-orders/<str:no>/answer/", views.counters.answer, name="counter_answer"),
]
_assists = [
    path("assists/", views.assists.assist_list, name="assist_list"),
    path("cases/<str:case_no>/assist/", views.assists.assist_new, name="assist_new"),
    path("assists/<int:assist_id>/sign/", views.assists.assist_sign, name="assist_sign"),
    path("assists/<int:assist_id>/answer/", views.assists.assist_answer, name="assist_answer"),
    path("assists/<int:assist_id>/withdraw/", views.assists.assist_withdraw, name="assist_withdraw"),
]
_watches = [
    path("watches/", views.watches.watch_list, name="watch_list"),
    path("watches/<str:no>/urge/", views.watches.watch_urge, name="watch_urge"),
    path("watches/<str:no>/watcher/", views.watches.watch_change, name="watch_change"),
]
urlpatterns = [
    *_pushes,
    *_tracking,
    *_emergencies,
    *_sheets,
    *_approvals,
    *_orders,
    *_diversions,
    *_counter_orders,
    *_watches,
    *_assists,
]

_push_api = [
    path("pushes/<int:push_id>/", api.PushView.as_view(), name="api-push"),
    path("pushes/<int:push_id>/sign/", api.PushSignView.as_view(), name="api-push-sign"),
    path("pushes/<int:push_id>/arrive/", api.PushArriveView.as_view(), name="api-push-arrive"),
    path("pushes/<int:push_id>/feedback/", api.PushFeedbackView.as_view(), name="api-push-feedback"),
]
_case_api = [
    path("cases/<str:case_no>/contacts/", api.ContactView.as_view(), name="api-case-contacts"),
    path("cases/<str:case_no>/settle/", api.SettleView.as_view(), name="api-case-settle"),
    path("cases/<str:case_no>/confirm/", api.ConfirmView.as_view(), name="api-case-confirm"),
    path("cases/<str:case_no>/case-files/", api.CaseFileView.as_view(), name="api-case-files"),
]
_sheet_api = [
    path("sheets/<str:station>/<day:sheet_on>/", api.SheetView.as_view(), name="api-sheet"),
    path("sheets/<str:station>/<day:sheet_on>/sign/", api.SheetSignView.as_view(), name="api-sheet-sign"),
]
_order_api = [
    path("cases/<str:case_no>/third-push/", api.ThirdPushView.as_view(), name="api-third-push"),
    path("cases/<str:case_no>/divert/", api.DivertView.as_view(), name="api-case-divert"),
    path("work-orders/<str:no>/", api.OrderView.as_view(), name="api-order"),
    *(
        path(f"work-orders/<str:no>/{name}/", view.as_view(), name=f"api-order-{name}")
        for name, view in api.ORDER_ACTS.items()
    ),
]
api_urlpatterns = [*_push_api, *_case_api, *_sheet_api, *_order_api]

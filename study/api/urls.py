"""Addresses of the API."""

from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView

from study.api import researchers, volunteers

urlpatterns = [
    path("schema/", SpectacularJSONAPIView.as_view(), name="api_schema"),
    path("v1/sessions/<slug:token>", volunteers.session_state, name="api_session"),
    path("v1/sessions/<slug:token>/answers", volunteers.answer, name="api_answer"),
    path("v1/sessions/<slug:token>/events", volunteers.report_events, name="api_events"),
    path("v1/sessions/<slug:token>/extend", volunteers.extend, name="api_extend"),
    path("v1/studies/<int:pk>/results", researchers.study_results, name="api_results"),
    path("v1/studies/<int:pk>/answers", researchers.study_answers, name="api_study_answers"),
]

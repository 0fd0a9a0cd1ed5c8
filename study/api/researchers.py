"""Read-only results for the people who work on a study."""

from __future__ import annotations

import json
from dataclasses import asdict

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from study import permissions
from study.api.shapes import ErrorShape, StudyAnswerShape
from study.domain import conditions, results
from study.domain.selecting import Selection
from study.models import Condition, Session, Study

MODE = OpenApiParameter("mode", enum=Session.Mode.values, default=Session.Mode.LIVE)


CONDITION = OpenApiParameter(
    "condition", OpenApiTypes.INT, description="Number of the condition to count; needed where there are any."
)


@extend_schema(
    operation_id="study_results",
    parameters=[MODE, CONDITION],
    responses={200: OpenApiTypes.OBJECT, 400: ErrorShape, 403: ErrorShape, 404: ErrorShape},
)
@api_view(["GET"])
def study_results(request: Request, pk: int) -> Response:
    """Return accuracy, sigma, kappa and the rest over finished sessions of one mode."""
    study = permissions.study_for(request.user, pk)
    condition = _condition(request, study)
    selection = Selection(_mode(request), condition=condition)
    return Response(json.loads(results.summary_json(study, selection)))


@extend_schema(
    operation_id="study_answers",
    parameters=[MODE],
    responses={200: StudyAnswerShape(many=True), 403: ErrorShape, 404: ErrorShape},
)
@api_view(["GET"])
def study_answers(request: Request, pk: int) -> Response:
    """Return every answer of one mode, one object each."""
    study = permissions.study_for(request.user, pk)
    return Response([asdict(answer) for answer in results.answers(study, _mode(request))])


def _condition(request: Request, study: Study) -> Condition | None:
    asked = str(request.query_params.get("condition", ""))
    return conditions.numbered(study, asked) if asked else None


def _mode(request: Request) -> str:
    return str(request.query_params.get("mode", Session.Mode.LIVE))

"""The Django project and app: researchers build studies, volunteers take them, analysts read them."""

from study.celery import app as celery_app

__all__ = ["celery_app"]

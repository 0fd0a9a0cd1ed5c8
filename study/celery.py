"""The Celery application: `celery -A study worker -B` runs the jobs and the sweep."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "study.settings")

app = Celery("study")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["study"])

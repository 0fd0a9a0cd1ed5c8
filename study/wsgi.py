"""The WSGI entry point for gunicorn: `gunicorn study.wsgi`."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "study.settings")

application = get_wsgi_application()

# What is loaded now stays for good: searched for garbage again and again it would hold requests up.
gc.collect()
gc.freeze()

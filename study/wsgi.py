"""The WSGI entry point: `granian --interface wsgi study.wsgi:application`."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "study.settings")

from study.turns import in_turns

application = in_turns(get_wsgi_application())

# What is loaded now stays for good: searched for garbage again and again it would hold requests up.
gc.collect()
gc.freeze()

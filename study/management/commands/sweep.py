"""`manage.py sweep`: send builds again whose worker or message is gone."""

from typing import Any

from django.core.management.base import BaseCommand

from study import tasks
from study.domain import building


class Command(BaseCommand):
    """What the worker's clock does every half minute, once by hand."""

    help = "Queue again the builds whose worker or message is gone."

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep once and say what was sent again."""
        swept = building.sweep()
        for build_id in swept:
            tasks.enqueue_build(build_id)
        self.stdout.write(f"{len(swept)} {'build' if len(swept) == 1 else 'builds'} sent again.")

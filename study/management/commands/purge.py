"""`manage.py purge`: delete the visits that their studies have kept long enough."""

from typing import Any

from django.core.management.base import BaseCommand

from study.domain import privacy


class Command(BaseCommand):
    """What the worker's clock does every hour, once by hand."""

    help = "Delete the visits that their studies have kept long enough; only counts stay."

    def handle(self, *args: Any, **options: Any) -> None:
        """Purge once and say how many visits are gone."""
        purged = privacy.purge()
        self.stdout.write(f"{purged} {'visit is' if purged == 1 else 'visits are'} deleted.")

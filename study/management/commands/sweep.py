"""`manage.py sweep`: send jobs again whose worker or message is gone, and delete pictures that are over."""

from typing import Any

from django.core.management.base import BaseCommand

from study import tasks
from study.domain import building, exports, own_pictures


class Command(BaseCommand):
    """What the worker's clock does every half minute, once by hand."""

    help = "Queue again builds and pictures whose worker or message is gone; delete pictures after an hour."

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep once and say what was sent again."""
        swept = building.sweep()
        for build_id in swept:
            tasks.enqueue_build(build_id)
        self.stdout.write(f"{len(swept)} {'build' if len(swept) == 1 else 'builds'} sent again.")
        pictures = own_pictures.sweep()
        for picture_id in pictures:
            tasks.enqueue_picture(picture_id)
        packages = exports.sweep()
        for export_id in packages:
            tasks.enqueue_export(export_id)
        self.stdout.write(f"Packages: {len(packages)} sent again, {exports.purge()} deleted.")
        self.stdout.write(f"Pictures: {len(pictures)} sent again, {own_pictures.purge()} deleted.")

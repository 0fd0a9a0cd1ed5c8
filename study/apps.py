"""The one Django app."""

from django.apps import AppConfig


class StudyApp(AppConfig):
    """Registers the models and the checks of the settings."""

    name = "study"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import the checks, so that Django knows them."""
        from study import checks  # noqa: F401 - registering is the point

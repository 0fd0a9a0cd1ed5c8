"""Static files under names that hold their content's hash, the modules that a script imports included."""

from functools import cache

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # it has no types
    """As WhiteNoise's, and our scripts import each other by hashed names: no page mixes two versions.

    Only ours: a comment in one of htmx's files looks like an import to Django's search.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        "study/js/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )

    @cache  # noqa: B019  # the storage lives as long as the process, and names are few
    def url(self, name: str | None, force: bool = False) -> str:
        """Return the address of a file, looked up once: every page names a dozen."""
        return str(super().url(name, force=force))

"""Which addresses are pages, by the group of `pages.py` that opens them; and which are none, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver

FILE = re.compile(r"\.(csv|json|npz|js|svg|wav|<(str|slug):suffix>)$")

PAGES: dict[str, set[str]] = {
    "volunteer": {
        "volunteer_welcome", "volunteer_consent", "volunteer_sound", "volunteer_headphones",
        "volunteer_instructions", "volunteer_examples", "volunteer_practice", "volunteer_rest",
        "volunteer_trial", "volunteer_questions", "volunteer_resume", "volunteer_expired",
        "volunteer_finish", "volunteer_thanks", "volunteer_broken", "volunteer_offline",
        "volunteer_withdraw", "volunteer_withdrawn",
    },
    "researcher": {
        "study_list", "study_new", "study", "study_edit", "study_preview", "study_delete", "study_results",
        "study_descriptions", "study_gallery_texts", "study_panel", "study_steps", "study_returning",
        "study_sound", "study_conditions", "study_condition_new", "study_participants", "study_languages",
        "study_texts", "study_questions", "study_question_new", "study_question_edit", "study_privacy",
        "study_package", "study_declared", "study_planning", "study_preregistration", "study_figures",
        "study_machine", "exhibit_texts",
    },
    "public": {
        "home", "hear", "own_picture", "gallery_list", "exhibit", "study_gallery", "account_login",
        "account_signup", "account_reset_password", "account_reset_password_done",
        "account_reset_password_from_key_done", "account_email_verification_sent", "account_inactive",
    },
    "account": {
        "account", "account_email", "account_change_password", "account_logout", "account_reauthenticate",
        "mfa_index", "mfa_activate_totp", "mfa_list_webauthn", "mfa_add_webauthn",
    },
}  # fmt: skip

NO_PAGES = {
    "a word for a machine": {"alive"},
    "a picture or a sound": {"media", "shown"},
    "JSON for programs": {
        "api_schema", "api_session", "api_answer", "api_events", "api_extend", "api_results",
        "api_study_answers", "own_picture_progress",
    },
    "a file to save": {"study_package_download", "mfa_download_recovery_codes"},
    "a part of a page, which is looked at there": {"study_build", "study_package_progress"},
    "a button: it leads to another page": {
        "own_picture_delete", "volunteer_extend", "volunteer_language", "study_build_cancel",
        "study_publish", "study_pause", "study_resume", "study_close", "study_version", "study_people",
        "study_people_remove", "study_condition_remove", "study_condition_switch", "study_package_cancel",
        "study_question_up", "study_question_remove",
    },
    "the form of a new condition, filled in": {"study_condition_edit"},
    "only with a letter's link or a second factor; made of the same parts as the pages above": {
        "account_set_password", "account_confirm_login_code", "account_confirm_email",
        "account_reset_password_from_key", "mfa_authenticate", "mfa_reauthenticate", "mfa_deactivate_totp",
        "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_reauthenticate_webauthn",
        "mfa_remove_webauthn", "mfa_edit_webauthn",
    },
}  # fmt: skip


def names(resolver: URLResolver) -> Iterator[str]:
    """Yield the name of every address but those of files with a suffix."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern)
        elif isinstance(pattern, URLPattern) and not FILE.search(str(pattern.pattern)):
            yield pattern.name or str(pattern.pattern)

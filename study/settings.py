"""Every setting, read from the environment (or `.env`) with defaults that run on one machine.

Without any variable: SQLite in WAL mode, Celery over files, local media, all under `var/`. The same code
takes PostgreSQL (DATABASE_URL), Redis (EARSIGHT_BROKER_URL) and S3-compatible media (EARSIGHT_S3_BUCKET).
`.env.example` lists every variable; `study/checks.py` says what is wrong with a bad value.
"""

import os
import secrets
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env", overwrite=False)

VAR = Path(env.str("EARSIGHT_VAR", default=str(BASE_DIR / "var"))).resolve()
VAR.mkdir(parents=True, exist_ok=True)


def _made_once(path: Path) -> str:
    """Return the secret in this file, making it (readable by its owner alone) where there is none.

    The file appears whole under its name, so that two processes that start together read the same secret.
    """
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            with open(draft, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                file.write(secrets.token_urlsafe(50))
            with suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
        except OSError as error:
            raise ImproperlyConfigured(f"Cannot write {path}; set SECRET_KEY or EARSIGHT_VAR.") from error
    return path.read_text()


# --- Security ----------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or _made_once(VAR / "secret-key.txt")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
SITE_URL = env.str("EARSIGHT_SITE_URL", default=f"http://localhost:{env.str('PORT', '8000')}").rstrip("/")
HTTPS = SITE_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS and env.bool("EARSIGHT_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = env.int("EARSIGHT_HSTS_SECONDS", default=31_536_000 if HTTPS else 0)
BEHIND_PROXY = env.bool("EARSIGHT_BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"  # a session's address stays here
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "media-src": [SELF, "blob:"],
        "img-src": [SELF, "blob:", "data:"],  # data: is allauth's QR code for authenticator apps
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- The application ---------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "study",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "study.middleware.ContentPolicy",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.common.CommonMiddleware",
    "study.middleware.Languages",
    "study.middleware.StraightWay",  # answers go no further
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "study.middleware.KeepNothing",
    "study.middleware.NamedErrors",
]
ROOT_URLCONF = "study.urls"
WSGI_APPLICATION = "study.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {"i18n": "study.web.said_once"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "study.web.words.for_scripts",
                "study.web.speech.for_pages",
            ],
        },
    }
]
SILENCED_SYSTEM_CHECKS = ["templates.W003"]  # "i18n" is meant to be ours instead of Django's
# Every language of the volunteers' pages, under its own name; each has a complete catalog in study/locale.
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("nl", "Nederlands"),
    ("fr", "Français"),
    ("es", "Español"),
]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "study" / "locale"]  # first, before the catalogs of the packages

# --- Rows --------------------------------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR / 'earsight.sqlite3'}")}
# Opening a connection costs as much processor time as storing an answer.
DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # two writers wait for each other instead of failing half way
        "timeout": 60,  # seconds; waiting writers form no queue, so one may be unlucky for long
        # FULL: an answer that was acknowledged survives a power cut, not only a crash of ours.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;",
    }
else:
    DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Rates are counted here: with the usual 300 entries a crowd would push its own counts out.
CACHES = {"default": env.cache_url("EARSIGHT_CACHE_URL", default="locmemcache://earsight?max_entries=100000")}
# Parts of pages that say the same to everybody, by language; of this process alone, as its files' names are.
CACHES["template_fragments"] = env.cache_url_config("dummycache://" if DEBUG else "locmemcache://fragments")

# --- Files -------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # whitenoise warns about a missing folder; collectstatic fills it
MEDIA_ROOT = VAR / "media"
S3_BUCKET = env.str("EARSIGHT_S3_BUCKET", default="")
_LOCAL_MEDIA: dict[str, Any] = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
_S3_MEDIA: dict[str, Any] = {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {
        "bucket_name": S3_BUCKET,
        "endpoint_url": env.str("EARSIGHT_S3_ENDPOINT", default="") or None,
        "access_key": env.str("AWS_ACCESS_KEY_ID", default="") or None,
        "secret_key": env.str("AWS_SECRET_ACCESS_KEY", default="") or None,
        "default_acl": "private",
        "file_overwrite": False,
    },
}
STORAGES = {
    "default": _S3_MEDIA if S3_BUCKET else _LOCAL_MEDIA,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "study.static_files.HashedStaticFiles"
    },
}
# A web server's internal location that serves MEDIA_ROOT (nginx `internal`), so that media skip Python.
ACCEL_PREFIX = env.str("EARSIGHT_ACCEL_PREFIX", default="")

# --- What a study may be made from -------------------------------------------------------------------------
# Folders in these two places are offered by name; a researcher can never name a path of the server.
PICTURE_FOLDERS = Path(env.str("EARSIGHT_PICTURES", default=str(VAR / "pictures")))
MODEL_FOLDERS = Path(env.str("EARSIGHT_MODELS", default=str(VAR / "models")))
SOUNDFONT = env.str("EARSIGHT_SOUNDFONT", default="")  # empty: the one that comes with pretty_midi

# --- Hear your own picture ---------------------------------------------------------------------------------
# Anybody may send a picture and hear it. A site with an https:// address is public: it says yes by itself.
HEAR = env.bool("EARSIGHT_HEAR", default=not HTTPS)
HEAR_MODEL = env.str("EARSIGHT_HEAR_MODEL", default="mnist")
HEAR_MEGABYTES = env.int("EARSIGHT_HEAR_MEGABYTES", default=12)
HEAR_QUEUE = env.int("EARSIGHT_HEAR_QUEUE", default=20)  # pictures that may wait at a time
HEAR_RATE = env.str("EARSIGHT_HEAR_RATE", default="60/hour")  # of one network

# --- Jobs --------------------------------------------------------------------------------------------------
_BROKER = env.str("EARSIGHT_BROKER_URL", default="") or env.str("CELERY_BROKER_URL", default="")
CELERY_BROKER_URL = _BROKER or "filesystem://localhost"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
if CELERY_BROKER_URL.startswith("filesystem://"):
    _QUEUE = VAR / "queue"
    for _folder in ("messages", "control", "done"):
        (_QUEUE / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_QUEUE / "messages"),
        "data_folder_out": str(_QUEUE / "messages"),
        "control_folder": str(_QUEUE / "control"),
        "processed_folder": str(_QUEUE / "done"),
        "store_processed": False,
        "polling_interval": 0.1,  # kombu's default of a second is one task a second
    }
BUILD_STALE_AFTER = timedelta(seconds=env.int("EARSIGHT_BUILD_STALE_SECONDS", default=180))
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "study.tasks.sweep", "schedule": 30.0},
    "sweep-pictures": {"task": "study.tasks.sweep_pictures", "schedule": 15.0},
    "sweep-exports": {"task": "study.tasks.sweep_exports", "schedule": 60.0},
    "purge-visits": {"task": "study.tasks.purge_visits", "schedule": 3600.0},
}

# --- Accounts ----------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/studies/"
ACCOUNT_ADAPTER = "study.accounts.Accounts"
OPEN_SIGNUP = env.bool("EARSIGHT_OPEN_SIGNUP", default=False)
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_TOTP_ISSUER = "Earsight"
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="earsight@localhost")

# --- The API -----------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["study.api.parsing.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "study.api.errors.handle",
    "NUM_PROXIES": 1 if SECURE_PROXY_SSL_HEADER else 0,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Earsight",
    "DESCRIPTION": "Answers of volunteers, and results for researchers.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
}
# Requests of one session, and new sessions from one network (kept only as a keyed hash).
ANSWER_RATE = env.str("EARSIGHT_ANSWER_RATE", default="240/min")
START_RATE = env.str("EARSIGHT_START_RATE", default="600/hour")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"tokens": {"()": "study.masking.MaskTokens"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["tokens"]}},
    "loggers": {"fontTools": {"level": "WARNING"}},  # tells of every table of the fonts in a PDF
    "root": {"handlers": ["console"], "level": env.str("EARSIGHT_LOG_LEVEL", default="INFO")},
}

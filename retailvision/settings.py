"""All settings, read strictly from the environment. `.env.example` lists every variable.

Importing this module starts nothing: the embedded PostgreSQL comes up with the first connection.
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from retailvision.branding import brand_of
from retailvision.branding.addresses import own_icon
from retailvision.embedded_postgres import default_data_dir
from retailvision.environment import Environment
from retailvision.local_secret import local_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()
if env.flag("RETAILVISION_READ_DOTENV", default=True):
    environ.Env.read_env(BASE_DIR / ".env", overwrite=False)

# --- where things are -----------------------------------------------------------------------

DATA_DIR: Path = env.path("RETAILVISION_DATA_DIR") or default_data_dir(BASE_DIR)

# --- database -------------------------------------------------------------------------------

_database = env.database("DATABASE_URL")
EMBEDDED_DATABASE = _database is None
if _database is None:
    _database = {
        "ENGINE": "retailvision.embedded_postgres_backend",
        "NAME": "retailvision",
        "OPTIONS": {"embedded_data_dir": str(DATA_DIR)},
    }
else:
    _database["ENGINE"] = "django.db.backends.postgresql"
DATABASES = {
    "default": {
        **_database,
        # A web thread keeps its connection, and asks whether it still lives before each request,
        # so that a database which was restarted costs no error.
        "CONN_MAX_AGE": env.integer("DATABASE_CONN_MAX_AGE", 60),
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- safety ---------------------------------------------------------------------------------

DEBUG = env.flag("DJANGO_DEBUG", default=False)
SECRET_KEY = env.text("DJANGO_SECRET_KEY")
if not SECRET_KEY:
    if not EMBEDDED_DATABASE:
        raise ImproperlyConfigured(
            "DJANGO_SECRET_KEY is not set. With DATABASE_URL set, several machines may share the "
            "site, so they must share its key too. Make one with: "
            'python -c "import secrets; print(secrets.token_urlsafe(50))"'
        )
    SECRET_KEY = local_secret_key(DATA_DIR)
ALLOWED_HOSTS = env.items("DJANGO_ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.items("DJANGO_CSRF_TRUSTED_ORIGINS")
# How many proxies of ours stand in front; the caller's address is read that far from the right of
# X-Forwarded-For, since everything further left is the caller's own claim.
TRUSTED_PROXIES = env.integer("RETAILVISION_TRUSTED_PROXIES", 0)

HTTPS = env.flag("DJANGO_HTTPS", default=False)
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "retailvision.views.csrf_failure"
_hsts_seconds = env.integer("DJANGO_HSTS_SECONDS", 31_536_000)
SECURE_HSTS_SECONDS = _hsts_seconds if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("DJANGO_HSTS_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = SECURE_HSTS_INCLUDE_SUBDOMAINS
# Binding every other subdomain of the retailer to HTTPS is the retailer's decision, not ours.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
if HTTPS and TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- apps -----------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "procrastinate.contrib.django",
    "treebeard",
    "easy_thumbnails",
    "pgtrigger",
    "pghistory",
    "import_export",
    "rest_framework",
    "knox",
    "django_filters",
    "django_guid",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "django_htmx",
    "csp",
    "accounts",
    "api",
    "products",
    "stores",
    "recognition",
    "webhooks",
    "retailvision",
]

MIDDLEWARE = [
    # First, so that every answer and every line of the log has the request's id.
    "django_guid.middleware.guid_middleware",
    "retailvision.middleware.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "retailvision.middleware.CompressionMiddleware",
    "retailvision.middleware.ContentSecurityPolicyMiddleware",
    # Before the session, which is looked up by a cookie.
    "retailvision.middleware.NulMiddleware",
    "retailvision.middleware.ImpossibleValueMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "retailvision.middleware.PrivatePagesMiddleware",
    # Behind the language, which its refusal is written in; before whatever reads a body.
    "retailvision.middleware.RequestSizeMiddleware",
    # In front of the one that would redirect, which turns a POST into a GET.
    "retailvision.middleware.ApiSlashMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Behind the check of forged requests, which cost nobody an attempt.
    "retailvision.log_in_limits.LogInRateMiddleware",
    # Behind the log-in, whose name it hands to the triggers of the history.
    "pghistory.middleware.HistoryMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Behind all that may write, so that it sees what a request left to tell.
    "webhooks.middleware.KnockMiddleware",
]

ROOT_URLCONF = "retailvision.urls"
WSGI_APPLICATION = "retailvision.wsgi.application"
ASGI_APPLICATION = "retailvision.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "retailvision.context.site",
            ],
        },
    },
]

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "accounts:home"

# --- history --------------------------------------------------------------------------------

# A request that only reads has nobody to name.
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")
# By the transaction's time, two that overlap would stand in the wrong order.
PGHISTORY_CREATED_AT_FUNCTION = "clock_timestamp()"

# --- language, time, money ------------------------------------------------------------------

# A language is offered once its catalogue in locale/ is whole; half a translation helps nobody.
LANGUAGES = [("en", _("English")), ("ru", _("Russian"))]
LANGUAGE_CODE = env.choice("RETAILVISION_LANGUAGE", [code for code, _name in LANGUAGES], "en")
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
# One clock for both languages, with which the scripts and the hours of stores agree.
FORMAT_MODULE_PATH = "retailvision.formats"
USE_TZ = True
TIME_ZONE = env.time_zone("RETAILVISION_TIME_ZONE", "UTC")
SITE_NAME = env.text("RETAILVISION_SITE_NAME", "RetailVision")
# Read once: whoever changes a file of them starts the site again.
BRAND = brand_of(
    env.picture("RETAILVISION_LOGO", "logo"),
    env.picture("RETAILVISION_ICON", "icon", square=True),
    env.color("RETAILVISION_COLOR"),
)
# Who runs the shop, what becomes of data: pages of the retailer's own, at the foot of ours.
FOOTER_LINKS = env.links("RETAILVISION_FOOTER_LINKS")
# Not every shop has partners that its shoppers should read of.
PARTNERS_LINK = env.flag("RETAILVISION_PARTNERS_LINK", default=True)
CURRENCY = env.text("RETAILVISION_CURRENCY", "EUR")

# --- stock as shoppers are told -------------------------------------------------------------

# A shop that would not tell its rivals how much it has tells shoppers in words.
STOCK_SHOWN = env.choice("RETAILVISION_STOCK_SHOWN", ["exact", "words"], "exact")
# From here on down a shopper should call first: it may be in somebody's basket.
STOCK_FEW = env.integer("RETAILVISION_STOCK_FEW", 3)

# --- files ----------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "retailvision.packaged_static.PackagedFinder",
]
MEDIA_URL = "media/"
MEDIA_ROOT = DATA_DIR / "media"
_storage = env.choice("RETAILVISION_STORAGE", ["files", "s3"], "files")
_s3_domain = env.text("RETAILVISION_S3_DOMAIN")
_s3_options: dict[str, object] = {
    "bucket_name": env.text("RETAILVISION_S3_BUCKET"),
    "endpoint_url": env.text("RETAILVISION_S3_ENDPOINT") or None,
    "region_name": env.text("RETAILVISION_S3_REGION") or None,
    "custom_domain": _s3_domain or None,
    # Names are random and files never change, so a browser may keep them.
    "object_parameters": {"CacheControl": "public, max-age=31536000, immutable"},
    "querystring_auth": False,
    "file_overwrite": False,
}
if _storage == "s3":
    _media_storage: dict[str, object] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": _s3_options,
    }
else:
    _media_storage = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
# Photos that people asked with, where they are kept: the bucket of the catalogue's photos is public.
_private_bucket = env.text("RETAILVISION_S3_PRIVATE_BUCKET")
_query_photo_storage: dict[str, object] = {
    "BACKEND": "recognition.query_photo_files.QueryPhotoStorage"
}
if _private_bucket:
    _query_photo_storage = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            **_s3_options,
            "bucket_name": _private_bucket,
            "location": "query-photos",
            "custom_domain": None,
            "default_acl": "private",
            "querystring_auth": True,
            "object_parameters": {"CacheControl": "private, no-store"},
        },
    }
STORAGES = {
    "default": _media_storage,
    "query_photos": _query_photo_storage,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "retailvision.static_storage.ForgivingManifestStorage"
    },
}
# Photos on this machine's disk are served by the site itself unless a web server in front does.
SERVE_MEDIA = env.flag("RETAILVISION_SERVE_MEDIA", default=_storage == "files")

# What a page shows, as JPEG (or as PNG where something shines through), until a photo's renditions
# are made; those of the same size have the same names (products/imaging/renditions.py).
THUMBNAIL_ALIASES = {
    "": {
        "card": {"size": (480, 480), "quality": 82},
        "small": {"size": (120, 120), "quality": 82},
        "large": {"size": (1200, 1200), "quality": 86},
    }
}
THUMBNAIL_SUBDIR = "thumbnails"
THUMBNAIL_SOURCE_GENERATORS = ("products.thumbnails.read_photo",)
# A worker's hold on a photo whose renditions it makes; the slowest (64 megapixels of PNG) takes some
# ten seconds.
RENDITION_LEASE_SECONDS = 120

# --- photos ---------------------------------------------------------------------------------

# A phone photo has 3 to 12 MB; what is larger is refused before it is read into memory.
PHOTO_MAX_BYTES = env.integer("RETAILVISION_PHOTO_MAX_BYTES", 20 * 1024 * 1024, minimum=1024)
# 64 megapixels cover today's phones. Decoding one takes some 200 MB as a JPEG and up to 1 GB as a
# 16-bit PNG, which is why queries are decoded two at a time (recognition/query_photos.py).
PHOTO_MAX_PIXELS = env.integer("RETAILVISION_PHOTO_MAX_PIXELS", 64_000_000, minimum=10_000)
# A request larger than its largest allowed photo and some form fields is not worth reading.
REQUEST_MAX_BYTES = PHOTO_MAX_BYTES + 1024 * 1024
# Several photos in one call of the search: sixteen of a phone's 3 to 4 MB. Larger ones are fewer; all
# of them lie in memory or in temporary files while the call is read.
SEARCH_MAX_PHOTOS = 16
SEARCH_MAX_REQUEST_BYTES = max(64 * 1024 * 1024, REQUEST_MAX_BYTES)
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# The admin drops many photos at once; each is a field.
DATA_UPLOAD_MAX_NUMBER_FILES = 100

# --- imports --------------------------------------------------------------------------------

# Files that staff upload, until they are deleted: never below MEDIA_ROOT, which is public. Web and
# workers must see the same directory.
IMPORT_DIR: Path = env.path("RETAILVISION_IMPORT_DIR") or DATA_DIR / "imports"
# Names and prices of a shop are in them, and the report outlives them.
IMPORT_KEEP_DAYS = env.integer("RETAILVISION_IMPORT_KEEP_DAYS", 14, minimum=1)
# 200,000 rows with long descriptions; the file is streamed, so this bounds disk and time.
IMPORT_MAX_BYTES = env.integer("RETAILVISION_IMPORT_MAX_BYTES", 100 * 2**20, minimum=1024)
# Some 2,000 to 5,000 phone photos. More go in several files, or by the command from a folder.
IMPORT_MAX_ZIP_BYTES = env.integer("RETAILVISION_IMPORT_MAX_ZIP_BYTES", 2**30, minimum=1024)
# Photos hardly shrink by packing: what unpacks to far more than it is, is no archive of photos.
IMPORT_MAX_UNZIPPED_BYTES = 2 * IMPORT_MAX_ZIP_BYTES
IMPORT_MAX_MEMBERS = env.integer("RETAILVISION_IMPORT_MAX_MEMBERS", 20_000, minimum=1)
IMPORT_MAX_ROWS = env.integer("RETAILVISION_IMPORT_MAX_ROWS", 200_000, minimum=1)
IMPORT_MAX_COLUMNS = 500
# XML of a spreadsheet; 200,000 rows of ten cells have some 120 MB.
IMPORT_MAX_XLSX_BYTES = 256 * 2**20

# --- recognition ----------------------------------------------------------------------------

ENCODER = env.choice("RETAILVISION_ENCODER", ["auto", "clip", "packaged", "pixel"], "auto")
CLIP_WEIGHTS = env.path("RETAILVISION_CLIP_WEIGHTS")
DEVICE = env.choice("RETAILVISION_DEVICE", ["auto", "cuda", "mps", "cpu"], "auto")
# 0 lets torch use every core; where web and worker share a machine, each takes half.
ENCODER_THREADS = env.integer("RETAILVISION_ENCODER_THREADS", 0)
ENCODER_BATCH_SIZE = env.integer("RETAILVISION_BATCH_SIZE", 32, minimum=1)
DECODE_THREADS = env.integer("RETAILVISION_DECODE_THREADS", 2, minimum=1)
# The encoder of the fast tests; a production site can never choose it.
ALLOW_TEST_ENCODERS = env.flag("RETAILVISION_ALLOW_TEST_ENCODERS", default=False)

# How long a worker may hold photos before others take them for lost: a few times what the
# slowest batch was measured to need.
EMBEDDING_LEASE_SECONDS = env.integer("RETAILVISION_EMBEDDING_LEASE_SECONDS", 120, minimum=1)
# A photo that took the process with it this often is set aside as failed.
EMBEDDING_MAX_ATTEMPTS = 3

SEARCH_DEFAULT_LIMIT = 12
SEARCH_MAX_LIMIT = 100
# Up to here every matching vector is read, which misses nothing and takes some 40 ms for 20,000
# halfvec(512) on two slow cores; beyond, the index takes over (benchmarks/nearest.py).
SEARCH_EXACT_SCAN_PHOTOS = env.integer("RETAILVISION_EXACT_SCAN_PHOTOS", 20_000)
SEARCH_MAX_WORDS = 500
# Up to here products are counted one by one, for the filters as for "126 products"; beyond, on a sample
# of them, within some tens of milliseconds either way (benchmarks/facets.py).
SEARCH_EXACT_COUNT = 20_000
# Of a chain, as many as a page lists; more are found by name or by being near.
SEARCH_STORES_LISTED = 24
SEARCH_MAX_BRANDS = 20
# Near somebody in a large town, with an address that still fits into a message.
SEARCH_MAX_STORES = 40
# A full row on every screen: two, three, four or six columns.
CATALOGUE_PAGE = 24
# Searches that may wait for the encoder at once; further ones are told to come back. Fewer than
# the web has threads, so that a rush for the encoder leaves the other pages some.
SEARCH_MAX_WAITING = 8

# Of the photos that are asked with, the share that is held to show nothing of the catalogue where
# no evidence says otherwise. A guess on the careful side: a shop's visitors mostly ask for what it
# might have.
CALIBRATION_UNKNOWN_SHARE = env.fraction("RETAILVISION_UNKNOWN_SHARE", 0.1)
# When so many of the catalogue's photos came, went or changed, a calibration says that it is stale.
CALIBRATION_STALE_SHARE = env.fraction("RETAILVISION_STALE_SHARE", 0.2)

# --- what is kept of queries ----------------------------------------------------------------

# Without records nothing is learned from use: no audit, no feedback, no figures of real photos.
RECORD_SIGHTINGS = env.flag("RETAILVISION_RECORD_SIGHTINGS", default=True)
# A season of queries is enough to calibrate by; what nobody has reviewed until then is forgotten.
SIGHTING_KEEP_DAYS = env.integer("RETAILVISION_SIGHTING_KEEP_DAYS", 90, minimum=1)
# One in twenty: at 1,000 photos a day, fifty to judge. Drawn by lot when it is recorded.
AUDIT_SHARE = env.fraction("RETAILVISION_AUDIT_SHARE", 0.05)
# People photograph more than products, so keeping is the retailer's decision, not ours.
KEEP_QUERY_PHOTOS = env.choice("RETAILVISION_KEEP_QUERY_PHOTOS", ["none", "audit", "all"], "none")
QUERY_PHOTO_KEEP_DAYS = env.integer("RETAILVISION_QUERY_PHOTO_KEEP_DAYS", 30, minimum=1)
# Never below MEDIA_ROOT, which is public. Web and workers must see the same directory.
QUERY_PHOTO_DIR: Path = env.path("RETAILVISION_QUERY_PHOTO_DIR") or DATA_DIR / "query-photos"
# Enough for a person to know a product again, at a twentieth of a phone photo.
QUERY_PHOTO_SIDE = 800

# --- webhooks -------------------------------------------------------------------------------

# Whoever makes an endpoint makes this machine send requests: into the own network only if meant.
WEBHOOK_PRIVATE_ADDRESSES = env.flag("RETAILVISION_WEBHOOK_PRIVATE_ADDRESSES", default=False)
# Without TLS anybody on the way reads along; for receivers on the own network.
WEBHOOK_PLAIN_HTTP = env.flag("RETAILVISION_WEBHOOK_PLAIN_HTTP", default=False)
# A month of log answers every question of a partner; their programs have had two days of repeats.
WEBHOOK_KEEP_DAYS = env.integer("RETAILVISION_WEBHOOK_KEEP_DAYS", 30, minimum=3)
# Sent at once by one worker; the threads only wait. A quarter of them for one endpoint, so that
# slow ones leave room for others.
WEBHOOK_THREADS = env.integer("RETAILVISION_WEBHOOK_THREADS", 16, minimum=1)
WEBHOOK_PER_ENDPOINT = max(WEBHOOK_THREADS // 4, 1)
# A receiver writes it down and works afterwards; who needs longer holds up the rest.
WEBHOOK_CONNECT_SECONDS = 5.0
WEBHOOK_TOTAL_SECONDS = 15.0
# After that a delivery counts as lost with its process: some times the longest attempt.
WEBHOOK_LEASE_SECONDS = env.integer("RETAILVISION_WEBHOOK_LEASE_SECONDS", 60, minimum=1)
# Of an answer, what says why it failed; more is a page for browsers.
WEBHOOK_ANSWER_CHARACTERS = 1000
# 5 s, 30 s, 2 min, 10 min, 1 h, 3 h, 6 h, 12 h, 24 h: a restart is bridged within seconds, and a
# weekend without anybody there nearly so.
WEBHOOK_BACK_OFF_SECONDS = (5, 30, 120, 600, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
# What `Retry-After` may ask for; a day more would be the same as switching off.
WEBHOOK_MOST_RETRY_AFTER_SECONDS = 6 * 3600
# After so many failures in a row an endpoint rests between attempts, 15 s up to 10 min.
WEBHOOK_FAILURES_BEFORE_PAUSE = 5
WEBHOOK_PAUSE_SECONDS = 15
WEBHOOK_MOST_PAUSE_SECONDS = 600
# Nobody looked after it for a working week.
WEBHOOK_SWITCH_OFF_DAYS = 5
# A day to bring a new secret to the receiver.
WEBHOOK_ROTATION_HOURS = 24
# Of one account: each is asked at every change.
WEBHOOK_MAX_ENDPOINTS = 20

# --- API ------------------------------------------------------------------------------------

# For each caller (a key, a person or an address) and each scope; counted in the database.
API_RATES = {
    # A nightly run reads and writes some tens of thousands of rows, at most 500 of them in a call.
    "catalogue:read": env.rate("RETAILVISION_CATALOGUE_READ_RATE", "600/min"),
    "catalogue:write": env.rate("RETAILVISION_CATALOGUE_WRITE_RATE", "300/min"),
    "stock:read": env.rate("RETAILVISION_STOCK_READ_RATE", "600/min"),
    # Tills book one sale in a call.
    "stock:write": env.rate("RETAILVISION_STOCK_WRITE_RATE", "1200/min"),
    # One photo takes some 50 ms of a core.
    "recognise": env.rate("RETAILVISION_RECOGNISE_RATE", "300/min"),
    # Without a key: of one address, on the page and through the API together.
    "search": env.rate("RETAILVISION_SEARCH_RATE", "120/min"),
    # A person taps a few times; more are guesses at tokens, or a machine that says yes to all.
    "feedback": env.rate("RETAILVISION_FEEDBACK_RATE", "60/min"),
}
# Attempts to log in, right ones too. A shop's whole staff may sit behind one address in the morning;
# nobody mistypes their own password ten times a minute.
LOG_IN_RATES = {
    "address": env.rate("RETAILVISION_LOG_IN_RATE", "30/min"),
    "name": env.rate("RETAILVISION_LOG_IN_NAME_RATE", "10/min"),
}
# What a call with an Idempotency-Key was answered is kept for so long; then the key is free again.
IDEMPOTENCY_KEEP_HOURS = env.integer("RETAILVISION_IDEMPOTENCY_KEEP_HOURS", 72, minimum=1)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.KeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "products.json_parser.TextJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "api.schema.ApiSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "NUM_PROXIES": TRUSTED_PROXIES,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
# Keys of partners' programs: django-rest-knox makes and checks them, in a model of our own.
KNOX_TOKEN_MODEL = "api.ApiKey"  # noqa: S105  a model, no password
REST_KNOX = {
    "TOKEN_MODEL": KNOX_TOKEN_MODEL,
    # So that a key that was published by mistake can be searched for.
    "TOKEN_PREFIX": "rv_",
    "AUTH_HEADER_PREFIX": "Bearer",
    "TOKEN_TTL": None,
}
# Its own table of tokens is not used, so it is not made.
MIGRATION_MODULES = {"knox": None}
# Only a UUID that a caller sends is taken over into the log.
DJANGO_GUID = {"GUID_HEADER_NAME": "X-Request-ID", "UUID_FORMAT": "string"}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "retailvision.api.ApiExceptionHandler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "RetailVision API",
    "DESCRIPTION": (
        "Find products from a photo, with the distance of every answer; keep the catalogue and the"
        " stock.\n\n"
        "**Keys:** send `Authorization: Bearer rv_...`; a key does what its scopes name and its person"
        " may do, and `/api/v1/whoami/` says which it is.\n\n"
        "**Idempotency:** with a key or a session, every call that changes something takes an"
        " `Idempotency-Key`; sent again, it is done once and answered as before, with"
        " `Idempotency-Replayed: true`.\n\n"
        "**Rates** are counted for each key and scope; above them the answer is 429, and"
        " `Retry-After` says when to come back.\n\n"
        "**Errors** have one shape: programs look at `errors[].code` and `attr`, people read"
        " `detail`; `X-Request-ID` of each answer names it in the log.\n\n"
        "**Webhooks**, signed as Standard Webhooks says, tell a program what has changed, so that it"
        " need not ask."
    ),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "MovementKindEnum": "stores.serializers.MovementKind.choices",
        "BookedKindEnum": "stores.serializers.BOOKED_KINDS",
        "TransferStateEnum": "stores.serializers.TransferState.choices",
        "StocktakeStateEnum": "stores.serializers.StocktakeState.choices",
        "CountMethodEnum": "stores.serializers.CountMethod.choices",
        "PhotoStateEnum": "recognition.photo_states.PHOTO_STATES",
        "MeasuredOnEnum": "recognition.api.calibrations.MeasuredOn.choices",
        "BackgroundStateEnum": "recognition.api.feature_maps.MapState.choices",
        "EncoderStateEnum": "recognition.api.encoders.EncoderState.choices",
        "ReviewEnum": "recognition.api.sightings.Review.choices",
    },
}

# --- content security policy ----------------------------------------------------------------

# Where the addresses of photos in a bucket point to: its public host, else the endpoint, else AWS.
_s3_host = (
    f"https://{_s3_domain}"
    if _s3_domain
    else str(_s3_options["endpoint_url"] or "https://*.amazonaws.com")
)
_media_hosts = [_s3_host] if _storage == "s3" else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *_media_hosts],
        "object-src": [NONE],
        # The service worker of the stock pages.
        "worker-src": [SELF],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# The admin's theme evaluates Alpine expressions and sets styles inline; nothing from elsewhere.
CONTENT_SECURITY_POLICY_ADMIN = {
    "script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
}
# Swagger UI and Redoc set styles inline and draw with blobs; their scripts come as files.
CONTENT_SECURITY_POLICY_DOCS = {
    "style-src": [SELF, UNSAFE_INLINE],
    "worker-src": [SELF, "blob:"],
}

# --- admin ----------------------------------------------------------------------------------

UNFOLD = {
    "SITE_TITLE": SITE_NAME,
    "SITE_HEADER": SITE_NAME,
    "SITE_ICON": lambda _request: own_icon(),
    "SITE_SYMBOL": "center_focus_weak",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "href": lambda _request: own_icon() or static("retailvision/logo.svg"),
        }
    ],
    "SHOW_HISTORY": True,
    "SHOW_LANGUAGES": True,
    "SHOW_VIEW_ON_SITE": True,
    "COLORS": {
        "primary": {
            "50": "240 253 250",
            "100": "204 251 241",
            "200": "153 246 228",
            "300": "94 234 212",
            "400": "45 212 191",
            "500": "20 184 166",
            "600": "13 148 136",
            "700": "15 118 110",
            "800": "17 94 89",
            "900": "19 78 74",
            "950": "4 47 46",
        }
    },
    "DASHBOARD_CALLBACK": "retailvision.dashboard.dashboard",
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": True,
        "navigation": "retailvision.admin_navigation.navigation",
    },
}

# --- log ------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "format": "{asctime} {levelname} [{correlation_id}] {name}: {message}",
            "style": "{",
            "defaults": {"correlation_id": "-"},
        },
    },
    "filters": {"request_id": {"()": "django_guid.log_filters.CorrelationId"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["request_id"],
        }
    },
    "root": {
        "handlers": ["console"],
        "level": env.choice(
            "RETAILVISION_LOG_LEVEL", ["DEBUG", "INFO", "WARNING", "ERROR"], "INFO"
        ),
    },
    "loggers": {
        "procrastinate": {"level": "WARNING"},
        "easy_thumbnails": {"level": "WARNING"},
        "PIL": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "django_guid": {"level": "WARNING"},
    },
}

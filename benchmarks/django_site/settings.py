"""django-pyas2 as its users run it, with the settings that served it best: SQLite in WAL mode, transactions that are
immediate, a busy time-out, files in a folder.

This runs in the environment of the peers. Its library oscrypto refuses versions of OpenSSL with two digits in a place;
its search is widened while it is imported, and nothing else of it is touched.
"""

import os
import re
from pathlib import Path

_search = re.search
_TOO_NARROW, _WIDE_ENOUGH = r"\b(\d\.\d\.\d[a-z]*)\b", r"\b(\d+\.\d+\.\d+[a-z]*)\b"
re.search = lambda pattern, *rest, **more: _search(_WIDE_ENOUGH if pattern == _TOO_NARROW else pattern, *rest, **more)
try:
    import oscrypto.asymmetric  # noqa: F401
finally:
    re.search = _search

HOME = Path(os.environ["PEER_HOME"])
SECRET_KEY = "benchmark"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
USE_TZ = True
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "pyas2",
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": HOME / "db.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 30,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MEDIA_ROOT = HOME / "files"
LOGGING_CONFIG = None

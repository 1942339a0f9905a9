"""`python -m acuse.config` prints the reference page of the settings."""

import sys

from acuse.config.reference import settings_page

sys.stdout.write(settings_page())

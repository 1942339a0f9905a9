"""The settings of a gateway: one frozen object, read once at the start."""

from acuse.config.reading import Secret, SettingInvalid
from acuse.config.reference import settings_page
from acuse.config.settings import LogFormat, LogLevel, Role, Settings

__all__ = ["LogFormat", "LogLevel", "Role", "Secret", "SettingInvalid", "Settings", "settings_page"]

"""What the gateway tells about its own work."""

from acuse.telemetry.lines import configure_logging

__all__ = ["configure_logging"]

"""acuse delivers business documents and proves it."""

__version__ = "0.1.0"

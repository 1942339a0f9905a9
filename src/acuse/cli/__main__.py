"""The same as the program `acuse`, for where only Python is at hand: `python -m acuse.cli`."""

from acuse.cli import main

main()

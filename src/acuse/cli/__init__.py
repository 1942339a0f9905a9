"""The command line: `acuse`."""

from acuse.cli.app import app


def main() -> None:
    """Run the command that the program's arguments name, and end the process with its exit code."""
    app.main()

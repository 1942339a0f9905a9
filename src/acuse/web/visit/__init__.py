"""The recipients' pages of certified e-mail, below `/n`: written on the server, without a script, in two languages."""

from acuse.web.visit.application import VisitPages

__all__ = ["VisitPages"]

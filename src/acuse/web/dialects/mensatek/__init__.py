"""The dialect of Mensatek's certified e-mail 7.0: `/v7/<Function>`, in Spanish words and numbers.

A program that was written for that service goes on working when its URL and credentials are changed. Whatever it asks
for is done by the same services as for `/v1`, so each face sees what the other did.
"""

from acuse.web.dialects.mensatek.application import MensatekAPI

__all__ = ["MensatekAPI"]

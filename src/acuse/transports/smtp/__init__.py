"""Mail to other servers: `ports.Mailer`, straight to the recipient's own server or by way of a smarthost.

Rule: what evidence hashes is what was sent. The bytes of a message go out as they were given, each line that begins
with a dot getting another one before it (RFC 5321 section 4.5.2), and every word of the dialogue around them is kept.
"""

from acuse.transports.smtp.direct import DirectMailer
from acuse.transports.smtp.exchangers import NameService
from acuse.transports.smtp.protection import TLSDemand
from acuse.transports.smtp.session import Login, Patience
from acuse.transports.smtp.smarthost import SmarthostMailer

__all__ = ["DirectMailer", "Login", "NameService", "Patience", "SmarthostMailer", "TLSDemand"]

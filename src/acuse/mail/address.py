"""E-mail addresses: read strictly and refused rather than repaired, because a repaired address is another recipient.

International domains are kept as they were given and used in their ASCII form (RFC 5891). Local parts are ASCII:
others need SMTPUTF8 (RFC 6531) on the whole way, which most servers do not offer.
"""

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from acuse.errors import CoreError

LONGEST = 254
"""Characters of an address in a transaction (RFC 5321 section 4.5.3.1.3, less the angle brackets)."""


class AddressInvalid(CoreError):
    """This is no e-mail address that a message can be sent to."""

    code = "ADDRESS_INVALID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One mailbox."""

    given: str
    """As somebody wrote it."""
    local: str
    domain: str
    """In ASCII and lower case, as DNS wants it."""

    @property
    def text(self) -> str:
        """As SMTP takes it, without angle brackets."""
        return f"{self.local}@{self.domain}"


def read_address(text: str) -> Address:
    """The address that the text is, without a display name; raises AddressInvalid with the reason."""
    given = text.strip()
    if len(given) > LONGEST:
        raise AddressInvalid(f"The address is longer than {LONGEST} characters.")
    try:
        found = validate_email(given, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError as error:
        raise AddressInvalid(f"This is no e-mail address: {error}") from error
    return Address(given=given, local=found.local_part, domain=found.ascii_domain.lower())

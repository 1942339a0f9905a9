"""Every error that acuse raises on purpose, and the one table of their codes.

Rule: an error knows what it means, never how it is shown. It carries a stable code, whose fault it was and the facts
that help; the faces (API, command line, AS2) decide on a status number or an exit code.
The first paragraph of a class's docstring is its default message: what happened, then what to do.

AcuseError
├── CoreError                     a format was broken: mime.MimeError, cms.CmsError, as2.As2Error (in their packages)
├── ServiceError                  a use case could not be carried out
│   ├── InvalidInput              one or more fields are wrong
│   ├── NotFound                  PartnerNotFound, StationNotFound, MessageNotFound, TenantNotFound, ...
│   ├── AccessRefused             the caller is unknown or may not do this
│   └── ...
└── OperationError                the gateway itself cannot work: home, settings, storage
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import ClassVar


class Fault(StrEnum):
    """Who has to act."""

    CALLER = "caller"
    PARTNER = "partner"
    OPERATOR = "operator"
    OURS = "ours"


class AcuseError(Exception):
    """Something went wrong inside acuse. Look at the log of the gateway."""

    code: ClassVar[str] = "INTERNAL_ERROR"
    fault: ClassVar[Fault] = Fault.OURS

    def __init__(self, message: str | None = None, **details: object) -> None:
        self.message = message or " ".join((type(self).__doc__ or "").split("\n\n")[0].split())
        self.details: Mapping[str, object] = details
        super().__init__(self.message)


class CoreError(AcuseError):
    """Bytes did not follow their format."""

    code = "MALFORMED"
    fault = Fault.PARTNER


class ServiceError(AcuseError):
    """The request could not be carried out."""

    code = "REQUEST_FAILED"
    fault = Fault.CALLER


class InvalidInput(ServiceError):
    """Some fields are missing or wrong. Correct them and try again."""

    code = "VALIDATION_FAILED"

    def __init__(self, message: str | None = None, *, fields: Mapping[str, str], **details: object) -> None:
        self.fields = dict(fields)
        first = next(iter(self.fields.items()), None)
        super().__init__(message or (f"{first[0]}: {first[1]}" if first else None), **details)


class NotFound(ServiceError):
    """There is no such thing in this account."""

    code = "NOT_FOUND"


class PartnerNotFound(NotFound):
    """Specified partner does not exist. Verify the partner id or create the partner."""

    code = "PARTNER_NOT_FOUND"


class StationNotFound(NotFound):
    """Specified station does not exist. Verify the station id or add the station."""

    code = "STATION_NOT_FOUND"


class CertificateNotFound(NotFound):
    """Specified certificate does not exist. Verify the certificate id."""

    code = "CERTIFICATE_NOT_FOUND"


class KeyNotFound(NotFound):
    """Specified API key does not exist. Verify its id."""

    code = "API_KEY_NOT_FOUND"


class MessageNotFound(NotFound):
    """Specified message does not exist. Verify the message id."""

    code = "MESSAGE_NOT_FOUND"


class ReceiptNotFound(NotFound):
    """Specified receipt does not exist, or is no longer kept. Verify its id."""

    code = "RECEIPT_NOT_FOUND"


class WebhookEndpointNotFound(NotFound):
    """Specified webhook endpoint does not exist. Verify its id."""

    code = "WEBHOOK_ENDPOINT_NOT_FOUND"


class NoticeNotFound(NotFound):
    """Specified notice does not exist. Verify the notice id."""

    code = "NOTICE_NOT_FOUND"


class SenderNotFound(NotFound):
    """Specified sender does not exist. Verify the sender id or add the address."""

    code = "SENDER_NOT_FOUND"


class DeliveryNotFound(NotFound):
    """Specified delivery does not exist at this endpoint. Verify its id."""

    code = "DELIVERY_NOT_FOUND"


class TenantNotFound(NotFound):
    """Specified tenant does not exist in this account. Verify X-Tenant-ID."""

    code = "TENANT_NOT_FOUND"


class TenantInUse(ServiceError):
    """The tenant is not empty. Remove what is in it first; the details tell what that is."""

    code = "TENANT_IN_USE"


class SenderNotValidated(ServiceError):
    """Nothing can be sent from this address: it was not validated for this tenant. Add the sender and validate it."""

    code = "SENDER_NOT_VALIDATED"


class NoticeGone(ServiceError):
    """The notice has left, or was taken back already: it can be neither cancelled nor moved."""

    code = "NOTICE_GONE"


class NoticeNotLocked(ServiceError):
    """The notice is not locked, so there is nothing to unlock."""

    code = "NOTICE_NOT_LOCKED"


class AlreadyExists(ServiceError):
    """Something with that identifier exists already. Choose another one."""

    code = "ALREADY_EXISTS"


class InUse(ServiceError):
    """Something still needs it. Wait until nothing does."""

    code = "IN_USE"


class PartnerInactive(ServiceError):
    """The partner is deactivated. Activate it before sending."""

    code = "PARTNER_INACTIVE"


class NotResendable(ServiceError):
    """Only a message that was sent, failed or was cancelled can be sent again as a new one."""

    code = "NOT_RESENDABLE"


class NotRetryable(ServiceError):
    """Only a message that failed or waits for its next attempt can be tried again."""

    code = "NOT_RETRYABLE"


class NotCancellable(ServiceError):
    """Only a message that waits to be sent can be cancelled."""

    code = "NOT_CANCELLABLE"


class PayloadTooLarge(ServiceError):
    """The message exceeds the size limit. Reduce its size."""

    code = "PAYLOAD_TOO_LARGE"


class InvalidContentType(ServiceError):
    """The content type is not a media type. Write it as type/subtype."""

    code = "INVALID_CONTENT_TYPE"


class InvalidAS2Headers(ServiceError):
    """A custom header may not be sent with an AS2 message. Rename or remove it."""

    code = "INVALID_AS2_HEADERS"


class EncryptionFailed(ServiceError):
    """The message cannot be encrypted. Check the partner's certificate."""

    code = "ENCRYPTION_FAILED"


class SigningFailed(ServiceError):
    """The message cannot be signed. Check the station's certificate and key."""

    code = "SIGNING_FAILED"


class CertificateExpired(ServiceError):
    """A required certificate has expired. Renew it."""

    code = "CERTIFICATE_EXPIRED"


class InvalidApiKey(ServiceError):
    """The API key is missing or unknown. Send 'Authorization: Bearer <key>' with a key of this gateway."""

    code = "INVALID_API_KEY"


class ApiKeyExpired(ServiceError):
    """The API key has expired. Create a new one."""

    code = "API_KEY_EXPIRED"


class InsufficientScope(ServiceError):
    """The API key does not have the scope that this request needs. Use another key."""

    code = "INSUFFICIENT_SCOPE"


class AddressNotAllowed(ServiceError):
    """The API key may not be used from this address. Use it from one of its networks, or allow this one."""

    code = "IP_NOT_ALLOWED"


class IdempotencyKeyReused(ServiceError):
    """This Idempotency-Key was used for another request within the last 24 hours. Use a new key for a new request."""

    code = "IDEMPOTENCY_KEY_REUSED"


class RequestUnderWay(ServiceError):
    """A request with this Idempotency-Key is under way. Send it again in a moment to get its answer."""

    code = "IDEMPOTENCY_KEY_IN_USE"

    def __init__(self) -> None:
        super().__init__(retry_after=2)


class NotInTestMode(ServiceError):
    """A key of test mode may not do this: what is configured holds for live messages too. Use a live key."""

    code = "LIVE_KEY_REQUIRED"


class OnlyInTestMode(ServiceError):
    """Only a key of test mode may do this: it is done with simulated messages. Use a pk_test_ or tk_test_ key."""

    code = "TEST_KEY_REQUIRED"


class RateLimited(ServiceError):
    """Too many calls. Wait for as many seconds as Retry-After says, then call again."""

    code = "RATE_LIMITED"


class NotBuilt(ServiceError):
    """This part is not built yet. See the list of what is missing in the documentation."""

    code = "NOT_IMPLEMENTED"


class PartnerUnreachable(ServiceError):
    """Cannot establish a connection to the partner's endpoint. Verify the partner's URL and the network."""

    code = "PARTNER_UNREACHABLE"
    fault = Fault.PARTNER

    def __init__(self, message: str | None = None, *, is_final: bool = False, **details: object) -> None:
        self.is_final = is_final
        """Trying again is pointless: the address itself is refused, or the partner's TLS certificate is."""
        super().__init__(message, **details)


class MdnTimeout(ServiceError):
    """The partner's receipt did not arrive in time. Ask the partner, and check the receipt settings."""

    code = "MDN_TIMEOUT"
    fault = Fault.PARTNER


class OperationError(AcuseError):
    """The gateway cannot work like this."""

    code = "OPERATION_FAILED"
    fault = Fault.OPERATOR


class HomeMissing(OperationError):
    """There is no acuse home here. Run 'acuse init' first, or name the home with --home or ACUSE_HOME."""

    code = "HOME_MISSING"


class HomeBusy(OperationError):
    """Another gateway runs on this home. Stop it first, or use another home."""

    code = "HOME_BUSY"


class SettingUnknown(OperationError):
    """An ACUSE_ variable in the environment is not a setting. Correct its name or unset it."""

    code = "SETTING_UNKNOWN"


class SchemaTooNew(OperationError):
    """The database was written by a newer acuse. Upgrade this program, or restore a backup."""

    code = "SCHEMA_TOO_NEW"


class MasterKeyWrong(OperationError):
    """The master key does not open this home's secrets. Put back the key that the home was made with."""

    code = "MASTER_KEY_WRONG"


class StorageFailed(OperationError):
    """Bytes or rows could not be made durable. Check the disk; nothing was acknowledged."""

    code = "STORAGE_FAILED"


def error_codes() -> Iterator[type[AcuseError]]:
    """Every error class that is loaded, each before its subclasses: the table that the documentation prints."""
    pending: list[type[AcuseError]] = [AcuseError]
    while pending:
        error = pending.pop(0)
        yield error
        pending.extend(error.__subclasses__())

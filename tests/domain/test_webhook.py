"""Who may be told of what, and how a receiver knows that it is us."""

import hashlib
import hmac
from base64 import b64encode
from datetime import UTC, datetime

import pytest
import standardwebhooks

from acuse.domain.address import is_private_by_name
from acuse.domain.event import EventKind
from acuse.domain.webhook import check_events, check_webhook_headers, check_webhook_url
from acuse.domain.webhook_signature import check_secret, new_secret, signed_headers
from acuse.errors import InvalidInput

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BODY = '{"event":"message.sent","ñ":"€"}'.encode()


def test_the_standard_signature_is_accepted_by_the_public_package() -> None:
    secret = new_secret("AB" * 30)
    # The public package compares with its own clock.
    headers = dict(signed_headers([secret], event_id="evt_1", body=BODY, now=datetime.now(UTC)))

    standardwebhooks.Webhook(secret).verify(BODY, headers)

    for changed in ({**headers, "webhook-id": "evt_2"}, {**headers, "webhook-timestamp": "1"}):
        with pytest.raises(standardwebhooks.WebhookVerificationError):
            standardwebhooks.Webhook(secret).verify(BODY, changed)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(secret).verify(BODY + b" ", headers)


def test_the_other_signature_covers_the_body_and_is_keyed_with_the_whole_secret() -> None:
    secret = new_secret("AB" * 30)
    headers = dict(signed_headers([secret], event_id="evt_1", body=BODY, now=NOW))

    expected = hmac.new(secret.encode(), BODY, hashlib.sha256).hexdigest()

    assert f"sha256={expected}" == headers["X-Signature"]
    assert str(int(NOW.timestamp())) == headers["X-Timestamp"]


def secret_of(length: int) -> str:
    return "whsec_" + b64encode(b"s" * length).decode()


@pytest.mark.parametrize("secret", [secret_of(24), secret_of(64), new_secret("A" * 60)])
def test_a_good_secret_is_taken_as_it_is(secret: str) -> None:
    assert secret == check_secret("secret", secret)


@pytest.mark.parametrize(
    "secret", [secret_of(23), secret_of(65), secret_of(32)[6:], "whsec_", "whsec_????", "whsec_ñ", secret_of(32) + "="]
)
def test_a_bad_secret_is_refused_without_repeating_it(secret: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_secret("secret", secret)

    assert secret not in caught.value.message or len(secret) < 8


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["*"], ("*",)),
        (["message.sent", "*"], ("*",)),
        (["message.sent", "message.queued", "message.sent"], ("message.queued", "message.sent")),
        ([kind.value for kind in EventKind], tuple(EventKind)),
    ],
)
def test_events_are_named_once_and_in_one_order(names: list[str], expected: tuple[str, ...]) -> None:
    assert expected == check_events("events", names)


@pytest.mark.parametrize("names", [[], ["message"], ["message.*"], ["message.sent", "nothing"], [""]])
def test_an_unknown_event_is_refused(names: list[str]) -> None:
    with pytest.raises(InvalidInput, match=r"message\.received"):
        check_events("events", names)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "https://127.0.0.1/hook",
        "https://10.1.2.3/hook",
        "https://169.254.169.254/latest",
        "https://[::1]/hook",
        "https://[::ffff:192.168.0.1]/hook",
        "https://localhost/hook",
        "https://a.localhost./hook",
        "ftp://example.com",
        "https://user:password@example.com/",
        "example.com",
    ],
)
def test_a_url_without_tls_or_into_a_private_network_needs_somebody_to_vouch_for_it(url: str) -> None:
    with pytest.raises(InvalidInput):
        check_webhook_url("url", url, is_vouched=False)


def test_a_url_that_is_vouched_for_may_lead_anywhere_but_must_be_one() -> None:
    assert "http://10.0.0.1/x" == check_webhook_url("url", "http://10.0.0.1/x", is_vouched=True)
    with pytest.raises(InvalidInput):
        check_webhook_url("url", "10.0.0.1/x", is_vouched=True)


@pytest.mark.parametrize("url", ["https://example.com/", "https://8.8.8.8/", "https://localhost.example.com/"])
def test_a_host_of_the_internet_is_not_private(url: str) -> None:
    assert not is_private_by_name(url)
    assert url == check_webhook_url("url", url, is_vouched=False)


def test_header_fields_are_kept_in_order() -> None:
    given = {"Authorization": "Bearer x", "X-Env": " test "}

    assert (("Authorization", "Bearer x"), ("X-Env", "test")) == check_webhook_headers("headers", given)


@pytest.mark.parametrize(
    "given",
    [
        {"Content-Type": "x"},
        {"webhook-id": "x"},
        {"X-SIGNATURE": "x"},
        {"Host": "x"},
        {"X": "a\r\nY: b"},
        {"X Y": "a"},
        {"X": 7},
        {"X": "a", "x": "b"},
        {"X": "a" * 9000},
    ],
)
def test_a_header_field_that_would_break_a_delivery_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_webhook_headers("headers", given)

    assert ["headers"] == list(caught.value.fields)

"""The steps of a timeline, in the words of the services: layers that were opened or built, requests, receipts."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from acuse.as2 import LayerStep
from acuse.domain.keyring import CertificatesUsed
from acuse.domain.message import Receipt
from acuse.domain.timeline import StepName, TimelineStep
from acuse.errors import PartnerUnreachable
from acuse.ports import HTTPReply
from acuse.services.judge_certificates import Judged


def layer_steps(
    layers: Sequence[LayerStep], certificates: Mapping[str, str | None], *, at: datetime
) -> list[TimelineStep]:
    """A step for each layer; `certificates` has the fingerprint of the certificate that a layer used, by its name."""
    return [
        TimelineStep.took(
            layer.duration,
            at=at,
            name=StepName(layer.name),
            size=layer.size,
            algorithm=layer.algorithm,
            certificate=certificates.get(layer.name),
        )
        for layer in layers
    ]


def attempt_step(outcome: HTTPReply | PartnerUnreachable, *, size: int, began: datetime, at: datetime) -> TimelineStep:
    """A post to the partner, from the first byte to the last of the answer; its algorithm is that of TLS, and its
    certificate the one of the partner's server.
    """
    protection = None
    if isinstance(outcome, HTTPReply):
        protection = outcome.protection
        told = f"HTTP {outcome.status}"
    else:
        told = f"unreachable: {outcome.details.get('error_details', outcome.message)}"
    return TimelineStep.took(
        at - began,
        at=at,
        name=StepName.HTTP,
        size=size,
        algorithm=protection and f"{protection.version} {protection.cipher}",
        certificate=protection and protection.certificate,
        outcome=told,
    )


def arrival_steps(judged: Judged, used: CertificatesUsed, *, size: int, at: datetime) -> list[TimelineStep]:
    """A message that came in: the request of `size` bytes, its layers, and the MIC."""
    arrival = judged.arrival
    certificates = {"decrypt": used.recipient, "verify": used.signer}
    steps = [
        TimelineStep(at=at, name=StepName.HTTP, size=size),
        *layer_steps(arrival.steps, certificates, at=at),
    ]
    if arrival.mic:
        steps.append(TimelineStep(at=at, name=StepName.MIC, algorithm=arrival.mic.algorithm, outcome=arrival.mic.value))
    return steps


def receipt_step(receipt: Receipt, used: CertificatesUsed, *, size: int, began: datetime, at: datetime) -> TimelineStep:
    """A receipt of ours that was written, of `size` bytes."""
    return TimelineStep.took(
        at - began,
        at=at,
        name=StepName.RECEIPT,
        size=size,
        certificate=used.receipt_signer,
        outcome=receipt.disposition,
    )

"""Presets: what is known of named products and trading hubs, as changes of the terms with a partner.

Rule: a preset only chooses among settings that anybody could choose by hand, and says why and where that is known from.
None of them allows a weak algorithm: that takes the agreement's own word. Habits that are read in every form anyway,
such as a Message-ID without brackets, need no change; they stand in the reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from acuse.as2.agreement import Compression
from acuse.as2.quirks import Quirks


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """How to start with one product."""

    title: str
    reason: str
    """What the product does, and what follows from it."""
    source: str
    """Where that is known from."""
    changes: Mapping[str, object] = field(default_factory=dict)
    """New values for fields of the terms; empty where the defaults are right already."""


_MANUAL = "OpenAS2 manual, section 18 (settings by vendor)"

PRESETS: Mapping[str, Preset] = {
    "amazon-vendor-central": Preset(
        title="Amazon Vendor Central",
        reason="Takes no compressed messages; asks for a 4096-bit RSA key in the station's certificate.",
        source=_MANUAL,
        changes={"compression": Compression.NONE},
    ),
    "biztalk": Preset(
        title="Microsoft BizTalk and Azure Logic Apps",
        reason="Folded header lines fail behind IIS; ours are never folded. Digest names come with and without hyphen.",
        source="Azure Logic Apps, AS2 message settings; Drummond interoperability report, round 1Q08",
    ),
    "cleo": Preset(
        title="Cleo",
        reason="Cuts an AS2 identifier at its first blank unless it is quoted; ours are quoted where they have blanks.",
        source="phax/phase2, issue 92",
    ),
    "ibm-sterling": Preset(
        title="IBM Sterling B2B Integrator and DataPower",
        reason=(
            "Refuses the CMS algorithm protection attribute (RFC 6211), which is never sent; writes Message-IDs "
            "without brackets, signatures in binary without signed attributes, and parts without headers: all read. "
            "Some sites know SHA-1 only: then agree on it by name."
        ),
        source=f"{_MANUAL}; abhishek-ram/pyas2-lib, issue 47",
        changes={"compression": Compression.NONE},
    ),
    "mendelson": Preset(
        title="mendelson AS2",
        reason="Signs binary content as it is, bare line feeds included, and writes tabs into header values: all read.",
        source=_MANUAL,
    ),
    "mulesoft": Preset(
        title="MuleSoft AS2 connector",
        reason="Reads file parts in base64 with lines of 76 characters more reliably than binary ones.",
        source="alexdean/as2, release 0.12.0",
        changes={"quirks": Quirks(base64_parts=True)},
    ),
    "n-software": Preset(
        title="/n software: CData Arc, RSSBus, FreeAS2, EDI Integrator",
        reason=(
            "Reads no folded Content-Type in a receipt; ours are never folded. Its signed parts have no transfer "
            "encoding and bare line feeds, and are hashed as they came."
        ),
        source="OpenAS2/OpenAs2App, issue 69; phax/phase2, issue 12",
    ),
    "oracle-b2b": Preset(
        title="Oracle B2B",
        reason="Writes digest names with and without hyphen and folds the headers of parts, which are hashed as sent.",
        source="Drummond interoperability report, round 1Q08",
    ),
    "sap": Preset(
        title="SAP Process Integration and Integration Suite",
        reason="Sends flat files with bare line feeds, and long file names in folded part headers; hashed as sent.",
        source="Drummond interoperability report, round 1Q08",
    ),
    "seeburger": Preset(
        title="Seeburger, older releases",
        reason="Knows digest names without hyphen only.",
        source=_MANUAL,
        changes={"quirks": Quirks(plain_digest_names=True)},
    ),
    "walmart": Preset(
        title="Walmart GEM",
        reason="The signing and the encryption certificate are uploaded apart in its portal, which then sends a test.",
        source="Vendor guides of Aayu and as2certify",
        changes={"compression": Compression.NONE},
    ),
    "webmethods": Preset(
        title="webMethods, older releases",
        reason="Answers SHA-256 with insufficient-message-security: agree on sha1 by name if it does.",
        source="webMethods user forum",
        changes={"quirks": Quirks(plain_digest_names=True)},
    ),
}
"""By name. Names are lower case and stay."""

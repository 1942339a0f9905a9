"""Presets choose among settings that exist, and say why."""

import re

import pytest

from acuse.as2 import PRESETS, Quirks
from acuse.domain.partner import Terms


@pytest.mark.parametrize("name", PRESETS)
def test_preset_changes_fields_of_the_terms_to_values_of_their_kind(name: str) -> None:
    preset = PRESETS[name]
    terms = Terms().with_preset(preset)

    assert re.fullmatch(r"[a-z0-9-]+", name)
    assert preset.title
    assert preset.reason.endswith(".")
    assert preset.source
    for field, value in preset.changes.items():
        assert type(getattr(Terms(), field)) is type(value)
        assert value == getattr(terms, field)


@pytest.mark.parametrize("name", PRESETS)
def test_no_preset_allows_less_protection(name: str) -> None:
    terms = Terms().with_preset(PRESETS[name])

    assert (terms.demand_signed, terms.demand_encrypted, terms.mdn_signed) == (True, True, True)
    assert (Terms().sign, Terms().encrypt) == (terms.sign, terms.encrypt)


def test_older_seeburger_reads_digest_names_without_hyphen() -> None:
    assert Quirks(plain_digest_names=True) == Terms().with_preset(PRESETS["seeburger"]).quirks

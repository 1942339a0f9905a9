"""A secret does not show itself."""

import copy
import pickle
from dataclasses import replace

import pytest

from acuse.config import Secret, Settings


@pytest.mark.parametrize("show", [str, repr, "{}".format, "{0!r}".format, ascii])
def test_a_secret_is_not_shown_however_it_is_printed(show) -> None:  # type: ignore[no-untyped-def]
    assert "opensesame" not in show(Secret("opensesame"))
    assert "opensesame" not in show(Settings(master_key=Secret("opensesame")))


@pytest.mark.parametrize("leak", [pickle.dumps, copy.deepcopy])
def test_a_secret_is_neither_pickled_nor_copied(leak) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(TypeError):
        leak(Secret("opensesame"))


def test_a_secret_reveals_itself_to_who_asks() -> None:
    assert "opensesame" == Secret("opensesame").reveal()


def test_secrets_are_equal_when_their_texts_are() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert {Secret("a")} == {Secret("a")}
    assert Secret("a") != "a"


def test_settings_with_a_secret_can_be_changed() -> None:
    settings = Settings(master_key=Secret("opensesame"))

    assert settings.master_key == replace(settings, port=9).master_key

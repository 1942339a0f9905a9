"""Variables: replaced once, matched without case, and bounded before anything is built."""

import pytest

from acuse.mail import RenderedTooLarge, VariableMissing, render, variables_in


def test_each_variable_becomes_the_recipients_value() -> None:
    text = render("Hola {{Nombre}}, su DNI {{ dni }}.", {"nombre": "Ana", "DNI": "00000000T"}, limit=100)
    assert "Hola Ana, su DNI 00000000T." == text


def test_a_value_is_never_searched_for_variables() -> None:
    assert "{{DNI}}" == render("{{Nombre}}", {"Nombre": "{{DNI}}", "DNI": "secret"}, limit=100)


def test_in_html_values_are_escaped_and_the_template_is_not() -> None:
    assert "<b>&lt;i&gt;&amp;</b>" == render("<b>{{Nombre}}</b>", {"Nombre": "<i>&"}, limit=100, into_html=True)


def test_a_name_without_a_value_is_told() -> None:
    with pytest.raises(VariableMissing, match=r"\{\{Importe\}\}"):
        render("{{Nombre}} {{Importe}}", {"Nombre": "Ana"}, limit=100)


@pytest.mark.parametrize("text", ["{{}}", "{{ }}", "{Nombre}", "{{Nom\nbre}}", "{{{", "{{a{b}}"])
def test_what_only_resembles_a_variable_stays(text: str) -> None:
    assert text == render(text, {}, limit=100)


def test_growth_without_bound_is_refused_before_it_is_built() -> None:
    with pytest.raises(RenderedTooLarge):
        render("{{a}}" * 100_000, {"a": "b" * 100_000}, limit=1_000_000)


def test_a_text_that_just_fits_is_rendered_also_when_values_shrink_it() -> None:
    assert "ab" * 50 == render("{{first}}{{second}}" * 50, {"first": "a", "second": "b"}, limit=950)


def test_names_in_use_are_listed_in_lower_case() -> None:
    assert frozenset({"nombre", "variable_1"}) == variables_in("{{Nombre}} {{Variable_1}} {{NOMBRE}}")

"""The browser examples of the guides run in a real browser."""

from __future__ import annotations

import pytest

from tests.fixtures.browser import browser_page
from tests.fixtures.guides import README, USERS

pytestmark = pytest.mark.django_db(transaction=True)

FORM = (
    """<form><input name="city" value="Stockholm"><input name="timezone" value="Europe/Stockholm"></form>"""
)


def test_the_form_of_the_profile_shows_each_refusal_beside_its_field(demo_url: str) -> None:
    script = f"""async () => {{
        {README.blocks_under("Start", demo_url)}
        {USERS.blocks_under("In a browser", demo_url)}
        const ana = await signIn("ana@example.com"), form = document.forms[0];
        form.elements.city.value = "Umeå"; form.elements.timezone.value = "Umeå";
        const {{ status }} = await save(ana, form).catch((error) => error);
        const shown = [...form.elements].map((each) => each.validationMessage);
        form.elements.timezone.value = "Europe/Stockholm";
        const {{ city }} = await save(ana, form);
        return [status, shown, city, form.checkValidity()]; }}"""
    with browser_page(f"{demo_url}/accounts/", bypass_csp=True) as page:  # in place of a frontend's page
        page.set_content(FORM)
        found = page.evaluate(script)
    assert found == [400, ["", 'Expected an IANA time zone such as "Europe/Berlin".'], "Umeå", True]

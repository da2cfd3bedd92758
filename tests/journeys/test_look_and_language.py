"""A service with a look, templates and a language of its own, from the form to the mail and its links."""

import re
from pathlib import Path

from notifier.demo.inbox import Mail
from notifier.settings.mail_look import MailLook
from tests.events.mail_reader import body
from tests.events.pseudo_language import PSEUDO, pseudo, pseudo_languages
from tests.journeys.house import IP1783, PUBLIC_URL, STOP_LINK, open_house, ship_ip1783

ADA = "ada@patients.example"


def look(home: Path) -> MailLook:
    """Put a catalogue and a template into the home; return the settings that name them."""
    for name in ("languages", "templates"):
        (home / name).mkdir()
    pseudo_languages(home / "languages")
    (home / "templates" / "footer.txt").write_text("{{ operator }}\n{{ words.standing }}\nWith care\n")
    return MailLook(
        sender_name="Knee alerts",
        accent="#7a1fa2",
        footer="Registered charity 1",
        language=PSEUDO,
        languages_folder=home / "languages",
        templates=home / "templates",
    )


def html(mail: Mail) -> str:
    return body(mail.message, "html")


async def test_a_service_mails_in_its_own_language_and_look(tmp_path: Path) -> None:
    ship_ip1783(tmp_path)
    async with open_house(tmp_path, "2022-09-01T09:00", look=look(tmp_path)) as house:
        await house.sign_up(ADA, to=IP1783)
        await house.replay(until="2022-10-20T12:00")
        confirm, alert = [mail for mail in house.inbox.mails if mail.recipient == ADA]
        assert str(confirm.message["Subject"]).startswith(pseudo("Confirm your alerts for")[:-1])
        assert pseudo("Why you get this") in confirm.text
        assert pseudo("Where it stands") in html(alert)
        for mail in (confirm, alert):
            assert mail.message["From"].addresses[0].display_name == "Knee alerts"
            assert mail.text.rstrip().endswith("\nWith care")
            assert "Registered charity 1" in html(mail)
            assert "#7a1fa2" in html(mail)
            assert f'lang="{PSEUDO}"' in html(mail)
        _, page, _ = await house.get(f"/procedures/{IP1783}")
        assert b"What you can do" not in page
        assert b'lang="en' in page


async def test_what_an_alert_leads_to_is_there(tmp_path: Path) -> None:
    ship_ip1783(tmp_path)
    async with open_house(tmp_path, "2022-09-01T09:00") as house:
        await house.sign_up(ADA, to=IP1783)
        await house.replay(until="2022-10-20T12:00")
        (alert,) = house.mails_to(ADA)
        assert "Where it stands: " in alert.text
        links = re.findall(rf"{re.escape(PUBLIC_URL)}(/[^\s\"]*)", alert.text)
        ours = {link for link in links if not link.startswith("/preferences")}
        assert {f"/calendar/{IP1783}.ics", f"/feeds/{IP1783}.atom", f"/procedures/{IP1783}"} <= ours
        assert STOP_LINK.search(alert.text) is not None
        for link in sorted(ours):
            status, _, _ = await house.get(link)
            assert status == 200, link

"""Each mistake an operator can make is answered with its place, what was expected and what was meant."""

import pytest

from notifier.settings.names import every_setting


def test_a_misspelt_name_in_the_file_is_answered_with_line_and_suggestion(problems):
    text = '# a comment\n\n[times]\nzone = "Europe/London"\nanounce_at = "09:00"\n'
    assert problems(text) == [
        'notifier.toml:5: unknown setting "anounce_at" in [times]; did you mean "announce_at"?'
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[tmes]", 'notifier.toml:1: unknown section [tmes]; did you mean "times"?'),
        ("[Mail]", 'notifier.toml:1: unknown section [Mail]; did you mean "mail"?'),
        ("[elsewhere]", "notifier.toml:1: unknown section [elsewhere]"),
        ("\nsender = 1", 'notifier.toml:2: unknown setting "sender"; did you mean "mail.sender"?'),
        (
            "[web]\nsender = 1",
            'notifier.toml:2: unknown setting "sender" in [web]; did you mean "mail.sender"?',
        ),
        ("[times]\nport = 1", 'notifier.toml:2: unknown setting "port" in [times]'),
        ("[web]\nqqq = 1", 'notifier.toml:2: unknown setting "qqq" in [web]'),
        ("mail = 5", 'notifier.toml:1: "mail" must be a section of settings'),
        ("[[mail]]\nport = 1", 'notifier.toml:1: "mail" must be a section of settings'),
        ("web = {prt = 1}", 'notifier.toml:1: unknown setting "prt" in [web]; did you mean "port"?'),
        ("\nweb.prt = 1", 'notifier.toml:2: unknown setting "prt" in [web]; did you mean "port"?'),
        (
            "[mail]\n[mail.port]\nx = 1",
            'notifier.toml:2: "port" in [mail] must be a port number from 1 to 65535, not a section',
        ),
    ],
)
def test_a_wrong_shape_of_the_file_is_told(problems, text, problem):
    assert problems(text) == [problem]


@pytest.mark.parametrize(
    ("section", "line", "problem"),
    [
        ("mail", 'port = "x"', '"port" in [mail] must be a port number from 1 to 65535, not "x"'),
        ("mail", "port = 0", '"port" in [mail] must be a port number from 1 to 65535, not 0'),
        ("mail", "port = true", '"port" in [mail] must be a port number from 1 to 65535, not true'),
        ("mail", "port = [1]", '"port" in [mail] must be a port number from 1 to 65535, not a list'),
        (
            "mail",
            "connections = 0",
            '"connections" in [mail] must be a whole number from 1 to 1000000, not 0',
        ),
        (
            "mail",
            'security = "starttsl"',
            '"security" in [mail] must be one of "plain", "starttls", "tls", not "starttsl"; '
            'did you mean "starttls"?',
        ),
        (
            "mail",
            'sender = "me"',
            '"sender" in [mail] must be a mail address such as "alerts@example.org", not "me"',
        ),
        ("times", "announce_at = 9", '"announce_at" in [times] must be a time of day such as "09:00", not 9'),
        (
            "times",
            'announce_at = "9am"',
            '"announce_at" in [times] must be a time of day such as "09:00", not "9am"',
        ),
        (
            "times",
            'announce_at = "09:00Z"',
            '"announce_at" in [times] must be a time of day such as "09:00", not "09:00Z"',
        ),
        (
            "times",
            'zone = "Europe/Londn"',
            '"zone" in [times] must be a time zone such as "Europe/London", not "Europe/Londn"; '
            'did you mean "Europe/London"?',
        ),
        (
            "times",
            'zone = "Europe"',
            '"zone" in [times] must be a time zone such as "Europe/London", not "Europe"',
        ),
        (
            "times",
            "settle_minutes = -1",
            '"settle_minutes" in [times] must be a whole number from 0 to 1000000, not -1',
        ),
        ("database", 'path = " "', '"path" in [database] must be a path in quotes, not " "'),
        ("web", 'host = "http://x"', '"host" in [web] must be a host name or an IP address, not "http://x"'),
    ],
)
def test_a_wrong_value_is_told_with_what_was_expected(problems, section, line, problem):
    found = problems(f"[{section}]\n{line}\n")
    assert len(found) == 1
    assert found[0].startswith(f"notifier.toml:2: {problem}")


def test_an_unknown_place_for_holidays_is_answered_with_a_known_one(problems):
    assert problems('[times]\nholidays = "GB-EN"')[0].endswith('not "GB-EN"; did you mean "GB-ENG"?')


@pytest.mark.parametrize("blank", ["name", "operator", "postal_address", "contact", "privacy_contact"])
def test_an_identity_must_not_be_blank(problems, service, blank):
    lines = [f'{blank} = " "' if line.startswith(f"{blank} =") else line for line in service.splitlines()]
    assert f'"{blank}" in [service] must be some text' in problems("\n".join(lines))[0]


@pytest.mark.parametrize(
    "address",
    [
        "alerts.example.org",
        "ftp://example.org",
        "https://",
        "https://a b",
        "https://u:p@a",
        "https://a?x",
        "https://a:x",
    ],
)
def test_a_public_address_must_be_one_that_links_can_be_made_from(problems, service, address):
    text = service.replace("https://alerts.example.org/", address)
    assert problems(text)[0].startswith('notifier.toml:8: "public_url" in [service] must be a web address')


def test_a_name_on_two_lines_is_refused_because_it_stands_in_mail_headers(problems, service):
    text = service.replace("Topic alerts", "Topic\\r\\nBcc: x")
    assert problems(text)[0].startswith('notifier.toml:2: "name" in [service] must be some text on one line')


@pytest.mark.parametrize(
    "address", ["me", "a@", "@b", "a b@c", "a..b@c", "A <a@b>", "a@b@c", "ä@b", "a@bücher.de"]
)
def test_mail_must_come_from_one_bare_address_in_ascii(problems, address):
    assert "must be a mail address" in problems(f"[mail]\nreply_to = '{address}'")[0]


def test_what_an_identity_lacks_is_told_all_at_once(problems):
    found = problems('[web]\nport = 1\n\n[service]\nname = "x"\n')
    assert len(found) == 6
    assert found[0] == 'notifier.toml:4: "operator" in [service] is missing'
    assert problems(environ={"NOTIFIER_SERVICE__NAME": "x"})[0] == (
        "environment: NOTIFIER_SERVICE__OPERATOR is missing"
    )


def test_what_an_identity_lacks_is_asked_for_in_the_file_where_both_speak_of_it(problems):
    found = problems('[service]\nname = "x"\n', {"NOTIFIER_SERVICE__CONTACT": "x"})
    assert len(found) == 5
    assert {problem.split(": ")[0] for problem in found} == {"notifier.toml:1"}


def test_a_wrong_value_is_repeated_on_one_line_and_cut_short(problems):
    assert problems('[mail]\nsender = "a\\n\\"b"')[0].endswith('not "a\\n\\"b"')
    assert problems(f'[mail]\nsender = "{"x" * 90}"')[0].endswith(f'not "{"x" * 60}…"')


def test_every_problem_of_every_source_is_told_at_once(problems):
    text = "[web]\nprt = 1\nport = -1\n"
    environ = {"NOTIFIER_WEB__PRT": "1", "NOTIFIER_MIAL__PORT": "1", "NOTIFIER_MAIL__PORT": "many"}
    found = problems(text, environ, {"running__stop_secnds": "1"})
    assert found == [
        'environment: unknown setting NOTIFIER_MIAL__PORT; did you mean "NOTIFIER_MAIL__PORT"?',
        'environment: unknown setting NOTIFIER_WEB__PRT; did you mean "NOTIFIER_WEB__PORT"?',
        'environment: NOTIFIER_MAIL__PORT must be a port number from 1 to 65535, not "many"',
        'notifier.toml:2: unknown setting "prt" in [web]; did you mean "port"?',
        'notifier.toml:3: "port" in [web] must be a port number from 1 to 65535, or 0 for any free one, '
        "not -1",
        "secret file secrets/running__stop_secnds: unknown setting running__stop_secnds; "
        'did you mean "running__stop_seconds"?',
    ]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("NOTIFIER_MAIL_PORT", '; did you mean "NOTIFIER_MAIL__PORT"?'),
        ("NOTIFIER_MAIL__PORT__X", '; did you mean "NOTIFIER_MAIL__PORT"?'),
        ("NOTIFIER_SECRET_DIR", '; did you mean "NOTIFIER_SECRETS_DIR"?'),
        ("NOTIFIER_MAIL", ""),
        ("NOTIFIER_", ""),
    ],
)
def test_a_misspelt_variable_is_refused(problems, name, meant):
    assert problems(environ={name: "1"}) == [f"environment: unknown setting {name}{meant}"]


def test_a_variable_in_lower_case_is_ours_too(load, problems):
    assert load(environ={"notifier_web__port": "81"}).web.port == 81
    assert problems(environ={"notifier_mial__port": "81"}) == [
        'environment: unknown setting notifier_mial__port; did you mean "NOTIFIER_MAIL__PORT"?'
    ]


@pytest.mark.parametrize("place", every_setting())
def test_every_setting_says_what_it_expects(problems, service, place):
    section, name = place
    text = "" if section == "service" else f"[{section}]\n{name} = [[]]\n"
    if section == "service":
        kept = [line for line in service.splitlines() if not line.startswith(f"{name} =")]
        text = "\n".join([*kept, f"{name} = [[]]"])
    assert len(found := problems(text)) == 1
    assert f'"{name}" in [{section}] must be ' in found[0]

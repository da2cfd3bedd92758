"""Where settings come from, which source wins, and what serving needs."""

from datetime import date, time
from pathlib import Path

import pytest
from pydantic import ValidationError

from notifier.settings import (
    Relation,
    Security,
    ServingMail,
    ServingSettings,
    Settings,
    SettingsError,
    for_serving,
    load_settings,
)


def test_without_any_source_the_defaults_stand(load):
    settings = load()
    assert settings == Settings()
    assert settings.service is None
    assert settings.times.announce_at == time(9)
    assert settings.mail.security is Security.STARTTLS
    assert settings.database.path == Path("data/notifier.db")


def test_the_usual_file_is_read_when_it_is_there_and_none_is_named(home):
    Path("config").mkdir()
    Path("config/notifier.toml").write_text("web.port = 81", "utf-8")
    assert load_settings(None, {}, usual_secrets=home / "none").web.port == 81


def test_settings_made_in_code_read_no_environment(monkeypatch):
    monkeypatch.setenv("WEB__PORT", "99")
    monkeypatch.setenv("web", '{"port": 99}')
    assert Settings().web.port == 8080


def test_a_service_is_read_and_its_address_loses_the_trailing_slash(load, service):
    read = load(service).service
    assert read.relation is Relation.THIRD_PARTY
    assert read.public_url == "https://alerts.example.org"
    assert read.body_site == "NICE's website"


def test_a_service_can_come_from_the_environment_and_the_file_together(load, service):
    text = service.replace('operator = "Example Charity"\n', "")
    assert load(text, {"NOTIFIER_SERVICE__OPERATOR": "Someone"}).service.operator == "Someone"


def test_the_environment_wins_over_a_secret_file_and_that_over_the_file(load):
    text = '[web]\nhost = "file"\nport = 1\n[database]\npath = "file"\n'
    secrets = {"web__host": "secret", "web__port": "2"}
    settings = load(text, {"NOTIFIER_WEB__HOST": "environment"}, secrets)
    assert (settings.web.host, settings.web.port, settings.database.path) == ("environment", 2, Path("file"))


def test_letter_case_does_not_count_in_the_environment(load):
    assert load(environ={"NOTIFIER_Sign_Up__link_HOURS": "5"}).sign_up.link_hours == 5


def test_an_empty_variable_counts_as_not_set(load):
    assert load("[web]\nport = 81", {"NOTIFIER_WEB__PORT": "", "NOTIFIER_SECRETS_DIR": ""}).web.port == 81


def test_other_variables_are_none_of_our_business(load):
    assert load(environ={"WEB__PORT": "1", "NOTIFIERS_WEB__PORT": "2", "PATH": "/bin"}) == Settings()


def test_what_kubernetes_tells_every_pod_about_a_service_named_notifier_is_no_mistake(load):
    links = {
        "NOTIFIER_SERVICE_HOST": "10.0.0.1",
        "NOTIFIER_SERVICE_PORT_HTTP": "80",
        "NOTIFIER_PORT": "tcp://10.0.0.1:80",
        "NOTIFIER_PORT_80_TCP_ADDR": "10.0.0.1",
    }
    assert load(environ=links | {"KUBERNETES_SERVICE_HOST": "10.0.0.9"}) == Settings()
    with pytest.raises(SettingsError):
        load(environ=links)


def test_a_secret_file_loses_one_newline_and_nothing_else(load):
    environ = {"NOTIFIER_MAIL__USERNAME": "us"}
    for content, expected in (("s3cret\n", "s3cret"), ("s3cret\r\n", "s3cret"), (" s \n\n", " s \n")):
        password = load(environ=environ, secrets={"mail__password": content}).mail.password
        assert password.get_secret_value() == expected


def test_a_foreign_file_in_the_usual_folder_of_secrets_is_ignored(load):
    assert load(secrets={"other_password": "x", "postgres__password": "x"}) == Settings()


def test_a_named_folder_of_secrets_replaces_the_usual_one(load):
    Path("named", "..data").mkdir(parents=True)
    Path("named", ".hidden").write_text("x", "utf-8")
    Path("named", "web__port").write_text("3", "utf-8")
    settings = load(environ={"NOTIFIER_SECRETS_DIR": "named"}, secrets={"web__host": "usual"})
    assert (settings.web.port, settings.web.host) == (3, "127.0.0.1")


def test_times_give_a_zone_and_a_calendar_of_holidays(load):
    times = load('[times]\nzone = "Europe/Dublin"\nholidays = "IE"').times
    assert times.tz.key == "Europe/Dublin"
    assert date(2022, 3, 17) in times.public_holidays
    assert date(2022, 3, 17) not in load().times.public_holidays


def test_a_time_may_stand_with_seconds_and_without_quotes(load):
    assert load("[times]\nannounce_at = 08:30:00").times.announce_at == time(8, 30)


@pytest.mark.parametrize(
    "address", ["a@localhost", "a.b+c@office.local", "x@notifier.test", "a@xn--bcher-kva.example"]
)
def test_mail_may_come_from_a_domain_that_only_this_house_knows(load, address):
    assert load(f'[mail]\nsender = "{address}"').mail.sender == address


def test_settings_cannot_be_changed(load):
    settings = load()
    for thing, name in ((settings, "web"), (settings.web, "port")):
        with pytest.raises(ValidationError):
            setattr(thing, name, None)


def test_serving_names_everything_that_is_missing(load):
    with pytest.raises(SettingsError) as caught:
        for_serving(load('[mail]\nsender = "a@example.org"'))
    assert [problem.what.split(" is missing")[0] for problem in caught.value.problems[1:]] == [
        '"name" in [service]',
        '"operator" in [service]',
        '"postal_address" in [service]',
        '"contact" in [service]',
        '"privacy_contact" in [service]',
        '"relation" in [service]',
        '"public_url" in [service]',
        '"reply_to" in [mail]',
    ]


def test_whoever_has_no_settings_yet_is_told_where_to_begin(load, service):
    with pytest.raises(SettingsError) as caught:
        for_serving(load())
    assert str(caught.value.problems[0]) == (
        "settings: nothing says who runs this service: copy config/notifier.example.toml to "
        "config/notifier.toml and fill it in"
    )
    with pytest.raises(SettingsError) as caught:
        for_serving(load(service))
    assert "copy" not in str(caught.value)


def test_serving_keeps_all_settings_and_the_password(load, service):
    mail = (
        '[mail]\nsender = "a@example.org"\nreply_to = "b@example.org"\nusername = "u"\npassword = "s3cret"\n'
    )
    settings = load(service + mail + "[web]\nport = 0")
    serving = for_serving(settings)
    assert isinstance(serving, ServingSettings)
    assert isinstance(serving.mail, ServingMail)
    assert serving.model_dump() == settings.model_dump()
    assert serving.mail.password.get_secret_value() == "s3cret"

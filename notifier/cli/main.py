"""`notifier`: each command in its own file, loaded only when it is called."""

import typer

from notifier.cli import check, demo, healthcheck, holds, import_page, serve

app = typer.Typer(
    help="Tells people, reliably and at once, that a public procedure has reached its next date.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("check")(check.check)
app.command("healthcheck")(healthcheck.healthcheck)
app.command("import")(import_page.import_page)
app.command("holds")(holds.holds)
app.command("release")(holds.release)
app.command("adopt")(holds.adopt)

"""`notifier`: each command in its own file, loaded only when it is called."""

import typer

from notifier.cli import demo, import_page, serve

app = typer.Typer(
    help="Tells people, reliably and at once, that a public procedure has reached its next date.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("import")(import_page.import_page)

"""`notifier`: each command in its own file, loaded only when it is called."""

import logging

import typer

from notifier.cli import (
    bounces,
    check,
    copy_database,
    deliveries,
    demo,
    doctor,
    healthcheck,
    holds,
    importing,
    migrate,
    pause,
    procedure,
    schema,
    serve,
    simulate,
    sources,
    subscribers,
    templates,
    why,
    worker,
)

# Commands speak for themselves; only `serve` and `demo` show the log.
logging.getLogger("notifier").addHandler(logging.NullHandler())

app = typer.Typer(
    help="Tells people, reliably and at once, that a public procedure has reached its next date.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"max_content_width": 120},
    rich_markup_mode=None,  # plain help: drawing it takes longer than all else that `--help` does
)
app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("worker")(worker.worker)
app.command("migrate")(migrate.migrate)
app.command("copy-database")(copy_database.copy_database)
app.command("check")(check.check)
app.command("doctor")(doctor.doctor)
app.command("healthcheck")(healthcheck.healthcheck)
app.command("import")(importing.import_document)
app.command("sources")(sources.sources)
app.command("simulate")(simulate.simulate)
app.add_typer(procedure.app, name="procedure")
app.add_typer(bounces.app, name="bounces")
app.command("deliveries")(deliveries.deliveries)
app.command("why")(why.why)
app.add_typer(subscribers.app, name="subscribers")
app.add_typer(templates.app, name="templates")
app.command("schema")(schema.schema)
app.command("holds")(holds.holds)
app.command("release")(holds.release)
app.command("pause")(pause.pause)
app.command("resume")(pause.resume)
app.command("adopt")(holds.adopt)

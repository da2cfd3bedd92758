"""Lists of projects as a body serves them: each gives a status and the date of publication, nothing more."""

import json

from tests.sources.nice.indev_records import PROJECT

Record = dict[str, object]


def project(reference: str, published: str | None = "2023-03-29", **more: object) -> Record:
    """Return one record; `published` is an ISO day. By default it does not say when it was last changed."""
    day = {"PublishedDate": published and f"{published}T00:00:00", "LastModifiedDate": None}
    return PROJECT | {"Reference": reference} | day | more


def projects(*records: Record) -> str:
    """Return the list of these records."""
    return json.dumps({"_embedded": {"nice.indev:indevelopment-project": list(records)}})

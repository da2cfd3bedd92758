"""The demo's window: the service's page and the mail it caused, side by side. Marked "Replay" throughout."""

import html
from collections.abc import Callable

from aiohttp import web

from notifier.demo.inbox import Inbox, Mail

REFRESH_SECONDS = 3

_PAGE = """<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">{refresh}
<title>Replay: {title}</title><style>
:root {{ color-scheme: light dark }}
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 0; display: grid; min-height: 100vh;
  grid-template: auto 1fr / minmax(0, 1fr) minmax(0, 1fr) }}
header {{ grid-column: 1 / -1; padding: .6rem 1rem; background: #ffd54a; color: #222 }}
header a {{ color: inherit }}
iframe {{ border: 0; width: 100%; height: 36rem; background: #fff }}
body > iframe {{ position: sticky; top: 0; height: 100vh }}
main {{ padding: 1rem; border-left: 1px solid #8888; overflow: auto }}
ol {{ list-style: none; padding: 0 }} li {{ padding: .3rem 0 }} li small {{ opacity: .75; display: block }}
a {{ display: inline-block; padding: .2rem 0 }}
@media (max-width: 50rem) {{ body {{ display: block }} main {{ border: 0 }} }}
</style></head><body>
<header><strong>Replay.</strong> On the left the service, on the right what its people got.
Nothing left this machine. <a href="{site}">Open the service</a></header>
<iframe title="The service" src="{framed}"></iframe>
<main>{body}</main></body></html>"""


def build(inbox: Inbox, *, site: Callable[[], str]) -> web.Application:
    """Return the web application that shows caught mail; `site` is the service's address."""

    async def index(_request: web.Request) -> web.Response:
        rows = "".join(_row(mail) for mail in reversed(inbox.mails))
        return _page("caught mail", f"<h1>Caught mail</h1><ol>{rows}</ol>", site(), refresh=not inbox.over)

    async def one(request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        if not 1 <= number <= len(inbox.mails):
            raise web.HTTPNotFound(text="No such mail.")
        mail = inbox.mails[number - 1]
        return _page(str(mail.message["Subject"]), _mail(mail), site(), refresh=False)

    app = web.Application()
    app.add_routes([web.get("/", index), web.get(r"/{number:\d{1,6}}", one)])
    return app


def _row(mail: Mail) -> str:
    subject, to = html.escape(str(mail.message["Subject"])), html.escape(mail.recipient)
    date = html.escape(str(mail.message["Date"]))
    return f'<li><a href="/{mail.number}">{subject}</a><small>to {to}, {date}</small></li>'


def _mail(mail: Mail) -> str:
    subject, to = html.escape(str(mail.message["Subject"])), html.escape(mail.recipient)
    # Sandboxed: nothing in the mail can act here; its links open beside it, as in a mail program.
    content = html.escape(f'<base target="_blank">{mail.html}')
    allowed = "allow-popups allow-popups-to-escape-sandbox"
    shown = f'<iframe sandbox="{allowed}" title="The mail" srcdoc="{content}"></iframe>'
    sent = html.escape(mail.content.decode("ascii", "replace"))
    return (
        f'<p><a href="/">All mail</a></p><h1>{subject}</h1><p>To {to}</p>{shown}'
        f"<h2>As plain text</h2><pre style='white-space: pre-wrap'>{html.escape(mail.text)}</pre>"
        f"<h2>As sent</h2><pre style='overflow: auto'>{sent}</pre>"
    )


def _page(title: str, body: str, site: str, *, refresh: bool) -> web.Response:
    text = _PAGE.format(
        title=html.escape(title),
        body=body,
        site=html.escape(site),
        framed=html.escape(site),
        refresh=f'<meta http-equiv="refresh" content="{REFRESH_SECONDS}">' if refresh else "",
    )
    return web.Response(text=text, content_type="text/html")

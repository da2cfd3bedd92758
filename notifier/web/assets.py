"""The stylesheet and the icon, each under an address that holds a hash of its content.

A changed file has a new address, so browsers may keep what they have for good.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

_FOLDER = Path(__file__).parent / "static"
_TYPES = {".css": "text/css", ".svg": "image/svg+xml"}
_FOR_GOOD = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file as it is served."""

    address: str
    body: bytes
    content_type: str


def load_assets() -> Mapping[str, Asset]:
    """Read the files of the package, by their plain names."""
    return {path.name: _asset(path) for path in sorted(_FOLDER.iterdir()) if path.suffix in _TYPES}


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    digest = hashlib.sha256(body).hexdigest()[:12]
    return Asset(
        address=f"/static/{path.stem}.{digest}{path.suffix}", body=body, content_type=_TYPES[path.suffix]
    )


def routes(assets: Mapping[str, Asset]) -> list[web.RouteDef]:
    """Return one route for each file."""
    return [web.get(asset.address, _serve(asset)) for asset in assets.values()]


def _serve(asset: Asset) -> Handler:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(
            body=asset.body,
            content_type=asset.content_type,
            charset="utf-8",
            headers={"Cache-Control": _FOR_GOOD},
        )

    return handler

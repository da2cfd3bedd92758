"""Gets what a rival needs into a cache of its own, once; a rival that cannot be had is left out, and said."""

import asyncio
import json
import shutil
import sys
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path

from benchmarks.options import Missing, cache
from notifier.delivery.model import Letter

HERE = Path(__file__).parent
DJANGO = "django>=5.2,<5.3"
NODEMAILER = "nodemailer@10"
NAMES = ("aiosmtplib", "nodemailer", "Django")
PATIENCE_SECONDS = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """Another sender: its name, the command that starts it, and its share of the mails (it is slower)."""

    name: str
    command: tuple[str, ...]
    share: float
    env: dict[str, str] = field(default_factory=dict)


async def rivals() -> tuple[list[Rival], list[str]]:
    """Return the rivals that can be had, and a sentence for each that cannot."""
    found, left_out = [aiosmtplib_rival()], []
    for name, get in zip(NAMES[1:], (_nodemailer, _django), strict=True):
        try:
            found.append(await get())
        except Missing as error:
            left_out.append(f"{name} is left out: {error}")
    return found, left_out


def words(letter: Letter, file: Path) -> Path:
    """Write down what every rival sends: the words of a letter of ours."""
    message = message_from_bytes(letter.content, policy=policy.default)
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    said = {"sender": letter.sender, "subject": str(message["Subject"])}
    said |= {"text": text.get_content(), "html": html.get_content()}
    file.write_text(json.dumps(said), encoding="utf-8")
    return file


def aiosmtplib_rival() -> Rival:
    """Return the one that needs nothing more."""
    module = "benchmarks.rivals.aiosmtplib_pooled"
    return Rival(name=NAMES[0], command=(sys.executable, "-m", module), share=0.1)


def one_round_trip() -> Rival:
    """Return who does nothing but send one mail for each round trip of each connection."""
    module = "benchmarks.rivals.one_round_trip"
    return Rival(name="one round trip a mail", command=(sys.executable, "-m", module), share=1.0)


async def _nodemailer() -> Rival:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise Missing("node and npm are not here; Debian's packages nodejs and npm have them")
    folder = cache() / "nodemailer"
    if not (folder / "node_modules" / "nodemailer").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        await _install(npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), NODEMAILER)
    command = (node, str(HERE / "nodemailer_pooled.js"))
    return Rival(name=NAMES[1], command=command, share=0.3, env={"NODE_PATH": str(folder / "node_modules")})


async def _django() -> Rival:
    folder = cache() / "django"
    python = folder / "bin" / "python"
    if not list(folder.glob("lib/python*/site-packages/django")):
        await _install(sys.executable, "-m", "venv", "--clear", str(folder))
        await _install(str(python), "-m", "pip", "install", "--quiet", DJANGO)
    module = "benchmarks.rivals.django_threads"
    return Rival(name=NAMES[2], command=(str(python), "-m", module), share=0.2)


async def _install(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        printed, _ = await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
    except TimeoutError:
        process.kill()
        raise Missing(f"“{' '.join(command)}” did not end within {PATIENCE_SECONDS:.0f} s") from None
    if process.returncode:
        last = printed.decode(errors="replace").strip().rpartition("\n")[2]
        raise Missing(f"“{' '.join(command)}” failed: {last}")

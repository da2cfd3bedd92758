"""What the DNS says of our sender: SPF, DMARC, who reads answers and bounces, and our address's own name."""

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address

from notifier.cli.examining.resolving import Resolver, Unanswered
from notifier.cli.examining.spf import MOST_LOOKUPS, Spf, SpfCheck, records_in, terms_of
from notifier.cli.finding import Finding, attention, failed, fine


async def sender_dns(
    resolver: Resolver, *, sender: str, reply_to: str, bounces: str | None, ours: str | None
) -> Sequence[Finding]:
    """Look at everything that can be looked at; `ours` is the address that mail leaves from, if it is ours.

    `bounces` is the mailbox whose domain the envelope has; None: the envelope is the sender's.
    Where nothing can be asked, that is the one finding.
    """
    if not await resolver.reachable():
        words = "Not asked: no resolver answers here. SPF, DMARC, MX and PTR are not known."
        return [attention("DNS", words, "Ask again from a machine that can ask the DNS.")]
    domain = _domain(sender)
    takers = {domain: "mails", _domain(bounces or sender): "bounces", _domain(reply_to): "answers"}
    found = [
        *await _spf(resolver, dict.fromkeys((domain, _domain(bounces or sender))), ours),
        *await _dmarc(resolver, domain),
        *await _mx(resolver, takers),
    ]
    return [*found, *(await _pointer(resolver, ours) if ours is not None else ())]


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


async def _spf(resolver: Resolver, domains: Iterable[str], ours: str | None) -> Sequence[Finding]:
    """Where one of the domains gets no answer, nothing is said of SPF: it is not known whether it is met."""
    try:
        return [await _spf_of(resolver, domain, ours) for domain in domains]
    except Unanswered as error:
        return [_unanswered("SPF", error)]


async def _spf_of(resolver: Resolver, domain: str, ours: str | None) -> Finding:
    records = records_in(await resolver.texts(domain))
    check = SpfCheck(resolver)
    result = await check.ask(domain, ours)
    if not records:
        remedy = f'Publish a TXT record at {domain}: "v=spf1 include:… ~all", as your relay\'s owner says.'
        return attention("SPF", f"{domain} has no SPF record.", remedy)
    if len(records) > 1:
        words = f"{domain} has {len(records)} SPF records, which counts as an error."
        return attention("SPF", words, "Join them to one.")
    return _spf_record(domain, records[0], result, ours)


def _spf_record(domain: str, record: str, result: Spf, ours: str | None) -> Finding:
    if result is Spf.ERROR:
        why = f"needs more than {MOST_LOOKUPS} lookups, or includes a name without a record"
        return attention("SPF", f"The record of {domain} {why}.", "Mend it: receivers take it for an error.")
    if any(one.name == "all" and one.sign is Spf.PASSED for one in terms_of(record)):
        return attention("SPF", f"The record of {domain} lets everybody send (+all).", 'End it with "~all".')
    if ours is not None and result not in (Spf.PASSED, Spf.UNDECIDED):
        words = f"{domain} does not let {ours}, from which mail leaves, send its mail ({result.value})."
        return attention("SPF", words, f"Add it to the record: {record}")
    passed = ours is not None and result is Spf.PASSED
    whom = f"lets {ours} send" if passed else "is there; see that it names your mail server"
    return fine("SPF", f"The record of {domain} {whom}: {record}")


async def _dmarc(resolver: Resolver, domain: str) -> Sequence[Finding]:
    labels = domain.split(".")
    try:
        for count in range(len(labels), 1, -1):  # the domain itself, then the organisation's
            where = ".".join(labels[-count:])
            texts = [
                one for one in await resolver.texts(f"_dmarc.{where}") if one.lower().startswith("v=dmarc1")
            ]
            if texts:
                return [_policy(where, texts)]
    except Unanswered as error:
        return [_unanswered("DMARC", error)]
    remedy = f'Publish a TXT record at _dmarc.{domain}: "v=DMARC1; p=none; rua=mailto:…", later p=quarantine.'
    return [attention("DMARC", f"{domain} has no DMARC record.", remedy)]


def _policy(where: str, texts: Sequence[str]) -> Finding:
    if len(texts) > 1:
        return attention(
            "DMARC", f"_dmarc.{where} has {len(texts)} records, which counts as none.", "Keep one."
        )
    tags = {
        name.strip().lower(): value.strip()
        for name, _, value in (part.partition("=") for part in texts[0].split(";"))
    }
    if tags.get("p", "").lower() not in ("none", "quarantine", "reject"):
        return attention("DMARC", f"The record at _dmarc.{where} has no policy p.", "Add p=none at least.")
    words = f"The policy of {where} is p={tags['p']}."
    strict = [name for name in ("aspf", "adkim") if tags.get(name, "").lower() == "s"]
    words += f" Alignment is strict ({', '.join(strict)})." if strict else ""
    return fine("DMARC", words)


async def _mx(resolver: Resolver, takers: Mapping[str, str]) -> Sequence[Finding]:
    """Say whether what is sent to each of these domains finds somebody."""
    found = []
    for domain, what in takers.items():
        subject = f"mail for {domain}"
        try:
            hosts = await resolver.mail_hosts(domain)
            hosted = hosts or await resolver.addresses(domain)
        except Unanswered as error:
            found.append(_unanswered(subject, error))
            continue
        if not hosted or "" in hosts:
            words = f"{domain} takes no mail, so {what} to it are lost."
            found.append(failed(subject, words, "Give it an MX record, or use an address of another domain."))
        elif not hosts:
            words = f"{domain} has no MX record; mail goes to the host of that name."
            found.append(attention(subject, words, "See that somebody reads it there."))
        else:
            found.append(fine(subject, f"{domain} takes mail at {', '.join(hosts[:3])}."))
    return found


async def _pointer(resolver: Resolver, ours: str) -> Sequence[Finding]:
    """The name of our address must lead back to it: every large receiver asks for that."""
    if not ip_address(ours).is_global:
        words = f"Mail leaves this machine from {ours}, which others see as another address: not asked."
        return [
            attention(
                "outgoing address", words, "See that the public address has a name that leads back to it."
            )
        ]
    remedy = "Ask whoever gave you the address to set its name (PTR), and give that name the address."
    try:
        names = await resolver.names_of(ours)
        back = [name for name in names if ours in await resolver.addresses(name)]
    except Unanswered as error:
        return [_unanswered("PTR", error)]
    if back:
        return [fine("PTR", f"{ours} is {back[0]}, and {back[0]} is {ours}.")]
    words = f"{ours} has no name." if not names else f"{ours} is {names[0]}, which does not lead back to it."
    return [attention("PTR", words, remedy)]


def _unanswered(what: str, error: Unanswered) -> Finding:
    words = f"{what}: nobody answered ({error})."
    return attention("DNS", words, "Ask again; see whether the domain's servers work.")

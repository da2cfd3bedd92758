"""The charity whose operator types the commands."""

SETTINGS = """\
[service]
name = "Topic alerts"
operator = "Kidney Charity"
postal_address = "1 High Street, Leeds"
contact = "help@kidneys.org.uk"
privacy_contact = "privacy@kidneys.org.uk"
relation = "third-party"
public_url = "https://alerts.kidneys.org.uk"

[mail]
sender = "alerts@kidneys.org.uk"
reply_to = "help@kidneys.org.uk"
"""
"""All that must be set; it ends within `[mail]`, and a test may go on from there."""

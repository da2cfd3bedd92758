"""Other senders, measured into the same sink. What they need is no dependency of this project."""

"""The demo: the real service over a replayed clock, with two people and an inbox of its own."""

"""The one error of copying."""


class CopyError(Exception):
    """This cannot be copied or compared; nothing was changed. The message says why and what to do."""

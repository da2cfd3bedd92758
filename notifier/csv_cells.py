"""Cells of CSV that no spreadsheet takes for a formula: what begins like one is marked, and read back.

See https://owasp.org/www-community/attacks/CSV_Injection. Pure.
"""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MARK = "'"


def neutral(cell: str) -> str:
    """Return the cell so that no spreadsheet takes it for a formula; `plain` gives it back as it was."""
    return f"{_MARK}{cell}" if cell.startswith((*_FORMULA, _MARK)) else cell


def plain(cell: str) -> str:
    """Return what `neutral` was given. Of cells that others wrote, only such a mark is taken away."""
    return cell[1:] if cell.startswith(_MARK) and cell[1:].startswith((*_FORMULA, _MARK)) else cell

"""Gene symbols that a spreadsheet has made a date of: 2-Sep was SEPT2, which is SEPTIN2 today."""

import re

_MONTHS = {"MAR": ("MARCHF", "MTARC"), "SEP": ("SEPTIN",), "DEC": ("DELEC",)}
"""The stems of today's symbols whose former ones, MARCH1, MARC1, SEPT1, DEC1, look like dates."""

_DATE = re.compile(r"(?P<before>\d{1,2}-)?(?P<month>MAR|SEP|DEC)(?P<after>-\d{1,2})?")


def symbols_before(name: str) -> tuple[str, ...]:
    """The symbols that a date such as 2-Sep or Mar-01 may have been; none for what is no date."""
    match = _DATE.fullmatch(name.strip().upper())
    if match is None or (match["before"] is None) == (match["after"] is None):
        return ()
    number = int((match["before"] or match["after"]).strip("-"))
    return tuple(f"{stem}{number}" for stem in _MONTHS[match["month"]])


def is_date(name: str) -> bool:
    """Whether the name looks like what a spreadsheet makes of a symbol."""
    return bool(symbols_before(name))

"""Letters of other alphabets that look like Latin ones: a name may have them unseen."""

import unicodedata

_CYRILLIC = dict(
    zip(
        "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425"
        "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0405\u0406\u0408",
        "ABEKMHOPCTYXaeopcyxSIJ",
        strict=True,
    )
)
_GREEK = dict(
    zip(
        "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
        "ABEZHIKMNOPTYX",
        strict=True,
    )
)
_LATIN = _CYRILLIC | _GREEK


def latin(name: str) -> str:
    """The name with the Latin letters that it seems to have."""
    return "".join(_LATIN.get(letter, letter) for letter in name)


def look_alikes(name: str) -> str:
    """A sentence for each letter that only looks Latin; nothing where there is none."""
    return " ".join(
        f"The letter {letter} ({unicodedata.name(letter).split()[0].title()}) looks like "
        f"{_LATIN[letter]}."
        for letter in dict.fromkeys(name)
        if letter in _LATIN
    )

import pytest
from pydantic import ValidationError

from contracts.errors import InvalidOption
from serving.settings import Settings


def read(**variables: str) -> Settings:
    return Settings.from_environment({f"ZOO_SERVE_{name}": v for name, v in variables.items()})


def test_nothing_told_means_this_machine_only():
    assert Settings.from_environment({"PATH": "/bin", "ZOO_CACHE": "x"}) == Settings()
    assert (Settings().host, Settings().port, Settings().preload) == ("127.0.0.1", 3000, ())


def test_every_field_is_a_variable():
    told = {
        "HOST": "0.0.0.0",
        "PORT": "3001",
        "MAX_BODY_BYTES": "10",
        "MAX_PAIRS": "20",
        "MAX_GENES": "30",
        "MAX_SETS": "40",
        "MAX_SUBSETS": "50",
        "MAX_CHANGES": "55",
        "MAX_CELLS": "60",
        "THREADS": "4",
        "PRELOAD": "two_tower-brain, degree-brain,",
    }
    assert set(told) == {field.upper() for field in Settings.model_fields}
    got = read(**told).model_dump()
    assert got.pop("preload") == ("two_tower-brain", "degree-brain")
    assert {field.upper(): str(value) for field, value in got.items()}.items() <= told.items()


@pytest.mark.parametrize(("host", "address"), [("localhost", "127.0.0.1"), ("::1", "::1")])
def test_host_is_an_address(host: str, address: str):
    assert read(HOST=host).host == address


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "http", "expected a whole number."),
        ("PORT", "0", "greater than or equal to 1"),
        ("PORT", "65536", "less than or equal to 65535"),
        ("HOST", "example.org", "expected an IPv4 or IPv6 address, or localhost."),
        ("MAX_PAIRS", "0", "greater than 0"),
        ("MAX_BODY_BYTES", "4MB", "whole number"),
        ("THREADS", "-1", "greater than 0"),
        ("PROT", "3000", "one of ZOO_SERVE_HOST, ZOO_SERVE_PORT"),
    ],
)
def test_a_wrong_variable_is_named_with_what_it_takes(name: str, value: str, words: str):
    with pytest.raises(InvalidOption, match=f"ZOO_SERVE_{name}='{value}'") as told:
        read(**{name: value})
    assert words in str(told.value)


def test_settings_are_frozen():
    with pytest.raises(ValidationError):
        Settings().port = 1

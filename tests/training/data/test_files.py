"""Raw files are found through ZOO_DATA and read only with the recorded digest."""

import hashlib
from pathlib import Path

import pytest

from contracts.errors import ArtefactError, CorruptArtefact
from training.data.files import DataFiles, MissingData

CONTENT = b"tf\tgene\nSOX2\tGFAP\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A data folder with one file."""
    (tmp_path / "brain").mkdir()
    (tmp_path / "brain" / "edges.tsv").write_bytes(CONTENT)
    digest = hashlib.sha256(CONTENT).hexdigest()
    (tmp_path / "SHA256SUMS").write_text(f"{digest}  brain/edges.tsv\n{'0' * 64} *gone.tsv\n\n")
    return tmp_path


def test_a_sound_file_is_handed_out_and_noted(root, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(root))
    files = DataFiles.find()
    assert files.used == {}
    assert files.path("brain/edges.tsv").read_bytes() == CONTENT
    assert files.used == {"brain/edges.tsv": hashlib.sha256(CONTENT).hexdigest()}


def test_an_argument_goes_before_the_setting(root, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", "/nowhere")
    assert DataFiles.find(root).path("brain/edges.tsv").is_file()


@pytest.mark.parametrize("setting", [None, ""])
def test_without_the_setting_the_message_says_what_to_type(monkeypatch, setting):
    monkeypatch.delenv("ZOO_DATA", raising=False)
    if setting is not None:
        monkeypatch.setenv("ZOO_DATA", setting)
    with pytest.raises(MissingData, match=r"ZOO_DATA is not set. Type: export ZOO_DATA="):
        DataFiles.find()


@pytest.mark.parametrize("folder", ["nowhere", "."])
def test_a_folder_without_digests_is_no_data_folder(tmp_path, monkeypatch, folder):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path / folder))
    with pytest.raises(MissingData, match=r"holds no SHA256SUMS.*Set ZOO_DATA"):
        DataFiles.find()


def test_a_file_that_is_not_there_is_named(root):
    with pytest.raises(MissingData, match=r"gone\.tsv is missing"):
        DataFiles.find(root).path("gone.tsv")


def test_a_file_without_a_recorded_digest_is_refused(root):
    (root / "new.tsv").write_bytes(CONTENT)
    with pytest.raises(MissingData, match=r"SHA256SUMS has no line for new\.tsv"):
        DataFiles.find(root).path("new.tsv")


@pytest.mark.parametrize("position", [0, 7, len(CONTENT) - 1])
def test_a_flipped_bit_is_found(root, position):
    path = root / "brain" / "edges.tsv"
    spoilt = bytearray(CONTENT)
    spoilt[position] ^= 1
    path.write_bytes(spoilt)
    files = DataFiles.find(root)
    with pytest.raises(CorruptArtefact) as caught:
        files.path("brain/edges.tsv")
    message = str(caught.value)
    for expected in (str(path), *(hashlib.sha256(c).hexdigest() for c in (CONTENT, spoilt))):
        assert expected in message
    assert files.used == {}


@pytest.mark.parametrize("line", ["brain/edges.tsv", "abc  brain/edges.tsv", "0" * 64, "  x"])
def test_a_damaged_list_of_digests_is_named_with_its_line(root, line):
    sums = root / "SHA256SUMS"
    sums.write_text(sums.read_text().rstrip("\n") + f"\n{line}\n")
    with pytest.raises(ArtefactError, match=r"SHA256SUMS is damaged: .* in line 3"):
        DataFiles.find(root)

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import ContractViolation, CorruptArtefact, MissingArtefact
from contracts.genes.vocabulary import FILENAME, GeneRecord, Vocabulary

HEADER = "symbol\tregulator\thgnc_id\tensembl\tuniprot\tprevious\taliases"


def write(folder: Path, text: str) -> Path:
    path = folder / FILENAME
    path.write_bytes(gzip.compress(text.encode()))
    return path


def test_the_file_is_a_sorted_table_anybody_can_read(vocabulary, tmp_path):
    vocabulary.save(tmp_path / FILENAME)
    lines = gzip.decompress((tmp_path / FILENAME).read_bytes()).decode().splitlines()
    assert lines[0] == HEADER
    assert [line.split("\t")[0] for line in lines[1:]] == list(vocabulary.genes)
    assert "SOX2\t1\tHGNC:11195\tENSG00000181449\tP48431\t\tANOP3|TWIN" in lines


def test_saving_and_loading_gives_the_same_vocabulary(vocabulary, tmp_path):
    vocabulary.save(tmp_path / FILENAME)
    again = Vocabulary.load(tmp_path / FILENAME)
    assert (again.genes, again.regulators) == (vocabulary.genes, vocabulary.regulators)
    assert again.resolve("oct4") == vocabulary.resolve("oct4")
    text = gzip.decompress((tmp_path / FILENAME).read_bytes())
    assert again.digest == vocabulary.digest == hashlib.sha256(text).hexdigest()


def test_the_bytes_depend_on_the_genes_alone(records, tmp_path):
    first, second = tmp_path / "first.tsv.gz", tmp_path / "second.tsv.gz"
    Vocabulary.from_records(records).save(first)
    Vocabulary.from_records(reversed(records)).save(second)
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes()[4:8] == b"\0\0\0\0"  # the time a gzip header carries


def test_another_alias_is_another_digest():
    digests = {
        Vocabulary.from_records([GeneRecord("A", aliases=aliases)]).digest
        for aliases in ((), ("B",), ("B", "C"))
    }
    assert len(digests) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "got ''"),
        ("symbol\tregulator\nA\t1\n", "expected the header"),
        (f"{HEADER}\n", "got a header alone, expected at least one gene"),
        (f"{HEADER}\nA\t1\t\t\t\t\t\nB\t1\t\t\t\t", "cut off"),
        (f"{HEADER}\nA\t1\t\t\t\t\t\nB\t1\t\t\t\t\n", "got 6 in line 3, expected 7 cells"),
        (f"{HEADER}\nA\t1\t\t\t\t\t\t\n", "got 8 in line 2, expected 7 cells"),
        (f"{HEADER}\nA\t1\t\t\t\t\t\n\n", "got 1 in line 3, expected 7 cells"),
        (f"{HEADER}\nB\t1\t\t\t\t\t\nA\t1\t\t\t\t\t\n", "got 'A' after 'B' in line 3"),
        (f"{HEADER}\nA\t1\t\t\t\t\t\nA\t0\t\t\t\t\t\n", "got 'A' after 'A' in line 3"),
        (f"{HEADER}\n\t1\t\t\t\t\t\n", "got '' in line 2, expected a gene symbol"),
        (f"{HEADER}\n A\t1\t\t\t\t\t\n", "got ' A' in line 2, expected a gene symbol"),
        (f"{HEADER}\nA|B\t1\t\t\t\t\t\n", "got 'A|B' in line 2, expected a gene symbol"),
        (f"{HEADER}\nA\tyes\t\t\t\t\t\n", "got 'yes' in line 2, expected regulator 0 or 1"),
        (f"{HEADER}\r\nA\t1\t\t\t\t\t\r\n", "expected the header"),
    ],
)
def test_a_file_that_breaks_the_format_is_refused_with_its_name_and_line(tmp_path, text, message):
    path = write(tmp_path, text)
    with pytest.raises(CorruptArtefact, match=re.escape(message)) as caught:
        Vocabulary.load(path)
    assert caught.value.path == str(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [b"", b"no gzip", gzip.compress(HEADER.encode())[:-9], gzip.compress(b"\xff\xfe\xfd")],
    ids=["empty", "plain", "truncated", "binary"],
)
def test_a_file_that_is_no_gzip_of_text_is_refused(tmp_path, content):
    path = tmp_path / FILENAME
    path.write_bytes(content)
    with pytest.raises(CorruptArtefact, match=re.escape(str(path))):
        Vocabulary.load(path)


def test_a_flipped_bit_is_found(vocabulary, tmp_path):
    path = tmp_path / FILENAME
    vocabulary.save(path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)
    with pytest.raises(CorruptArtefact):
        Vocabulary.load(path)


def test_a_file_that_is_not_there_is_missing(tmp_path):
    with pytest.raises(MissingArtefact, match=re.escape(f"{tmp_path / FILENAME} is missing")):
        Vocabulary.load(tmp_path / FILENAME)


def test_records_that_no_table_can_hold_are_refused_all_at_once():
    records = [
        GeneRecord("A"),
        GeneRecord("A"),
        GeneRecord("B", aliases=("x|y", "ok", "tab\there")),
        GeneRecord("C", previous=("",)),
        GeneRecord(" D"),
    ]
    with pytest.raises(ContractViolation) as caught:
        Vocabulary.from_records(records)
    assert sorted((v.where, v.got) for v in caught.value.violations) == [
        ("'A'", "it twice"),
        ("aliases of 'B'", "'tab\\there'"),
        ("aliases of 'B'", "'x|y'"),
        ("previous of 'C'", "''"),
        ("symbol of ' D'", "' D'"),
    ]


@given(st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=4, unique=True))
def test_any_symbols_are_either_kept_exactly_or_refused(symbols):
    fit = all(s == s.strip() and len(s.splitlines()) == 1 and not set(s) & {"|", "\t"}
              for s in symbols)  # fmt: skip
    records = [GeneRecord(symbol) for symbol in symbols]
    if fit:
        assert Vocabulary.from_records(records).genes == tuple(sorted(symbols))
    else:
        with pytest.raises(ContractViolation, match="without surrounding space"):
            Vocabulary.from_records(records)

"""Tables of pairs: what is read, what is refused and why, what is written."""

import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from contracts.errors import BadTable, EmptyInput
from zoo.tables import files
from zoo.tables.chunks import Limits
from zoo.tables.columns import NOTHING

TEXT = "tf,note,gene\nSOX2,0.10,GFAP\n" + '"PAX6","a, ""b""",MBP\n'


def written(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def saved(tmp_path: Path, columns: dict) -> Path:
    path = tmp_path / "pairs.parquet"
    parquet.write_table(pa.table(columns), path)
    return path


def lines_of(path: Path) -> list[int]:
    """The line of each row of a table of pairs."""
    with files.open_pairs(path) as table:
        chunks = table.source.chunks(Limits(1 << 16, 1 << 24), lenient=False)
        return [line for chunk in chunks for line in chunk.lines]


def columns_of(path: Path) -> dict[str, list]:
    """All columns of a table, read chunk by chunk."""
    with files.open_pairs(path) as table:
        chunks = table.source.chunks(Limits(2, 1000), lenient=False)
        whole = pa.Table.from_batches([chunk.batch for chunk in chunks], table.source.schema)
    return whole.to_pydict()


@pytest.mark.parametrize("name", ["pairs.csv", "PAIRS.CSV", "pairs.tsv"])
def test_text_is_read_as_it_stands(tmp_path: Path, name: str):
    text = TEXT if name.lower().endswith("csv") else TEXT.replace("a, ", "a. ").replace(",", "\t")
    pairs = files.read_pairs(written(tmp_path, name, text))
    assert pairs == [*zip(["SOX2", "PAX6"], ["GFAP", "MBP"], strict=True)]
    assert lines_of(tmp_path / name) == [2, 3]
    assert columns_of(tmp_path / name) == {
        "tf": ["SOX2", "PAX6"],
        "note": ["0.10", 'a, "b"' if name.lower().endswith("csv") else 'a. "b"'],
        "gene": ["GFAP", "MBP"],
    }


def test_blank_lines_a_byte_order_mark_and_quoted_line_breaks_keep_lines_right(tmp_path: Path):
    text = '\ufefftf,gene,note\r\n\r\nSOX2,GFAP,"two\r\nlines"\r\nPAX6,MBP,x\r\n'
    pairs = files.read_pairs(written(tmp_path, "pairs.csv", text))
    assert list(columns_of(tmp_path / "pairs.csv")) == ["tf", "gene", "note"]
    assert lines_of(tmp_path / "pairs.csv") == [4, 5]
    assert len(pairs) == 2


def test_parquet_keeps_its_types(tmp_path: Path):
    columns = {
        "n": [1, 2],
        "tf": ["SOX2", "PAX6"],
        "gene": pa.array(["GFAP"] * 2).dictionary_encode(),
    }
    pairs = files.read_pairs(saved(tmp_path, columns))
    assert pairs == [*zip(["SOX2", "PAX6"], ["GFAP", "GFAP"], strict=True)]
    with files.open_pairs(tmp_path / "pairs.parquet") as opened:
        assert opened.source.schema.field("n").type == pa.int64()
    assert lines_of(tmp_path / "pairs.parquet") == [1, 2]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("tf,name", r"expected columns 'tf' and 'gene', found 'tf', 'name'.*by 'gene'"),
        ("a,b", r"found 'a', 'b'.*Rename the one that is meant by 'tf' .* by 'gene'"),
        ("TF,Gene,Target", r"'Gene' and 'Target' could all be 'gene'.*the others to other words"),
        ("TF,tf,Gene", r"'TF' and 'tf' could all be 'tf'"),
        ("tf\tgene", r"separated by tabs, expected commas\. Name the file \.tsv"),
        ("tf;gene", r"separated by semicolons, expected commas\. Save it as CSV with commas"),
        ("tf,gene,tf", r"the header has 'tf' more than once"),
    ],
)
def test_wrong_columns_say_what_is_expected_and_found(tmp_path: Path, header: str, message: str):
    cells = header.replace("tf", "SOX2").replace("gene", "GFAP")
    with pytest.raises(BadTable, match=rf"pairs\.csv, line 1: .*{message}"):
        files.read_pairs(written(tmp_path, "pairs.csv", f"{header}\n{cells}\n"))


def test_semicolons_are_told_even_where_numbers_have_commas(tmp_path: Path):
    path = written(tmp_path, "pairs.csv", "tf;gene;p\nSOX2;GFAP;0,5\n")
    with pytest.raises(BadTable, match="separated by semicolons"):
        files.read_pairs(path)
    path = written(tmp_path, "pairs.tsv", "tf,gene\nSOX2,GFAP\n")
    with pytest.raises(BadTable, match=r"separated by commas, expected tabs\. Name the file \.csv"):
        files.read_pairs(path)


@pytest.mark.parametrize(
    "header", ["TF,Gene", "TF,Target", "regulator,target", "Regulator, gene", "tf,GENE"]
)
def test_columns_may_have_other_capitals_and_synonyms(tmp_path: Path, header: str):
    pairs = files.read_pairs(written(tmp_path, "pairs.csv", f"{header}\nSOX2,GFAP\n"))
    assert pairs == [*zip(["SOX2"], ["GFAP"], strict=True)]
    assert list(columns_of(tmp_path / "pairs.csv")) == header.split(",")


def test_tf_and_gene_go_before_their_synonyms(tmp_path: Path):
    text = "regulator,target,gene,tf\n1,2,GFAP,SOX2\n"
    pairs = files.read_pairs(written(tmp_path, "pairs.csv", text))
    assert pairs == [*zip(["SOX2"], ["GFAP"], strict=True)]


def test_wrong_columns_of_parquet(tmp_path: Path):
    with pytest.raises(BadTable, match=r"expected columns 'tf' and 'gene', found 'a', 'gene'"):
        files.read_pairs(saved(tmp_path, {"a": ["x"], "gene": ["y"]}))


@pytest.mark.parametrize("nothing", ["", " ", "NaN", "nan", "NA", "N/A", "null", "None", "<NA>"])
def test_a_missing_name_is_told_with_its_line(tmp_path: Path, nothing: str):
    text = f"tf,gene\nSOX2,GFAP\n\nPAX6,{nothing}\n{nothing},MBP\n"
    with pytest.raises(BadTable, match=r"line 5: column 'tf' has .*Fill in the name") as caught:
        files.read_pairs(written(tmp_path, "pairs.csv", text))
    assert caught.value.line == 5
    text = f"tf,gene\nSOX2,GFAP\n\nPAX6,{nothing}\n"
    with pytest.raises(BadTable, match="line 4: column 'gene' has"):
        files.read_pairs(written(tmp_path, "pairs.csv", text))


def test_a_null_in_parquet_is_told_with_its_row(tmp_path: Path):
    path = saved(tmp_path, {"tf": ["SOX2", "PAX6", "SOX9"], "gene": ["GFAP", "MBP", None]})
    with pytest.raises(BadTable, match="line 3: column 'gene' has nothing where a gene name"):
        files.read_pairs(path)


@pytest.mark.parametrize("values", [[1.0, float("nan")], [1, 2], [True, False]])
def test_names_that_are_no_text(tmp_path: Path, values: list):
    path = saved(tmp_path, {"tf": ["SOX2", "PAX6"], "gene": values})
    with pytest.raises(BadTable, match=r"column 'gene' holds .*expected text.*as strings"):
        files.read_pairs(path)


@pytest.mark.parametrize("keep", [0, 3, 100, -8])
def test_a_truncated_parquet_file(tmp_path: Path, keep: int):
    path = saved(tmp_path, {"tf": ["SOX2"] * 100, "gene": ["GFAP"] * 100})
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(BadTable, match=r"pairs\.parquet: it cannot be read as Parquet.*cut off"):
        files.read_pairs(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"line 1: it has no first line\. Begin it with a header"),
        ("tf,gene\nSOX2\n", r"line 2: got 1 cells, expected 2"),
        ("tf,gene\nSOX2,GFAP\nSOX2,GFAP,1\n", r"line 3: got 3 cells, expected 2"),
        ('tf,gene\nSOX2,"GFAP\n', r"line 2: it cannot be read: .*Close every quote"),
    ],
)
def test_broken_text_is_told_with_its_line(tmp_path: Path, text: str, message: str):
    with pytest.raises(BadTable, match=message):
        files.read_pairs(written(tmp_path, "pairs.csv", text))


def test_text_of_another_encoding(tmp_path: Path):
    (tmp_path / "pairs.csv").write_bytes("tf,gene,note\nSOX2,GFAP,é\n".encode("latin-1"))
    with pytest.raises(BadTable, match=r"not UTF-8 text.*Save it as UTF-8"):
        files.read_pairs(tmp_path / "pairs.csv")


def test_a_header_alone_is_empty(tmp_path: Path):
    with pytest.raises(EmptyInput, match=r"pairs\.csv is empty.*SOX2,GFAP"):
        files.read_pairs(written(tmp_path, "pairs.csv", "tf,gene\n"))
    with pytest.raises(EmptyInput, match=r"pairs\.parquet is empty"):
        files.read_pairs(
            saved(tmp_path, {"tf": pa.array([], "string"), "gene": pa.array([], "string")})
        )


@pytest.mark.parametrize("name", ["pairs.xlsx", "pairs", "pairs.parquet.gz", "pairs.gz"])
def test_an_extension_that_nobody_reads(tmp_path: Path, name: str):
    for use in (files.read_pairs, files.check_target, lambda path: files.write(path, {})):
        with pytest.raises(BadTable, match=r"Give a file that ends in \.csv, \.tsv, \.parquet"):
            use(tmp_path / name)


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(BadTable, match=r"there is no such file"):
        files.read_pairs(tmp_path / "pairs.csv")


def test_a_place_that_cannot_be_written(tmp_path: Path):
    for use in (files.check_target, lambda path: files.write(path, {"a": ["x"]})):
        with pytest.raises(BadTable, match=r"it cannot be written.*a folder that exists"):
            use(tmp_path / "missing" / "out.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(BadTable, match="it is a folder"):
        files.check_target(tmp_path / "folder.csv")


@pytest.mark.parametrize("name", ["out.csv", "out.tsv", "out.parquet"])
def test_a_failed_write_leaves_the_old_file(tmp_path: Path, name: str):
    path = tmp_path / name
    files.write(path, {"a": ["old"]})
    before = path.read_bytes()
    with pytest.raises((ValueError, pa.ArrowInvalid)):
        files.write(path, {"a": ["new", "newer"], "b": ["one value only"]})
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


# Text with what CSV must quote; no surrogates, which UTF-8 has not, and no NUL, which csv refuses.
NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1
).filter(lambda name: name.strip().lower() not in NOTHING)
ROWS = st.lists(st.tuples(NAMES, NAMES, st.floats(0, 1, width=32)), min_size=1, max_size=8)


@given(rows=ROWS, suffix=st.sampled_from([".csv", ".tsv", ".csv.gz", ".tsv.gz", ".parquet"]))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, rows: list, suffix: str
):
    path = tmp_path_factory.mktemp("round") / f"pairs{suffix}"
    tf, gene, score = (list(column) for column in zip(*rows, strict=True))
    files.write(path, {"tf": tf, "gene": gene, "score": np.array(score, dtype=np.float32)})
    pairs = files.read_pairs(path)
    assert pairs == [*zip(tf, gene, strict=True)]
    again = np.array([float(value) for value in columns_of(path)["score"]], dtype=np.float32)
    np.testing.assert_array_equal(again, np.array(score, dtype=np.float32))


def test_a_folder_is_told(tmp_path: Path):
    (tmp_path / "pairs.csv").mkdir()
    for use in (files.read_pairs, files.read_names):
        with pytest.raises(
            BadTable, match=r"it is a folder, expected a file\. Give one file in it"
        ):
            use(tmp_path / "pairs.csv")


def test_the_same_rows_give_the_same_compressed_file(tmp_path: Path, monkeypatch):
    files.write(tmp_path / "one.csv.gz", {"a": ["x"]})
    monkeypatch.setattr("time.time", lambda: 1e9)
    files.write(tmp_path / "two.csv.gz", {"a": ["x"]})
    assert (tmp_path / "one.csv.gz").read_bytes() == (tmp_path / "two.csv.gz").read_bytes()
    assert gzip.decompress((tmp_path / "one.csv.gz").read_bytes()) == b"a\nx\n"


@pytest.mark.parametrize(
    "content", [b"tf,gene\nSOX2,GFAP\n", gzip.compress(b"tf,gene\nA,B\n", mtime=0)[:-9]]
)
def test_what_is_no_gzip_is_told(tmp_path: Path, content: bytes):
    (tmp_path / "pairs.csv.gz").write_bytes(content)
    with pytest.raises(BadTable, match=r"it cannot be read as gzip.*It may be cut off"):
        files.read_pairs(tmp_path / "pairs.csv.gz")


@pytest.mark.parametrize(
    ("name", "text", "genes"),
    [
        ("genes.txt", "GFAP\nMBP\n", ["GFAP", "MBP"]),
        ("genes.csv", "GFAP\n\nMBP\n", ["GFAP", "MBP"]),
        ("genes.csv", "Gene\nGFAP\n", ["GFAP"]),
        ("genes.tsv", "target\nGFAP\n", ["GFAP"]),
    ],
)
def test_a_plain_list_of_genes(tmp_path: Path, name: str, text: str, genes: list[str]):
    with files.open_genes(written(tmp_path, name, text)) as table:
        for _ in range(2):  # as often as one likes
            chunks = table.source.chunks(Limits(10, 1000), lenient=False)
            (chunk,) = chunks
            assert chunk.batch.column(table.columns[0]).to_pylist() == genes
            assert chunk.lines[-1] == len(text.splitlines())


def test_a_table_is_opened_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path, opens = written(tmp_path, "pairs.csv", TEXT), []
    real = Path.open
    monkeypatch.setattr(
        Path, "open", lambda self, *a, **k: (opens.append(self), real(self, *a, **k))[1]
    )
    assert columns_of(path)["tf"] == ["SOX2", "PAX6"]
    assert opens == [path]

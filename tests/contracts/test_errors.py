import copy
import inspect
import json
import re

import pytest

from contracts import errors
from contracts.errors import (
    AmbiguousGene,
    ArtefactError,
    BadTable,
    CacheNotWritable,
    CannotResume,
    ContractViolation,
    CorruptArtefact,
    DeviceUnavailable,
    EmptyCell,
    EmptyInput,
    InvalidInput,
    InvalidManifest,
    InvalidOption,
    LowCoverage,
    MissingArtefact,
    MissingDependency,
    NotARegulator,
    NotCounts,
    NothingLeft,
    NotInVocabulary,
    Offline,
    OtherGenes,
    OtherUnit,
    RemoteError,
    RepeatedGene,
    StaleEvaluation,
    StoreError,
    UnknownEntry,
    UnknownGene,
    Unsupported,
    UnsupportedKind,
    UnusableIndex,
    Violation,
    ZooError,
)

EXAMPLES: dict[str, tuple[ZooError, str]] = {
    "contract-violation": (
        ContractViolation([Violation("tf", "-1 at [0]", "0 <= value < 3 (tfs_total)")]),
        "tf: got -1 at [0], expected 0 <= value < 3 (tfs_total).",
    ),
    "empty-input": (
        EmptyInput("pairs", "[('SOX2', 'GFAP')]"),
        "pairs is empty: expected at least one, for example [('SOX2', 'GFAP')].",
    ),
    "unknown-gene": (
        UnknownGene(
            "GFPA",
            ["GFAP", "GPAM", "ADE2"],
            {"GFPA": ["GFAP"], "SXO2": ["SOX2"]},
            {"GFAP": "GFAP", "ADE2": "YOR128C"},
        ),
        (
            "'GFPA' is no gene of this vocabulary. Did you mean GFAP, GPAM, ADE2 (YOR128C)? "
            "Unknown as well: 'SXO2'."
        ),
    ),
    "not-in-vocabulary": (
        NotInVocabulary("CDC28", (), {"ADE3": ()}, known=["ADE2", "HO"]),
        (
            "'CDC28' is a gene, but this entry does not know it: it was not in the training data. "
            "Leave it out, or load an entry that knows it. It knows ADE2, HO. Unknown as well: "
            "'ADE3'."
        ),
    ),
    "unsupported-kind": (
        UnsupportedKind("ADE2:added", "added", ["absent", "present"]),
        (
            "'ADE2:added' cannot be predicted: no gene in the training data is added. The entry "
            "knows these kinds: absent, present. For NaN in place of this error, type "
            "allow_unseen=True in Python, --allow-unseen on the command line."
        ),
    ),
    "ambiguous-gene": (
        AmbiguousGene("SEPT2", ["SEPTIN2", "SEPTIN6"]),
        "'SEPT2' names 2 genes. Give one of their approved symbols: SEPTIN2, SEPTIN6.",
    ),
    "not-a-regulator": (
        NotARegulator("SOX1", ["SOX2"]),
        (
            "'SOX1' is a gene of this vocabulary but none of its regulators, so it can be a target "
            "only. Did you mean SOX2?"
        ),
    ),
    "nothing-left": (
        NothingLeft("The pairs leave no regulator of GFAP", "Exclude fewer pairs"),
        "The pairs leave no regulator of GFAP. Exclude fewer pairs.",
    ),
    "other-genes": (
        OtherGenes("two_tower-brain", "two_tower-mesc"),
        (
            "two_tower-mesc does not share its regulators and genes with two_tower-brain. "
            "Take an entry of the same data set: zoo.names() lists them."
        ),
    ),
    "cannot-resume": (
        CannotResume("out.csv", ".out.csv.parts", "there is nothing to resume", "Leave it out."),
        "out.csv: there is nothing to resume. Leave it out.",
    ),
    "invalid-option": (
        InvalidOption("k", 0, "1 <= k <= 1639"),
        "k=0 is not allowed: expected 1 <= k <= 1639.",
    ),
    "not-counts": (
        NotCounts(1.25, "GCG", "cell-1", "A count is a whole number", "Type layer='counts'."),
        (
            "The matrix does not hold raw counts: 1.25 for gene GCG in cell 'cell-1'. "
            "A count is a whole number. Type layer='counts'."
        ),
    ),
    "empty-cell": (
        EmptyCell("cell-1"),
        (
            "Cell 'cell-1' has no counts of the entry's genes. Leave such cells out first, such as "
            "with scanpy.pp.filter_cells(adata, min_counts=500)."
        ),
    ),
    "repeated-gene": (
        RepeatedGene("GCG", ["GCG", "ENSG00000115263"]),
        (
            "The columns 'GCG', 'ENSG00000115263' are all the gene GCG. "
            "Keep one of them, or add their counts."
        ),
    ),
    "low-coverage": (
        LowCoverage("human", 300, 2000, 0.5, "Type species='mouse'"),
        (
            "The matrix has 300 of the entry's 2000 human genes (15%), and at least 50% are "
            "needed. Type species='mouse'."
        ),
    ),
    "other-unit": (
        OtherUnit(
            1234.0, "GCG", "log1p of counts per 1,000", "All numbers are whole, as counts are"
        ),
        (
            "Expression is 1234 for gene GCG, but the unit of this entry is log1p of counts per "
            "1,000. All numbers are whole, as counts are. From raw counts, "
            "scanpy.pp.normalize_total(adata) and scanpy.pp.log1p(adata) give logarithms."
        ),
    ),
    "bad-table": (
        BadTable("pairs.csv", "no column 'tf'", "Name the columns tf and gene", line=1),
        "pairs.csv, line 1: no column 'tf'. Name the columns tf and gene.",
    ),
    "unknown-entry": (
        UnknownEntry("cros_encoder-brain", ["cross_encoder-brain"]),
        "'cros_encoder-brain' is no entry of this zoo. Did you mean cross_encoder-brain?",
    ),
    "unsupported": (
        Unsupported("degree-brain", "embed_tfs", "Load two_tower-brain"),
        "degree-brain does not offer embed_tfs. Load two_tower-brain.",
    ),
    "corrupt-artefact": (
        CorruptArtefact("score.onnx", "sha256 ab", "sha256 cd"),
        (
            "score.onnx is damaged: got sha256 cd, expected sha256 ab. "
            "Remove it and fetch, reinstall or export the entry again."
        ),
    ),
    "invalid-manifest": (
        InvalidManifest("manifest.json", "sizes lacks tfs_total"),
        (
            "manifest.json is no valid manifest: sizes lacks tfs_total. "
            "Fetch, reinstall or export the entry again."
        ),
    ),
    "missing-artefact": (
        MissingArtefact("score.onnx"),
        "score.onnx is missing. Fetch, reinstall or export the entry it belongs to again.",
    ),
    "cache-not-writable": (
        CacheNotWritable("/cache"),
        (
            "The cache folder /cache cannot be written. "
            "Set ZOO_CACHE to a folder that can, or make this one writable."
        ),
    ),
    "offline": (
        Offline("degree-brain"),
        (
            "degree-brain is not on this machine and the zoo is offline. "
            "Unset ZOO_OFFLINE and set ZOO_REMOTE to fetch it, or zoo.register its folder."
        ),
    ),
    "remote-error": (
        RemoteError("https://zoo.example/x", "404 Not Found"),
        (
            "https://zoo.example/x could not be fetched: 404 Not Found. "
            "Check ZOO_REMOTE and the network."
        ),
    ),
    "missing-dependency": (
        MissingDependency("onnxruntime", "cpu"),
        (
            "onnxruntime is not installed. Type: pip install 'regzoo[cpu]' "
            "(in a checkout: pip install -c constraints.txt '.[cpu]')"
        ),
    ),
    "unusable-index": (
        UnusableIndex("tfs.index", "its vectors have changed", "zoo index two_tower-brain -o NEW"),
        (
            "The index tfs.index cannot be used: its vectors have changed. "
            "Build one again, to another path: zoo index two_tower-brain -o NEW"
        ),
    ),
    "device-unavailable": (
        DeviceUnavailable("cuda", ["CPUExecutionProvider"]),
        (
            "device='cuda' is not available here: the session runs on CPUExecutionProvider. "
            "Type device='cpu' or device='auto', or install what the device needs."
        ),
    ),
}
EXAMPLES["stale-evaluation"] = (
    StaleEvaluation("The evaluation is an old one. Type: zoo evaluate ENTRY --save"),
    "The evaluation is an old one. Type: zoo evaluate ENTRY --save",
)
GROUPS = {ZooError, InvalidInput, ArtefactError, StoreError}
CLASSES = {
    value
    for value in vars(errors).values()
    if inspect.isclass(value) and issubclass(value, ZooError)
}


def drawn_parents() -> dict[str, str | None]:
    """The tree as the module's docstring draws it: each class and the one above it."""
    parents: dict[str, str | None] = {}
    above: dict[int, str] = {}
    for line in (errors.__doc__ or "").partition("Defined where")[0].splitlines():
        if drawn := re.match(r"    ([│├└─ ]*)([A-Z]\w+)", line):
            depth = len(drawn[1]) // 4
            above[depth] = drawn[2]
            parents[drawn[2]] = above.get(depth - 1)
    return parents


def test_the_tree_is_the_one_drawn():
    actual = {
        kind.__name__: next((b.__name__ for b in kind.__bases__ if issubclass(b, ZooError)), None)
        for kind in CLASSES
    }
    assert drawn_parents() == actual


def test_every_error_has_an_example_here():
    assert {type(error) for error, _ in EXAMPLES.values()} == CLASSES - GROUPS


@pytest.mark.parametrize("code", EXAMPLES)
def test_an_error_says_what_is_wrong_and_what_to_type(code):
    error, message = EXAMPLES[code]
    assert str(error) == message
    assert error.code == type(error).code == code


@pytest.mark.parametrize("code", EXAMPLES)
def test_details_are_the_facts_and_fit_into_json(code):
    error, _ = EXAMPLES[code]
    plain = type(error).__init__ is Exception.__init__  # it takes a sentence, and no facts
    given = set() if plain else set(inspect.signature(type(error)).parameters)
    given -= {"example"}
    made = {"command"} if isinstance(error, MissingDependency) else set()
    assert set(error.details()) == given | made
    assert json.loads(json.dumps(error.details(), allow_nan=False)) == error.details()


@pytest.mark.parametrize("code", EXAMPLES)
def test_an_error_survives_being_copied_to_another_process(code):
    error, message = EXAMPLES[code]
    again = copy.copy(error)  # goes the way that multiprocessing goes
    assert (type(again), str(again), again.details()) == (type(error), message, error.details())


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (UnknownGene, ValueError),
        (InvalidOption, ValueError),
        (UnknownEntry, LookupError),
        (MissingDependency, ImportError),
    ],
)
def test_a_builtin_handler_catches_it_too(kind, builtin):
    assert issubclass(kind, builtin)


def test_a_message_lists_five_violations_and_counts_the_others():
    error = ContractViolation([Violation(f"tf[{i}]", "nan", "a name") for i in range(7)])
    assert str(error).count("expected a name") == 5
    assert str(error).endswith("2 more violations.")
    assert len(error.details()["violations"]) == 7


def test_without_near_names_the_message_still_says_what_to_give():
    assert "Give an approved symbol or another name" in str(UnknownGene("QQQQ"))
    assert "Give an ORF." in str(UnknownGene("QQQQ", expected="an ORF"))
    assert "zoo.names()" in str(UnknownEntry("QQQQ"))
    assert "SOX2" in str(NotARegulator("QQQQ"))


def test_a_pair_the_wrong_way_round_is_told_with_its_order():
    message = str(NotARegulator("GFAP", ["GLI1"], target="STAT3"))
    assert message.endswith(
        "'STAT3' is one: is the pair the wrong way round? "
        "The regulator goes first: 'STAT3', then 'GFAP'."
    )


@pytest.mark.parametrize(("name", "told"), [("2-Sep", True), ("Mar-01", True), ("SEP", False)])
def test_a_date_is_told_as_the_work_of_a_spreadsheet(name, told):
    assert ("spreadsheet has made a date" in str(UnknownGene(name))) == told


def test_a_missing_file_may_say_what_makes_it():
    message = str(MissingArtefact("card.md", "Type: zoo report degree-brain"))
    assert message == "card.md is missing. Type: zoo report degree-brain"


def test_a_message_does_not_repeat_a_megabyte():
    for error in (UnknownGene("x" * 10**6), InvalidOption("k", [0] * 10**6, "a number")):
        assert len(str(error)) < 300


@pytest.mark.parametrize("got", [float("nan"), float("inf"), object(), [1]])
def test_what_json_cannot_hold_is_described_in_the_details(got):
    json.dumps(InvalidOption("k", got, "a number").details(), allow_nan=False)


def test_a_subclass_elsewhere_gets_a_code_or_keeps_its_own():
    class LimitReached(ZooError):
        """One that the serving layer could add."""

    class Busy(ZooError):
        """One with a code of its own."""

        code = "too-many-requests"

    assert (LimitReached.code, Busy.code) == ("limit-reached", "too-many-requests")

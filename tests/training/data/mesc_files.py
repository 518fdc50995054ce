"""A made-up data folder in the shape of the mESC files: 10 genes, 4 of them regulators."""

import gzip
import hashlib
from pathlib import Path

HOME = "beeline_mesc/tfs1000"
GENES = ("SOX2", "POU5F1", "ESRRB", "NANOG", "KRT8", "ACTB", "0610007P14RIK", "GM24455", "MT-TF")
GENES = (*GENES, "AY036118")
REGULATORS = ("NANOG", "SOX2", "ESRRB", "POU5F1")
MEASURED = ("Sox2", "Pou5f1", "Esrrb", "Nanog", "Krt8", "Actb", "0610007P14Rik", "Ignored")
ORTHOLOGS = (
    ("SOX2", "Sox2", "ortholog_one2one"),
    ("ESRRB", "Esrrb", "ortholog_one2one"),
    ("POU5F1", "Pou5f1", "ortholog_one2one"),
    ("KRT8", "Krt8", "ortholog_one2one"),
    ("ACTB", "Actb", "ortholog_one2one"),
    ("NANOG", "Nanog", "ortholog_one2many"),
    ("TENTH", "AY036118", "ortholog_one2one"),
)
FACTORS = (
    ("SOX2", "HMG/Sox", "Yes"),
    ("POU5F1", "Unknown", "Yes"),
    ("NANOG", "Homeodomain", "Yes"),
    ("ESRRB", "Nuclear receptor", "No"),
)
PAIRS = {
    "Train_set": ("SOX2 KRT8 1", "SOX2 ACTB 0", "NANOG KRT8 1", "POU5F1 NANOG 1", "SOX2 ESRRB 0"),
    "Validation_set": ("SOX2 POU5F1 1", "NANOG ACTB 0", "ESRRB KRT8 1"),
    "Test_set": ("POU5F1 KRT8 0", "POU5F1 ACTB 1", "NANOG GM24455 0"),
}


def expression() -> dict[str, list[int]]:
    """Log expression of the measured genes in 6 cells; whole numbers without a pattern."""
    return {
        gene: [(7 * i + 3 * j * j + i * j) % 5 for j in range(6)] for i, gene in enumerate(MEASURED)
    }


def write(root: Path, **changed: str) -> Path:
    """Write the folder with its SHA256SUMS; `changed` gives other texts, by a file's stem."""
    at = {gene: number for number, gene in enumerate(GENES)}
    texts = {
        f"{HOME}/Target.csv": _table(",Gene,index", (f"{i},{g},{i}" for g, i in at.items())),
        f"{HOME}/TF.csv": _table(",TF,index", (f"{g},{g},{at[g]}" for g in REGULATORS)),
        "beeline_mesc/semrau_rna_filtered_log2.tsv.gz": _table(
            "\t".join(f"P2_A{i + 1}" for i in range(6)),
            ("\t".join(map(str, (gene, *row))) for gene, row in expression().items()),
        ),
    }
    for name, pairs in PAIRS.items():
        rows = (pair.split() for pair in pairs)
        lines = (f"{at[tf]},{at[gene]},{label}" for tf, gene, label in rows)
        texts[f"{HOME}/{name}.csv"] = _table("TF,Target,Label", lines)
    kinds = {"all": ORTHOLOGS, "1v1": ORTHOLOGS}
    for name, rows in kinds.items():
        head = '"human.gene.name","gene.name","human.homology.type","confidence"'
        lines = (",".join(f'"{cell}"' for cell in row) + ",1" for row in rows)
        texts[f"pancreas/orthologs_{name}.csv.gz"] = _table(head, lines)
    texts["tf_knowledge/lambert2018_human_tfs.tsv.gz"] = _table(
        "HGNC symbol\tDBD\tIs TF?", ("\t".join(row) for row in FACTORS)
    )
    for path in texts:
        texts[path] = changed.pop(Path(path).name.split(".")[0], texts[path])
    assert not changed, changed
    return _save(root, texts)


def _table(head: str, lines) -> str:
    return "\n".join([head, *lines]) + "\n"


def _save(root: Path, texts: dict[str, str]) -> Path:
    sums = []
    for name, text in texts.items():
        content = text.encode()
        content = gzip.compress(content, mtime=0) if name.endswith(".gz") else content
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
        sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}")
    (root / "SHA256SUMS").write_text("\n".join(sums) + "\n")
    return root

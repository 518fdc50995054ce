"""A made-up data folder in the shape of the yeast files: 6 genes with records, 3 without.

Reaction r1 has, forwards, two gene sets (A and B, or C) and the same backwards; r2 has one (D), and
r3 is of F, a gene that no network knows. E has neither edges nor reactions.
"""

import gzip
import hashlib
from pathlib import Path

RECORDED = ("YAL001C", "YAL002W", "YAL003W", "YAL004W", "YAL005C", "YAL010C")
A, B, C, D, E, LAST = RECORDED
NETWORK_ONLY, F, FACTOR = "YAL009W", "YAL006C", "YAL007C"
LISTED = (*RECORDED, NETWORK_ONLY, F, FACTOR)

TEXTS = {
    "genes": ["orf name sgdid", *(f"{gene} G{i} S{i}" for i, gene in enumerate(LISTED))],
    "records": [
        "genes n_pert fitness fitness_kind gi gi_kind source selected",
        f"{A}|{B} 2 0.9 measured 0.1 epsilon screen 0",
        f"{C}|{D} 2 0.8 measured -0.1 epsilon screen 0",
        f"{E}|{LAST} 2 0.7 measured 0.0 epsilon screen 0",
    ],
    "single_mutant_fitness": ["orf smf", *(f"{gene} 0.9" for gene in RECORDED)],
    "physical": [
        "gene_a gene_b",
        f"{B} {A}",
        f"{A} {B}",
        f"{A} {A}",
        f"{NETWORK_ONLY} {LAST}",
    ],
    "regulatory": ["tf gene", f"{FACTOR} {A}", f"{A} {FACTOR}", f"{A} {A}", f"{D} {A}"],
    "string91": ["gene_a gene_b channel", f"{A} {B} fusion", f"{B} {A} fusion"],
    "reactions": [
        "reaction_node gem_reaction direction subsystem",
        "r1_g0_fwd r1 1 x",
        "r1_g1_fwd r1 1 x",
        "r1_g0_rev r1 -1 x",
        "r1_g1_rev r1 -1 x",
        "r2_g0_fwd r2 1 x",
        "r3_g0_fwd r3 1 x",
    ],
    "metabolites": ["metabolite compartment", "s1 c", "s2 c", "s3 m"],
    "gpr": [
        "orf reaction_idx",
        *(f"{A} 0", f"{B} 0", f"{C} 1", f"{A} 2", f"{B} 2", f"{C} 3", f"{D} 4", f"{F} 5"),
    ],
    "stoichiometry": [
        "metabolite_idx reaction_idx stoich",
        *("0 0 -1.0", "1 0 2.0", "0 1 -1.0", "1 1 2.0", "0 2 1.0", "1 2 -2.0"),
        *("0 3 1.0", "1 3 -2.0", "1 4 -1.0", "2 4 1.0", "2 5 -0.5"),
    ],
}


def write(root: Path, **changed: list[str]) -> Path:
    """Write the folder with its SHA256SUMS; `changed` gives other lines, by a file's stem."""
    assert set(changed) <= set(TEXTS), changed
    (root / "yeast").mkdir(parents=True)
    sums = []
    for name, lines in (TEXTS | changed).items():
        text = "\n".join(lines).replace(" ", "\t") + "\n"
        content = gzip.compress(text.encode(), mtime=0)
        (root / "yeast" / f"{name}.tsv.gz").write_bytes(content)
        sums.append(f"{hashlib.sha256(content).hexdigest()}  yeast/{name}.tsv.gz")
    (root / "SHA256SUMS").write_text("\n".join(sums) + "\n")
    return root

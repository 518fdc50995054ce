"""Files of a cell around the planted screen: its networks, three more genes, and reactions.

Each complex catalyses a reaction both ways. One reaction is of a gene that no record knows, and
one has no gene at all.
"""

from pathlib import Path

import numpy as np

from tests.training.data import yeast_files
from tests.training.perturbations import planted

MORE = ("X1", "X2", "X3")
NODES, METABOLITES = 2 * planted.COMPLEXES + 2, 12


def write(root: Path) -> Path:
    """A folder for ZOO_DATA."""
    rng = np.random.default_rng(8)
    data = planted.data()
    genes = data.vocabulary.genes
    physical, regulatory = (edges(data.networks[n].adjacency) for n in ("physical", "regulatory"))
    reactions, entries = ["reaction_node gem_reaction direction subsystem"], ["orf reaction_idx"]
    terms = ["metabolite_idx reaction_idx stoich"]
    for node in range(NODES):
        place, back = divmod(node, 2)
        way = ("fwd", "rev")[back]
        reactions.append(f"r{place}_g0_{way} r{place} {1 - 2 * back} x")
        members = [g for g, of in zip(genes, planted.MEMBER_OF, strict=True) if of == place]
        if node == NODES - 2:
            members = [MORE[0]]
        entries += [f"{gene} {node}" for gene in members[:3]]
        used = sorted(rng.choice(METABOLITES, 3, replace=False).tolist())
        terms += [f"{each} {node} {rng.choice([-2.0, -1.0, 1.0])}" for each in used]
    return yeast_files.write(
        root,
        genes=["orf name sgdid", *(f"{gene} {gene} S{gene}" for gene in (*genes, *MORE))],
        physical=["gene_a gene_b", *physical, f"{genes[0]} {MORE[1]}", f"{MORE[1]} {MORE[2]}"],
        regulatory=["tf gene", *regulatory, f"{MORE[2]} {genes[3]}"],
        reactions=reactions,
        metabolites=["metabolite compartment", *(f"m{i} c" for i in range(METABOLITES))],
        gpr=entries,
        stoichiometry=terms,
    )


def edges(adjacency: object) -> list[str]:
    """Lines of a network's edges."""
    genes, found = planted.data().vocabulary.genes, adjacency.tocoo()
    return [f"{genes[a]} {genes[b]}" for a, b in zip(found.row, found.col, strict=True)]

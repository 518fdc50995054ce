"""How HeteroCell works, by the numbers of the configuration that ships."""

from typing import Any

from training.cards import markdown as md

GRAPH = """\
The cell is a graph of {genes} genes{which}{metabolism}. {relations} Every node has a learned
vector, to which a gene's {features} known features are added, and {layers} of attention {adds} to a
gene what it hears over each of these relations."""
WHICH = {
    "induced": ", those that a perturbation can name",
    "full": ", all that networks and reactions know",
}
METABOLISM = """\
, {reactions} reaction nodes (each a set of genes that together catalyse a reaction in one
direction) and {metabolites} metabolites"""
NAMES = {"physical": "physical interactions", "regulatory": "regulation"}
RELATIONS = "Genes are joined by {names}."

CHANGE = """\
**The wildtype is encoded and pooled to one vector, z_w**{pool}. A set of deletions takes its genes,
with their edges and every reaction node that needs one of them, out of the graph; what is left is
encoded and pooled again, to z_i. **The head is told z_p = z_w - z_i**, how far the deletions move
the cell, and has an output for each source. Without deletions z_p is zero."""
POOL = {
    "attention": ": a mean of all genes, each weighted by a gate that attends to its state",
    "set_transformer": ", by a set transformer over all genes",
}

REACTIONS = """\
Genes hear from the reactions that they catalyse, so that metabolism can reach the output. In the
design that this follows nothing leads from reactions to genes, and only genes are pooled.{few}"""
FEW = """\
 With a single layer that is true of reactions alone: what metabolites say to reactions would need a
second one to reach a gene."""
NO_REACTIONS = """\
Nothing leads from reactions to genes, and only genes are pooled: metabolism cannot reach the
output."""

MEMBERS = """\
Besides z_p, the head sees what each deletion of a set moves alone: the products of these vectors
over pairs, and their spread. So what two deletions do together need not be found in z_p alone."""

COMPACT = """\
With a single layer and this pool, deletions change the states of their neighbours alone. So z_p is
computed from these neighbours, exactly, and no cell is encoded as a whole but the wildtype."""


def tell(run: dict[str, Any]) -> str:
    """The graph, its change, what else the head is told, and what one layer makes cheap."""
    config = run["config"]
    parts = [GRAPH.format(**_graph(run)), CHANGE.format(pool=POOL[config["pool"]])]
    if config["metabolism"]:
        few = FEW if config["layers"] == 1 else ""
        parts.append(REACTIONS.format(few=few) if config["metabolism_to_genes"] else NO_REACTIONS)
    if config["members"]:
        parts.append(MEMBERS)
    if config["layers"] == 1 and config["pool"] == "attention":
        parts.append(COMPACT)
    return "\n\n".join(md.paragraph(part) for part in parts)


def _graph(run: dict[str, Any]) -> dict[str, str]:
    config = run["config"]
    counts = {
        name: md.count(config[f"{name}_total"]) for name in ("genes", "reactions", "metabolites")
    }
    names = " and by ".join(words for name, words in NAMES.items() if config[name])
    one = config["layers"] == 1
    return counts | {
        "which": WHICH[run["recipe"]["objective"]["graph"]],
        "metabolism": METABOLISM.format(**counts) if config["metabolism"] else "",
        "relations": RELATIONS.format(names=names) if names else "",
        "features": md.count(len(config["features"])),
        "layers": "one layer" if one else f"{config['layers']} layers",
        "adds": "adds" if one else "add",
    }

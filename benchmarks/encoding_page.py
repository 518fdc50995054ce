"""The section of benchmarks/README.md on encodings of mutants; see page.py."""

from typing import Any

from measure import table

HEAD = """## A cell without two genes

`python benchmarks/perturbed_encoding.py`: HeteroCell of {genes:,} genes, {reactions:,} reaction
nodes and {metabolites:,} metabolites, {physical:,} physical and {regulatory:,} regulatory edges;
random pairs of deletions, one thread. *full* takes the genes out of the graph, *batched* has the
whole graph with masks, *incremental* corrects what is stored of the wildtype, one pair at a time or
all at once; these agree within {apart:.0e} of z's largest number. The others encode what is around
the genes, and are not the cell. *hubs* is the pair of genes with the most edges, to *full* of that
pair. Nodes and edges are those of one layer, in increments those that change: the mean of layers.
Memory is the peak of a process with its imports.
"""


def perturbed_encoding(found: dict[str, Any]) -> str:
    """Every way at every depth."""
    rows = [
        (
            model["design"],
            model["depth"],
            row["way"],
            f"{row['sets_a_second']:,.1f}",
            f"{row['to_full']:.1f}x",
            f"{row['nodes']:,.0f}" if "nodes" in row else "-",
            f"{row['edges']:,.0f}" if "edges" in row else "-",
            f"{row['peak_megabytes']} MB" if "peak_megabytes" in row else "-",
        )
        for model in found["models"]
        for row in model["rows"]
    ]
    head = ("design", "layers", "way", "sets a second", "to full", "nodes", "edges", "peak memory")
    apart = max(model["apart"] for model in found["models"])
    return f"{HEAD.format(**found['cell'], apart=apart)}\n{table(head, rows)}\n"


EXPORTED = """## The exported graph of a cell without two genes

`python benchmarks/exported_encoding.py`: one pair of deletions at a time, one thread, random
weights, {genes:,} genes, {physical:,} physical and {regulatory:,} regulatory edges, of which those
that yeast's graph lacks are random. torch {torch} takes the two genes out of the graph and encodes
what is left; onnxruntime {onnxruntime} runs the exported graph. *published* has masks over the
whole graph, *shipped* (the entry's design) only looks at the neighbours of what is deleted. Answers
differ by {apart:.0e} at most.
"""


def exported_encoding(found: dict[str, Any]) -> str:
    """Torch beside the exported graph, for every design."""
    rows = [
        (
            model["design"],
            model["layers"],
            f"{model['torch_ms']:,.1f}",
            f"{model['exported_ms']:,.2f}",
            f"{model['times']:.1f}x",
            f"{model['megabytes']:.1f} MB",
        )
        for model in found["models"]
    ]
    head = ("design", "layers", "torch, ms a pair", "exported, ms a pair", "faster", "graph")
    told = EXPORTED.format(
        **found["cell"],
        torch=found["torch"],
        onnxruntime=found["onnxruntime"],
        apart=max(model["apart"] for model in found["models"]),
    )
    return f"{told}\n{table(head, rows)}\n"


SECTIONS = {"perturbed_encoding": perturbed_encoding, "exported_encoding": exported_encoding}

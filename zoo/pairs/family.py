"""What the zoo must know of entries for regulator-gene pairs; found by the name of this folder."""

from zoo.entry import OpenEntry, StateRules
from zoo.scorer import Offer, Scorer

_EMBEDS = "Load an entry of task pair_embed, such as those of `zoo search --task pair_embed`."

OFFER = Offer(
    methods=(
        "score",
        "scored",
        "details",
        "score_matrix",
        "regulators",
        "targets",
        "enrich",
        "support",
        "embed_tfs",
        "embed_genes",
    ),
    instead="It scores pairs of a regulator and a gene: type .score([('SOX2', 'GFAP')])",
    ways="zoo score, .score in Python, or POST /score_pairs",
    elsewhere=dict.fromkeys(("embed_tfs", "embed_genes"), _EMBEDS),
)


def scorer(opened: OpenEntry) -> Scorer:
    """What answers for an opened entry."""
    from zoo.pairs.graphs import GraphPairScorer, PairEmbedder

    kind = PairEmbedder if opened.manifest.task == "pair_embed" else GraphPairScorer
    return kind(opened)


def rules() -> StateRules:
    """What entries keep beside their graphs."""
    from zoo.pairs.state import RULES

    return RULES

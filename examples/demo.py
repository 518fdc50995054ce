"""Score a few pairs and list a gene's most likely regulators: what `make demo` runs."""

import zoo

PAIRS = [
    ("STAT3", "GFAP"),
    ("SPI1", "CSF1R"),
    ("NEUROD1", "MAP2"),
    ("GATA1", "GFAP"),
]
GENE = "GFAP"
UNSEEN = """
NEUROD1's low score, with support gene_only, is absence of knowledge, not evidence of absence:
training had no edges of this regulator, because all of its edges were held out for evaluation."""


def main() -> None:
    """Print the pairs as every brain model scores them, then one gene's top ten regulators."""
    for name in zoo.names("*-brain"):
        print(f"\n{name}: how likely is it that the regulator controls the gene?\n")
        print(zoo.load(name).details(PAIRS).to_string(index=False, float_format="{:.3f}".format))

    print(UNSEEN)

    entry = "cross_encoder-brain"
    print(f"\n{entry}: the ten most likely regulators of {GENE}\n")
    table = zoo.load(entry).regulators([GENE], k=10)
    print(table.to_string(index=False, float_format="{:.3f}".format))


if __name__ == "__main__":
    main()

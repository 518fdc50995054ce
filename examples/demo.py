"""Score pairs, list a gene's likely regulators, and delete genes of a yeast cell: `make demo`."""

import zoo

PAIRS = [
    ("STAT3", "GFAP"),
    ("SPI1", "CSF1R"),
    ("ZNF536", "MAP2"),
    ("GATA1", "GFAP"),
]
GENE = "GFAP"
SETS = [["YAL002W", "YBR001C"], ["RAD51", "SGS1"], ["ADE2"], []]
UNSEEN = """
ZNF536's low score, with support gene_only, is absence of knowledge, not evidence of absence:
no resource that training used lists an edge of this regulator."""


def main() -> None:
    """Print pairs as every brain model scores them, a gene's regulators, and perturbed cells."""
    for name in zoo.names("*-brain"):
        print(f"\n{name}: how likely is it that the regulator controls the gene?\n")
        print(zoo.load(name).details(PAIRS).to_string(index=False, float_format="{:.3f}".format))

    print(UNSEEN)

    entry = "cross_encoder-brain"
    print(f"\n{entry}: the ten most likely regulators of {GENE}\n")
    table = zoo.load(entry).regulators([GENE], k=10)
    print(table.to_string(index=False, float_format="{:.3f}".format))

    entry = "cls_transformer-yeast"
    print(f"\n{entry}: a yeast cell without these genes; the last row is the wildtype\n")
    table = zoo.load(entry).predict(SETS)
    print(table.to_string(index=False, float_format="{:.3f}".format))


if __name__ == "__main__":
    main()

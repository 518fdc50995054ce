"""The task of the toy family."""

from contracts.task import Task
from contracts.tensors import Axis, Contract, Tensor

GENES = Axis("genes")

LEVEL = Task(
    name="level",
    family="levels",
    description="The expression level of each gene.",
    graphs={
        "level": Contract(
            inputs=(Tensor("gene", "int64", (GENES,)),),
            outputs=(Tensor("value", "float32", (GENES,)),),
        )
    },
)

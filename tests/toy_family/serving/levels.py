"""The endpoint of the toy family."""

from contracts.wire import Name, Strict
from serving.endpoint import Server, endpoint
from zoo.scorer import require


class LevelsRequest(Strict):
    """Genes whose levels are wanted."""

    model: Name
    genes: list[Name]


class LevelsResponse(Strict):
    """A level a gene."""

    levels: list[float]


@endpoint(model="toy_mean-toy", genes=["G01"])
def levels(request: LevelsRequest, server: Server) -> LevelsResponse:
    """The level of each gene."""
    model = require(server.models.get(request.model), "levels", "POST /levels")
    return LevelsResponse(levels=model.levels(request.genes).tolist())

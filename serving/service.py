"""The zoo as one BentoML service: the endpoints of all families over POST, the catalogue over GET.

GET /models and below are of `serving.catalogue`. /livez, /readyz and /metrics are BentoML's own,
/docs.json but for its title. Run it with `zoo serve`, or with
`BENTOML_DO_NOT_TRACK=True bentoml serve serving.service:ZooService`: without the variable that
command, unlike ours, reports to BentoML's makers. Settings: ZOO_SERVE_* (see serving.settings).
"""

from typing import Any

import bentoml

from serving import catalogue, docs
from serving.endpoint import Server, answering
from serving.foreign_errors import ProblemDetails
from serving.limits import BodyLimit
from serving.models import Models
from serving.problems import Problem
from serving.settings import Settings

SETTINGS = Settings.from_environment()
MODELS = Models()

# BentoML's check takes an address as text only, its type hint as an object only.
_HTTP: Any = {"host": SETTINGS.host, "port": SETTINGS.port}


@bentoml.asgi_app(catalogue.app, path="/", name="catalogue")
@bentoml.service(name="regzoo", http=_HTTP, threads=SETTINGS.threads)
@answering(Server(MODELS, SETTINGS))
class ZooService:
    """Trained models of gene regulation: pairs, likely regulators, and perturbations of a cell."""

    def __init__(self) -> None:
        MODELS.preload(SETTINGS.preload)

    def __is_ready__(self) -> bool:
        """Whether every entry to preload is loaded: what BentoML asks for /readyz."""
        if missing := MODELS.missing(SETTINGS.preload):
            raise Problem(503, "not-ready", f"Still to be loaded: {', '.join(missing)}.")
        return True


_POSTS = [f"POST {method.route}" for method in ZooService.apis.values()]
_GETS = [f"GET {route.path}" for route in catalogue.ROUTES]

_docs = docs.app_for(lambda: ZooService.openapi_spec.asdict(), str(ZooService.inner.__doc__))
ZooService.mount_asgi_app(_docs, path="/", name="docs")


def _add_middleware(middleware: Any, **options: object) -> None:
    """Add one, further in than those before; BentoML's own type for them fits no class."""
    ZooService.add_asgi_middleware(middleware, **options)


_add_middleware(ProblemDetails, pages=", ".join([*_POSTS, *_GETS, f"GET {docs.PATH}"]))
_add_middleware(BodyLimit, limit=SETTINGS.max_body_bytes)

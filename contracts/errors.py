"""Every error the zoo raises on purpose.

    ZooError
    ├── InvalidInput (ValueError)        what was asked cannot be answered as it stands
    │   ├── ContractViolation            arrays or names of the wrong kind, all violations at once
    │   ├── EmptyInput                   nothing to work on
    │   ├── UnknownGene                  a name that leads to no gene of the vocabulary
    │   │   └── NotInVocabulary          a gene of the species, but none that the entry knows
    │   ├── AmbiguousGene                a name that leads to several genes
    │   ├── NotARegulator                a gene, but none that the model scores as a regulator
    │   ├── InvalidOption                k, device, backend, ... outside what is allowed
    │   ├── UnsupportedKind              a kind of perturbation that training has not seen
    │   ├── NothingLeft                  filters that leave nothing to list
    │   ├── OtherGenes                   two entries of other regulators and genes
    │   ├── NotCounts                    numbers that cannot be raw counts of cells
    │   ├── EmptyCell                    a cell without counts of the entry's genes
    │   ├── RepeatedGene                 several columns of a matrix that are one gene
    │   ├── LowCoverage                  too few of the entry's genes in a matrix
    │   ├── OtherUnit                    expression in another unit than the entry's
    │   ├── BadTable                     a file of pairs or genes that cannot be read as one
    │   └── CannotResume                 a stopped run that is not there, or is another one
    ├── UnknownEntry (LookupError)       no entry of that name
    ├── Unsupported (AttributeError)     the entry's task does not offer this method
    ├── ArtefactError                    an entry's files are not what they must be
    │   ├── CorruptArtefact
    │   ├── InvalidManifest
    │   ├── MissingArtefact
    │   ├── StaleEvaluation          an evaluation that another version of the zoo made
    │   └── UnusableIndex            a search index that is damaged, or one of other vectors
    ├── StoreError                       an entry could not be fetched or kept
    │   ├── CacheNotWritable
    │   ├── Offline
    │   └── RemoteError
    ├── MissingDependency (ImportError)  an optional package is not installed
    └── DeviceUnavailable                the device asked for cannot run the model

Defined where they are raised, in training, export and the architectures:

    InvalidInput    InvalidRecipe, InvalidSweep, UnfitOptions, NoStudy, OtherStudy
    ArtefactError   MissingData, LowCoverage, StaleSplit, GraphMismatch, SmokeRun, NoRun, OtherFolds
    ZooError        Diverged, NotCalibrated, NotRewirable, ParityFailed, NotFrozen

`str(error)` is complete sentences for a person, `error.code` a fixed word for a program, and
`error.details()` what `zoo --json` and the HTTP problem details carry.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from os import PathLike
from typing import Any, ClassVar

from contracts import wording
from contracts.wording import SHOWN, did_you_mean, listed, sentence, shorten

AnyPath = str | PathLike[str]


class ZooError(Exception):
    """Base of every error the zoo raises on purpose."""

    code: ClassVar[str] = "zoo-error"

    def __init_subclass__(cls) -> None:
        """Set `code`, the class's name in kebab-case: UnknownGene has `unknown-gene`."""
        if "code" not in vars(cls):
            cls.code = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def details(self) -> dict[str, Any]:
        """The error's public attributes, ready for JSON."""
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), str(self), self.__dict__.copy())


def _restore(kind: type[ZooError], message: str, attributes: dict[str, Any]) -> ZooError:
    """Rebuild a pickled error: the constructors take facts, not the message."""
    error = kind.__new__(kind, message)
    error.__dict__.update(attributes)
    return error


class InvalidInput(ZooError, ValueError):
    """What was asked cannot be answered as it stands; the message says what to type instead."""


@dataclass(frozen=True)
class Violation:
    """One broken rule: where, what was got, what was expected."""

    where: str
    got: str
    expected: str

    def __str__(self) -> str:
        return f"{self.where}: got {self.got}, expected {self.expected}"


class ContractViolation(InvalidInput):
    """Arrays or names that break a contract; carries every violation found."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations = list(violations)
        shown = [f"{violation}." for violation in self.violations[:SHOWN]]
        if len(self.violations) > SHOWN:
            shown.append(f"{len(self.violations) - SHOWN} more violations.")
        super().__init__(" ".join(shown))

    def details(self) -> dict[str, Any]:
        """The violations as records of where, got and expected."""
        return {"violations": [asdict(violation) for violation in self.violations]}


class EmptyInput(InvalidInput):
    """Nothing was given to work on; `example` is something that could be typed."""

    def __init__(self, what: str, example: str = "") -> None:
        self.what = what
        tail = f", for example {example}" if example else ""
        super().__init__(f"{what} is empty: expected at least one{tail}.")


class UnknownGene(InvalidInput):
    """A name that leads to no gene of the vocabulary.

    `unknown` maps every unknown name of the request, `name` first, to its near names; near names
    are looked up for the first SHOWN only, the others map to an empty list. `symbols` has the
    approved symbols of near names that are none themselves. `expected` says what the names of this
    vocabulary look like.
    """

    def __init__(
        self,
        name: str,
        near: Sequence[str] = (),
        unknown: Mapping[str, Sequence[str]] | None = None,
        symbols: Mapping[str, str] | None = None,
        expected: str = "an approved symbol or another name of a gene",
    ) -> None:
        self.name = name
        self.near = list(near)
        rest = {key: list(value) for key, value in (unknown or {}).items() if key != name}
        self.unknown: dict[str, list[str]] = {name: self.near, **rest}
        self.symbols = {near: own for near, own in (symbols or {}).items() if near != own}
        self.expected = expected
        message = self._lead()
        if rest:
            message += f" Unknown as well: {listed(list(rest))}."
        super().__init__(message)

    def _lead(self) -> str:
        named = wording.with_symbols(self.near, self.symbols)
        advice = wording.gene_advice(self.name, named, self.expected)
        return f"{shorten(self.name)} is no gene of this vocabulary. {advice}"


class NotInVocabulary(UnknownGene):
    """A gene of the species that the entry does not know; `unknown` has all such names.

    `known` are the genes that it knows, where these are few.
    """

    def __init__(
        self,
        name: str,
        near: Sequence[str] = (),
        unknown: Mapping[str, Sequence[str]] | None = None,
        symbols: Mapping[str, str] | None = None,
        expected: str = "a gene that the entry knows",
        known: Sequence[str] = (),
    ) -> None:
        self.known = list(known)
        super().__init__(name, near, unknown, symbols, expected)

    def _lead(self) -> str:
        them = f" It knows {', '.join(self.known)}." if self.known else ""
        return (
            f"{shorten(self.name)} is a gene, but this entry does not know it: it was not in the "
            f"training data. Leave it out, or load an entry that knows it.{them}"
        )


class AmbiguousGene(InvalidInput):
    """A name that leads to several genes; the candidates are their approved symbols."""

    def __init__(self, name: str, candidates: Sequence[str]) -> None:
        self.name = name
        self.candidates = list(candidates)
        super().__init__(
            f"{shorten(name)} names {len(candidates)} genes. "
            f"Give one of their approved symbols: {', '.join(candidates)}."
        )


class NotARegulator(InvalidInput):
    """A gene that the model does not score as a regulator; its pair's `target` may be one."""

    def __init__(self, name: str, near: Sequence[str] = (), target: str | None = None) -> None:
        self.name = name
        self.near = list(near)
        self.target = target
        advice = did_you_mean(self.near, "Give a transcription factor such as SOX2.")
        advice = advice if target is None else wording.turned_round(name, target)
        super().__init__(
            f"{shorten(name)} is a gene of this vocabulary but none of its regulators, "
            f"so it can be a target only. {advice}"
        )


class InvalidOption(InvalidInput):
    """An option outside what is allowed: `expected` says what is."""

    def __init__(self, option: str, got: object, expected: str) -> None:
        self.option = option
        plain = got is None or isinstance(got, str | bool | int)
        finite = isinstance(got, float) and math.isfinite(got)
        self.got = got if plain or finite else shorten(got)
        self.expected = expected
        super().__init__(f"{option}={shorten(got)} is not allowed: expected {expected}.")


class UnsupportedKind(InvalidInput):
    """A kind of perturbation that training has not seen; `trained` are those it has.

    An entry of one kind takes a gene without a kind for that.
    """

    def __init__(self, perturbation: str, kind: str, trained: Sequence[str]) -> None:
        self.perturbation = perturbation
        self.kind = kind
        self.trained = list(trained)
        advice = (
            "For NaN in place of this error, type allow_unseen=True in Python, --allow-unseen on "
            "the command line."
        )
        if len(self.trained) == 1:
            advice = "Type the gene without a kind for that."
        super().__init__(
            f"{shorten(perturbation)} cannot be predicted: no gene in the training data is {kind}. "
            f"The entry knows these kinds: {', '.join(self.trained) or 'none'}. {advice}"
        )


class NotCounts(InvalidInput):
    """Numbers that cannot be raw counts: `reason` says why, `hint` where counts may be."""

    def __init__(self, value: float, gene: str, cell: object, reason: str, hint: str) -> None:
        self.value = str(value)
        self.gene = gene
        self.cell = str(cell)
        self.reason = reason
        self.hint = hint
        super().__init__(
            f"The matrix does not hold raw counts: {value:g} for gene {gene} in cell "
            f"{shorten(cell)}. {sentence(reason)} {sentence(hint)}"
        )


class EmptyCell(InvalidInput):
    """A cell without counts of the entry's genes: it has no levels to make a vector of."""

    def __init__(self, cell: object) -> None:
        self.cell = str(cell)
        super().__init__(
            f"Cell {shorten(cell)} has no counts of the entry's genes. Leave such cells out first, "
            "such as with scanpy.pp.filter_cells(adata, min_counts=500)."
        )


class RepeatedGene(InvalidInput):
    """Several columns of a matrix lead to one gene of the entry."""

    def __init__(self, gene: str, names: Sequence[str]) -> None:
        self.gene = gene
        self.names = list(names)
        super().__init__(
            f"The columns {listed(self.names)} are all the gene {gene}. "
            "Keep one of them, or add their counts."
        )


class LowCoverage(InvalidInput):
    """Too few of the entry's genes are in a matrix; `cause` says why that may be."""

    def __init__(self, species: str, found: int, total: int, floor: float, cause: str) -> None:
        self.species = species
        self.found = found
        self.total = total
        self.floor = floor
        self.cause = cause
        super().__init__(
            f"The matrix has {found} of the entry's {total} {species} genes "
            f"({found / total:.0%}), and at least {floor:.0%} are needed. {sentence(cause)}"
        )


class OtherUnit(InvalidInput):
    """Expression in another unit than the entry's: a `value` shows it, `reason` says how."""

    def __init__(self, value: float, gene: str, unit: str, reason: str) -> None:
        self.value = value
        self.gene = gene
        self.unit = unit
        self.reason = reason
        super().__init__(
            f"Expression is {value:g} for gene {gene}, but the unit of this entry is {unit}. "
            f"{sentence(reason)} From raw counts, scanpy.pp.normalize_total(adata) and "
            "scanpy.pp.log1p(adata) give logarithms."
        )


class BadTable(InvalidInput):
    """A file of pairs or genes that cannot be read as one; `line` counts from 1."""

    def __init__(self, path: AnyPath, reason: str, hint: str, line: int | None = None) -> None:
        self.path = str(path)
        self.reason = reason
        self.hint = hint
        self.line = line
        where = f"{self.path}, line {line}" if line is not None else self.path
        super().__init__(f"{where}: {sentence(reason)} {sentence(hint)}")


class NothingLeft(InvalidInput):
    """Filters leave nothing to list; `hint` says what to change."""

    def __init__(self, reason: str, hint: str) -> None:
        self.reason = reason
        self.hint = hint
        super().__init__(f"{sentence(reason)} {sentence(hint)}")


class OtherGenes(InvalidInput):
    """Two entries that were asked to work together know other regulators and genes."""

    def __init__(self, entry: str, other: str) -> None:
        self.entry = entry
        self.other = other
        super().__init__(
            f"{other} does not share its regulators and genes with {entry}. "
            "Take an entry of the same data set: zoo.names() lists them."
        )


class CannotResume(InvalidInput):
    """A stopped run that is not there, is another one, or is in the way; `folder` is where."""

    def __init__(self, output: AnyPath, folder: AnyPath, reason: str, hint: str) -> None:
        self.output = str(output)
        self.folder = str(folder)
        self.reason = reason
        self.hint = hint
        super().__init__(f"{self.output}: {sentence(reason)} {sentence(hint)}")


class UnknownEntry(ZooError, LookupError):
    """No entry of that name."""

    def __init__(self, name: str, near: Sequence[str] = ()) -> None:
        self.name = name
        self.near = list(near)
        advice = did_you_mean(self.near, "zoo.names() and `zoo list` give all of them.")
        super().__init__(f"{shorten(name)} is no entry of this zoo. {advice}")


class Unsupported(ZooError, AttributeError):
    """The entry's task does not offer this method; `instead` says what does.

    It is an AttributeError, so that `hasattr(model, method)` is False.
    """

    def __init__(self, entry: str, method: str, instead: str) -> None:
        self.entry = entry
        self.method = method
        self.instead = instead
        super().__init__(f"{entry} does not offer {method}. {sentence(instead)}")


class ArtefactError(ZooError):
    """An entry's files are not what they must be."""


class StaleEvaluation(ArtefactError):
    """The evaluation in an entry was made by another version of the zoo."""


class CorruptArtefact(ArtefactError):
    """A file whose content is not the one recorded or not of its format."""

    def __init__(self, path: AnyPath, expected: str, got: str) -> None:
        self.path = str(path)
        self.expected = expected
        self.got = got
        super().__init__(
            f"{self.path} is damaged: got {got}, expected {expected}. "
            "Remove it and fetch, reinstall or export the entry again."
        )


class InvalidManifest(ArtefactError):
    """A manifest.json that does not describe an entry."""

    def __init__(self, path: AnyPath, reason: str) -> None:
        self.path = str(path)
        self.reason = reason
        super().__init__(
            f"{self.path} is no valid manifest: {sentence(reason)} "
            "Fetch, reinstall or export the entry again."
        )


class MissingArtefact(ArtefactError):
    """A file of an entry that is not there; `hint` says what makes it."""

    def __init__(self, path: AnyPath, hint: str = "") -> None:
        self.path = str(path)
        self.hint = hint or "Fetch, reinstall or export the entry it belongs to again."
        super().__init__(f"{self.path} is missing. {self.hint}")


class UnusableIndex(ArtefactError):
    """A search index that is damaged or of other vectors; `command` builds the right one."""

    def __init__(self, path: AnyPath, reason: str, command: str) -> None:
        self.path = str(path)
        self.reason = reason
        self.command = command
        super().__init__(
            f"The index {self.path} cannot be used: {sentence(reason)} "
            f"Build one again, to another path: {command}"
        )


class StoreError(ZooError):
    """An entry could not be fetched or kept."""


class CacheNotWritable(StoreError):
    """The cache folder cannot be written."""

    def __init__(self, path: AnyPath) -> None:
        self.path = str(path)
        super().__init__(
            f"The cache folder {self.path} cannot be written. "
            "Set ZOO_CACHE to a folder that can, or make this one writable."
        )


class Offline(StoreError):
    """The entry is not on this machine and no remote may be asked."""

    def __init__(self, entry: str) -> None:
        self.entry = entry
        super().__init__(
            f"{entry} is not on this machine and the zoo is offline. "
            "Unset ZOO_OFFLINE and set ZOO_REMOTE to fetch it, or zoo.register its folder."
        )


class RemoteError(StoreError):
    """The remote store did not give what was asked."""

    def __init__(self, url: str, reason: str) -> None:
        self.url = url
        self.reason = reason
        super().__init__(
            f"{url} could not be fetched: {sentence(reason)} Check ZOO_REMOTE and the network."
        )


class MissingDependency(ZooError, ImportError):
    """An optional package is not installed; `extra` of regzoo brings it."""

    def __init__(self, package: str, extra: str) -> None:
        self.package = package
        self.extra = extra
        self.command = wording.install(extra)
        super().__init__(f"{package} is not installed. Type: {self.command}")


class DeviceUnavailable(ZooError):
    """The device asked for cannot run the model; `providers` are those the session got."""

    def __init__(self, device: str, providers: Sequence[str]) -> None:
        self.device = device
        self.providers = list(providers)
        super().__init__(
            f"device={device!r} is not available here: the session runs on "
            f"{', '.join(self.providers) or 'no provider at all'}. "
            "Type device='cpu' or device='auto', or install what the device needs."
        )

"""What deletions change of a cell that one layer was run on: the neighbours of what is gone.

Before its only layer no state of a gene that is left has changed. So a set of deletions takes terms
out of the attention sums of its neighbours and of the pool, and everything else stays the
wildtype's:

    top_t = top_t(wildtype) - sum_s weight_st value_s     bottom_t likewise, over sources s gone
    z_w - z_i = ( sum_c w_c (x_c - z_w) - sum_c w'_c (x'_c - z_w) ) / ( W - sum_c w_c + sum_c w'_c )

over the genes c that changed or are gone (those have no new term w' x'), with W the sum of all
weights of the wildtype's pool. The second line has no difference between two large vectors. Sums
that lose more than all but a LOST part of themselves are made anew from the terms that are left,
and so are a pool's that grow by more than a factor FAR.
All of it can be differentiated, and exported with any number of sets.
"""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from zoo.architectures._sets import Count, Members, segment_sum
from zoo.architectures.hetero_cell.blocks import Graph, mean
from zoo.architectures.hetero_cell.deletions import Dead, Distinct, Relation, Some, Structure

LOST = 0.125
"""Sums are made anew that lose more than all but this share: what is left has lost its digits."""
FAR = 1e26
"""And those that grow beyond e^60, before they overflow."""


class Terms(NamedTuple):
    """The wildtype's attention of one relation: scores and weights of edges, and genes' sums."""

    score: Float[Tensor, "edges heads"]
    weight: Float[Tensor, "edges heads"]
    top: Float[Tensor, "genes heads part"]
    bottom: Float[Tensor, "genes heads"]


def weighted(
    score: Float[Tensor, "terms heads"],
    value: Float[Tensor, "terms heads part"],
    owner: Int64[Tensor, "terms"],
    owners: Count,
) -> tuple[Tensor, Tensor, Tensor]:
    """exp(score - the owner's largest), and each owner's sums of it with and without the value."""
    with torch.no_grad():  # it cancels, and so do its gradients
        low = score.new_full((owners, score.shape[1]), torch.finfo(score.dtype).min)
        shift = low.scatter_reduce(0, owner[:, None].expand_as(score), score, "amax")
    weight = (score - shift[owner]).exp()
    top = segment_sum(weight[..., None] * value, owner, owners)
    return weight, top, segment_sum(weight, owner, owners)


class Stored(NamedTuple):
    """The wildtype after its layer, and what the sums of layer and pool are made of.

    `start` has what goes into the layer of genes, and of reactions what is lifted to that: it is
    shorter.
    """

    start: dict[str, Float[Tensor, "nodes _"]]
    terms: dict[str, Terms]
    x: Float[Tensor, "genes dim"]
    gate: Float[Tensor, "genes 1"]
    weight: Float[Tensor, "genes 1"]
    z: Float[Tensor, "dim"]
    total: Float[Tensor, "1"]
    shift: Float[Tensor, "1"]


class Removals(nn.Module):
    """The only layer and the gated pool of a model, for any number of sets of deletions."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.nodes, self.layer, self.gate = model.nodes, model.layers[0], model.pool.gate

    def stored(self, structure: Structure, graph: Graph) -> Stored:
        """The wildtype, by the weights as they are now."""
        start = {"genes": self.nodes.of_genes(graph)}
        if structure.catalyses is not None:
            start["reactions"] = self.nodes.reactions.weight
        terms, heard = {}, []
        for name, relation in structure.relations.items():
            terms[name] = self._terms(name, relation, start, structure.genes)
            heard.append(self._heard(name, terms[name].top, terms[name].bottom))
        x = self.layer.total(heard, start["genes"])
        gate = self.gate(x)
        shift = gate.detach().amax(0)
        weight = (gate - shift).exp()
        total = weight.sum(0)
        z = (weight * x).sum(0) / total
        return Stored(start, terms, x, gate, weight, z, total, shift)

    def change(
        self, structure: Structure, stored: Stored, member: Members, segment: Members, sets: Count
    ) -> Float[Tensor, "sets dim"]:
        """z_p of every set; 0 for one without members."""
        dead = {"genes": Dead.of(segment, member, sets, structure.genes)}
        if structure.catalyses is not None:
            owner, entry = structure.catalyses.listed(member)
            lost = segment[owner], structure.node[entry]
            dead["reactions"] = Dead.of(*lost, sets, structure.reactions)
        moved = [
            self._moved(name, relation, stored, dead, sets)
            for name, relation in structure.relations.items()
        ]
        number, node, change = (torch.cat(parts) for parts in zip(*moved, strict=True))
        changed = Distinct.of(number, node, sets, structure.genes)
        more = segment_sum(change, changed.place, changed.node.shape[0])
        return self._pooled(stored, changed, more, dead["genes"], sets)

    def _pooled(
        self,
        stored: Stored,
        changed: Distinct,
        more: Float[Tensor, "changed dim"],
        lost: Dead,
        sets: Count,
    ) -> Float[Tensor, "sets dim"]:
        """What the pool makes of genes that are changed, by how much `more`, and of those lost."""
        node, gene = changed.node, lost.node
        x = stored.x[node] + more
        gate = self.gate(x)
        new, old = (gate - stored.shift).exp(), stored.weight[node]
        off, z = stored.weight[gene], stored.z
        weight = torch.cat([new - old, -off])
        term = torch.cat([new * (x - z) - old * (stored.x[node] - z), -off * (stored.x[gene] - z)])
        where = torch.cat([changed.set, lost.set])
        total = stored.total + segment_sum(weight, where, sets)
        found = -segment_sum(term, where, sets) / total
        sound = ((total > LOST * stored.total) & (total < FAR * stored.total))[:, 0]
        # Of the sets whose sums are not sound, the softmax over all their genes is made anew.
        unsound = (~sound).nonzero()[:, 0]
        count, genes = unsound.shape[0], stored.x.shape[0]
        place = torch.full((sets,), -1, device=unsound.device).index_copy(
            0, unsound, torch.arange(count, device=unsound.device)
        )
        row, dead = (place[each.set] * genes + each.node for each in (changed, lost))
        of_row = (row >= 0).nonzero()[:, 0]
        row, more = row[of_row], more[of_row]
        gates = stored.gate[:, 0].expand(count, -1).reshape(-1)
        gates = gates.index_copy(0, row, gate[of_row, 0])
        gates = gates.index_fill(0, dead[(dead >= 0).nonzero()[:, 0]], -math.inf)
        share = gates.view(count, genes).softmax(1)
        again = share @ stored.x
        owner = place[changed.set[of_row]]
        again = again + segment_sum(share.reshape(-1)[row][:, None] * more, owner, count)
        return found.index_copy(0, unsound, z - again)

    def _moved(
        self, name: str, relation: Relation, stored: Stored, dead: dict[str, Dead], sets: Count
    ) -> tuple[Int64[Tensor, "rows"], Int64[Tensor, "rows"], Float[Tensor, "rows dim"]]:
        """Sets and genes that hear something else over a relation, and by how much."""
        terms, genes = stored.terms[name], dead["genes"]
        kind = "reactions" if name == "catalysed" else "genes"
        lost = dead[kind]
        owner, edge = relation.out.listed(lost.node)
        there = (~genes.has(lost.set[owner], relation.target[edge])).nonzero()[:, 0]
        owner, edge = owner[there], edge[there]
        rows = Distinct.of(lost.set[owner], relation.target[edge].long(), sets, genes.nodes)
        node, place, count = rows.node, rows.place, rows.node.shape[0]
        weight = terms.weight[edge]
        value = self._values(name, stored.start, lost.node)
        less = segment_sum(weight[..., None] * value[owner], place, count)
        before = terms.top[node], terms.bottom[node]
        bottom = before[1] - segment_sum(weight, place, count)
        # The sums of rows that are not sound are made anew, of all their terms that are left.
        unsound = (bottom <= LOST * before[1]).any(1).nonzero()[:, 0]
        number, some = rows.set[unsound], node[unsound]
        owner, edge = relation.into.listed(some)
        there = (~lost.has(number[owner], relation.source[edge])).nonzero()[:, 0]
        owner, edge = owner[there], edge[there]
        value = self._values(name, stored.start, relation.source[edge].long())
        again = weighted(terms.score[edge], value, owner, some.shape[0])[1:]
        top = (before[0] - less).index_copy(0, unsound, again[0])
        bottom = bottom.index_copy(0, unsound, again[1])
        return rows.set, node, self._heard(name, top, bottom) - self._heard(name, *before)

    def _values(
        self, name: str, start: dict[str, Tensor], node: Some | slice
    ) -> Float[Tensor, "some heads part"]:
        """What some sources say over a relation."""
        if name == "catalysed":
            x = self.nodes.lift["reactions"](start["reactions"][node])
            return self.layer.hyper[name].incidence.split(x)
        conv = self.layer.neighbours
        return conv.lin_l(start["genes"][node]).unflatten(-1, (conv.heads, -1))

    def _terms(self, name: str, relation: Relation, start: dict[str, Tensor], genes: int) -> Terms:
        edges = torch.stack([relation.source, relation.target]).long()
        if name == "catalysed":
            conv, value = self.layer.hyper[name].incidence, self._values(name, start, slice(None))
            score = conv(value[:, None], conv.split(start["genes"])[:, None], edges)[:, 0]
        else:
            conv, value = self.layer.neighbours, self._values(name, start, slice(None))
            other = conv.lin_r(start["genes"]).unflatten(-1, (conv.heads, -1))
            score = conv.scores(value, other, edges)
        return Terms(score, *weighted(score, value[edges[0]], edges[1], genes))

    def _heard(self, name: str, top: Tensor, bottom: Tensor) -> Float[Tensor, "nodes dim"]:
        found = mean(top, bottom)
        if name == "catalysed":
            return self.layer.after[name](found.flatten(1) + self.layer.hyper[name].bias)
        return self.layer.after[name](found.mean(1) + self.layer.neighbours.bias)

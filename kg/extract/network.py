"""The network behind `encoder`: a pre-trained transformer and a head that reads pairs of mentions.

Needs the extra `[encoder]` (torch, transformers); at run time only its ONNX export is used.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from kg.model import STATUSES

HIDDEN = 256
"""Width of the layer between what was gathered for a pair and the decisions."""

HEADS = 2
"""Attention heads in each of the two looks at the sentence."""

MOST_ROLES = 63
GAPS = 20
NEAR = 4
"""Word pieces around a mention that the attention can tell from the rest."""

SEGMENTS = 24


class PairNetwork(nn.Module):
    """From word pieces and mention pairs to log-odds of relations, status and polarity.

    A pair is the mean state of the source, that of the target, and what two looks at the sentence gather:
    the first asks with the two mentions, the second also with what the first one found.
    """

    def __init__(self, transformer: nn.Module, width: int, relations: int, dropout: float = 0.2) -> None:
        super().__init__()
        self.transformer = transformer
        self.query = nn.ModuleList([nn.Linear((2 + HEADS * look) * width, HEADS * width) for look in (0, 1)])
        self.key = nn.ModuleList([nn.Linear(width, width) for _ in (0, 1)])
        self.segment = nn.ModuleList(
            [nn.Embedding(SEGMENTS, HEADS, _weight=torch.zeros(SEGMENTS, HEADS)) for _ in (0, 1)]
        )
        self.role = nn.Embedding(MOST_ROLES + 1, 16)
        self.gap = nn.Embedding(GAPS, 16)
        self.gather = nn.Linear((2 + 2 * HEADS) * width + 48, HIDDEN)
        self.dropout = nn.Dropout(dropout)
        self.relations = nn.Linear(HIDDEN, relations)
        self.relation = nn.Parameter(torch.randn(relations, HIDDEN) * 0.05)
        self.status = nn.Linear(HIDDEN, len(STATUSES))
        self.negated = nn.Linear(HIDDEN, 1)
        nn.init.constant_(self.relations.bias, -3.0)

    def states(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Contextual states (sentences, pieces, width) of padded word pieces."""
        return self.transformer(input_ids=ids, attention_mask=mask).last_hidden_state

    def pairs(
        self,
        states: Tensor,
        keys: list[Tensor],
        mask: Tensor,
        source: Tensor,
        target: Tensor,
        roles: Tensor,
        gap: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """What is known of each pair (pairs, HIDDEN), and the first look's attention (pairs, HEADS, pieces).

        `states`, `keys` and `mask` are those of each pair's sentence; `source` and `target` (pairs, pieces)
        hold the weights of the mentions' word pieces.
        """
        first = torch.bmm(source.unsqueeze(1), states).squeeze(1)
        second = torch.bmm(target.unsqueeze(1), states).squeeze(1)
        segments = segments_of(source, target)
        seen = [first, second]
        attentions = []
        for query, key, segment in zip(self.query, keys, self.segment, strict=True):
            asked = query(torch.cat(seen, -1)).unflatten(-1, (HEADS, -1))
            score = torch.bmm(asked, key.transpose(1, 2)).float() / math.sqrt(states.shape[-1])
            score = score + segment(segments).transpose(1, 2).float()
            attention = score.masked_fill(~mask.unsqueeze(1), -1e4).softmax(-1)
            attentions.append(attention)
            seen.append(torch.bmm(attention.to(states.dtype), states).flatten(1))
        known = torch.cat([*seen, self.role(roles).flatten(1), self.gap(gap)], -1)
        hidden = self.dropout(functional.gelu(self.gather(self.dropout(known))))
        return hidden, attentions[0]

    def manner(self, hidden: Tensor, relation: Tensor) -> tuple[Tensor, Tensor]:
        """Scores of each status (rows, 4) and log-odds of a negation (rows) if this relation holds."""
        told = functional.gelu(hidden + self.relation[relation])
        return self.status(told), self.negated(told).squeeze(-1)


def segments_of(source: Tensor, target: Tensor) -> Tensor:
    """Where each word piece stands to the two mentions, 0 to 23: before, in, between, after; how near."""
    in_source, in_target = source > 0, target > 0
    at = torch.arange(source.shape[1], device=source.device).unsqueeze(0)
    first = in_source.to(torch.int64).argmax(1, keepdim=True)
    second = in_target.to(torch.int64).argmax(1, keepdim=True)
    between = torch.where(first < second, 3, 4)
    low, high = torch.minimum(first, second), torch.maximum(first, second)
    place = torch.where(at < low, 0, torch.where(at > high, 5, between))
    place = torch.where(in_source, 1, torch.where(in_target, 2, place))
    near = ((at - first).abs() <= NEAR).to(torch.int64) + 2 * ((at - second).abs() <= NEAR).to(torch.int64)
    return place * 4 + near


class OneSentence(nn.Module):
    """The network as it is exported: one sentence, all its pairs, probabilities of status and negation."""

    def __init__(self, network: PairNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, ids: Tensor, source: Tensor, target: Tensor, roles: Tensor, gap: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Log-odds (pairs, relations), attention (pairs, pieces), status (.., .., 4), negation (.., ..)."""
        network = self.network
        states = network.states(ids, torch.ones_like(ids))
        rows = source.shape[0]
        mask = torch.ones_like(source, dtype=torch.bool)
        keys = [key(states).expand(rows, -1, -1) for key in network.key]
        hidden, attention = network.pairs(states.expand(rows, -1, -1), keys, mask, source, target, roles, gap)
        told = functional.gelu(hidden.unsqueeze(1) + network.relation.unsqueeze(0))
        return (
            network.relations(hidden),
            attention[:, 0],
            network.status(told).softmax(-1),
            network.negated(told).squeeze(-1).sigmoid(),
        )

"""The topics of a target or an incentive: its own, where it has any, else those of its policy. All who ask for them ask here."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from .models import Incentive, Target, Topic

NOBODY = Q(pk__in=[])


class FigureTopics(NamedTuple):
    """The topics of one figure, and whether they are those of its policy."""

    topics: list[Topic]
    are_of_policy: bool


def topics_told(figure: Target | Incentive) -> FigureTopics:
    """Of a figure in hand; no query where its topics and those of its policy were fetched with it."""
    own = list(figure.topics.all())
    return FigureTopics(own or list(figure.policy.topics.all()), not own)


def sources(model: type[Target | Incentive]) -> Iterator[tuple[Q, str]]:
    """Which rows of `model` have their topics where: (condition, path). Every row fulfils one of the conditions."""
    own = model.topics.through.objects.filter(**{str(model._meta.model_name): OuterRef("pk")})
    yield Q(Exists(own)), "topics"
    yield ~Q(Exists(own)), "policy__topics"


def of_topics(model: type[Target | Incentive], topics: Collection[int]) -> Q:
    """Rows of `model` of one of these topics, by their keys."""
    wanted = NOBODY
    for whose, path in sources(model):
        wanted |= whose & Q(pk__in=model.objects.filter(**{f"{path}__in": topics}).order_by().values("pk"))
    return wanted


def topics_of(model: type[Target | Incentive]) -> QuerySet[Topic]:
    """The topics of the row of `model` that is asked for outside."""
    wanted = NOBODY
    for whose, path in sources(model):
        row = model.objects.filter(whose, pk=OuterRef(OuterRef("pk")), **{path: OuterRef("pk")})
        wanted |= Q(Exists(row))
    return Topic.objects.filter(wanted)

"""Whether the versions of rows have come as far as the rows themselves."""

from functools import partial

from domain.messages import remedy
from infrastructure.databases.asked_once import asked_once
from projections.engine import checkpoints
from projections.engine.models import Generation, GenerationState
from projections.engine.registry import PROJECTIONS
from projections.errors import ProjectionError
from projections.row_versions.models import RestoreVersion

LABEL = RestoreVersion._meta.label


class VersionsBehind(ProjectionError):
    """The table of versions lacks events that an answer needs."""

    code = "versions_behind"

    def __init__(self, position: int, needed: int) -> None:
        self.facts = {"position": position}
        super().__init__(
            f"The versions of rows reach position {position} so far, and have to reach {needed}. "
            "They may have to be built: ",
            remedy("rebuild", labels=LABEL),
        )


def versions_and_rows(using: str = "default") -> dict[str, Generation]:
    """The live generations of the versions and of the rows, by label; those that there are."""
    return asked_once(("versions and rows", using), partial(_live, using))


def refuse_if_behind(using: str = "default") -> None:
    """Raise `VersionsBehind` if a question about earlier versions would be answered wrongly."""
    refuse_if_not_at(live_rows(using).position, using)


def refuse_if_not_at(position: int, using: str = "default") -> int:
    """The position that the versions of rows reach.

    Raises `VersionsBehind` if those that were valid at this position are not all there.
    """
    versions = PROJECTIONS[LABEL]
    live = versions_and_rows(using).get(LABEL) or checkpoints.live(versions, using)
    if live.projector_version != versions.version or live.position < position:
        raise VersionsBehind(live.position, position)
    return live.position


def live_rows(using: str = "default") -> Generation:
    """The live generation of the rows that the versions are of; created if there has been none."""
    rows = PROJECTIONS[LABEL].source
    return versions_and_rows(using).get(rows.label) or checkpoints.live(rows, using)


def _live(using: str) -> dict[str, Generation]:
    versions = PROJECTIONS[LABEL]
    live = Generation.objects.using(using).filter(
        label__in=(versions.label, versions.source.label), state=GenerationState.LIVE
    )
    return {one.label: one for one in live}

"""Whether the versions of rows have come as far as the rows themselves."""

from domain.messages import remedy
from projections.engine import checkpoints
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


def refuse_if_behind(using: str = "default") -> None:
    """Raise `VersionsBehind` if a question about earlier versions would be answered wrongly."""
    refuse_if_not_at(checkpoints.live(PROJECTIONS[LABEL].source, using).position, using)


def refuse_if_not_at(position: int, using: str = "default") -> int:
    """The position that the versions of rows reach.

    Raises `VersionsBehind` if those that were valid at this position are not all there.
    """
    versions = PROJECTIONS[LABEL]
    live = checkpoints.live(versions, using)
    if live.projector_version != versions.version or live.position < position:
        raise VersionsBehind(live.position, position)
    return live.position

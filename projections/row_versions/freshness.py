"""Whether the versions of rows have come as far as the rows themselves."""

from domain.messages import remedy
from projections.engine import checkpoints
from projections.engine.registry import PROJECTIONS
from projections.errors import ProjectionError
from projections.row_versions.models import RestoreVersion

LABEL = RestoreVersion._meta.label


class VersionsBehind(ProjectionError):
    """The table of versions lacks events that the table of restores shows."""

    code = "versions_behind"

    def __init__(self, position: int, shown: int) -> None:
        self.facts = {"position": position}
        super().__init__(
            f"The versions of rows reach position {position} so far, and the restores {shown}. "
            "They may have to be built: ",
            remedy("rebuild", labels=LABEL),
        )


def refuse_if_behind(using: str = "default") -> None:
    """Raise `VersionsBehind` if a question about earlier versions would be answered wrongly."""
    versions = PROJECTIONS[LABEL]
    live, rows = checkpoints.live(versions, using), checkpoints.live(versions.source, using)
    if live.projector_version != versions.version or live.position < rows.position:
        raise VersionsBehind(live.position, rows.position)

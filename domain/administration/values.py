"""The words that looking after the log is described with."""

import msgspec


class LostHead(msgspec.Struct, frozen=True, kw_only=True):
    """A position and the chain's hash there, as `remembered_by` has them and the log has not.

    `remembered_by` is `head_file`, `import_index` or a projection's label. Where the head file
    could not be read, `position` is 0 and `hash` is empty.
    """

    remembered_by: str
    position: int
    hash: str

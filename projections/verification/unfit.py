"""Why a column cannot hold what was said: in words for whoever has to accept it."""

from domain.values import Tagged, Value
from projections.verification.rules import BIGINT, Holds

FORM = "YYYY-MM-DD HH:MM:SS, with at most six digits of a second, in the years 1 to 9999"


def plain(value: Value) -> object:
    """A value that an event keeps, as the host said it where JSON could not.

    That is so of whole numbers beyond 64 bits and of text that is not Unicode; what else is tagged
    stays so.
    """
    if isinstance(value, Tagged):
        try:
            if value.kind == "decimal" and abs(whole := int(value.v)) > BIGINT:
                return whole
            if value.kind == "raw":
                bytes.fromhex(value.v).decode()
        except UnicodeDecodeError as error:
            return error.object.decode("utf-8", "surrogateescape")
        except ValueError:
            return value  # a number with a fraction, or no bytes
    return value


def why_unfit(holds: Holds, said: object) -> str:
    """What is wrong with the value. The value itself, which may be anything, is left out."""
    if said is None:
        return "NULL, and the column is NOT NULL"
    match holds.kind:
        case "integer":
            if isinstance(said, int) and not isinstance(said, bool):
                return f"a number that is not between {holds.smallest} and {holds.limit}"
            return "not a whole number"
        case "text" | "person":
            if not isinstance(said, str):
                return "not text"
            if len(said) > holds.limit:
                return f"{len(said)} characters, and the column holds {holds.limit}"
            return "a NUL character" if "\0" in said else "text that is not Unicode"
        case "boolean":
            return "neither true nor false"
        case "time":
            return f"not a time like {FORM}"
    return "not what the column holds"

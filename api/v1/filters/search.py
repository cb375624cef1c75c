"""Search: every word must be in some of the row's texts."""

from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field

from api.v1.filters.fields import TextField
from api.v1.filters.kinds import TEXT, Text
from projections.engine.searched_texts import SearchedTexts
from projections.searching import with_exactly, with_words

LONGEST = 200
MOST_WORDS = 10
_SPACES = r"\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
SPACE, WORD = f"[{_SPACES}]", f"[^{_SPACES}]+"
r"""What separates words: Unicode's white space. Not all tools mean it by `\s`."""


WORDS = {
    **TEXT,
    "maxLength": LONGEST,
    "pattern": f"^{SPACE}*({WORD}({SPACE}+{WORD}){{0,{MOST_WORDS - 1}}})?{SPACE}*$",
}
"""The words of a search in the OpenAPI document."""


class SearchField(TextField):
    """Words, separated by white space."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": LONGEST, **kwargs})

    def clean(self, value: Any) -> list[str]:
        words = (super().clean(value) or "").split()
        if len(words) > MOST_WORDS:
            raise ValidationError(f"Search for at most {MOST_WORDS} words.", "invalid")
        return words


@extend_schema_field(WORDS)
class Search(django_filters.Filter):
    """`search=`: words that each occur in one of these columns, ignoring case."""

    field_class = SearchField

    def __init__(self, texts: SearchedTexts) -> None:
        also = " and attributes" if texts.said_here else ""
        super().__init__(label=f"Words that all occur in {', '.join(texts.columns)}{also}.")
        self.texts = texts

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return with_words(qs, self.texts, value or [])


class ExactText(Text):
    """Exactly this text, in a column without an index of its own: the search index has it."""

    def __init__(self, texts: SearchedTexts, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.texts = texts

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs if value is None else with_exactly(qs, self.texts, self.field_name, value)

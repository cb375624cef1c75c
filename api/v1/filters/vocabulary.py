"""Filters by a vocabulary: invalid words are refused, and words that no row has are explained.

A closed vocabulary is the service's own. An open one is the host's and may contain any word. There
a misspelt word finds no rows, and an empty list alone looks as if there were none.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from drf_spectacular.drainage import set_override
from rest_framework.request import Request

from api.v1.filters import fields, kinds
from projections.history.words import unheard

MOST_NAMED = 20
"""How many words of an open vocabulary a response names."""


class WordField(fields.TextField):
    """One of these words."""

    def __init__(self, words: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = words

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text is not None:
            self.refuse_unknown(text)
        return text

    def refuse_unknown(self, text: str) -> None:
        if text not in self.words:
            # As parameters: a % in the text is no place for one.
            raise ValidationError(
                "There is no %(text)s. Known: %(known)s.",
                "unknown_value",
                {"text": repr(text[:60]), "known": ", ".join(self.words)},
            )


class VocabularyField(WordField):
    """Several of these words, comma-separated."""

    def clean(self, value: Any) -> list[str] | None:
        text = fields.TextField.clean(self, value)
        if text is None:
            return None
        words = text.split(",")
        for word in words:
            self.refuse_unknown(word)
        return words


class Word(kinds.Strict, django_filters.Filter):
    """Exactly one of a closed vocabulary; the schema has it as an enum."""

    field_class = WordField

    def __init__(self, words: Iterable[str], **kwargs: Any) -> None:
        words = tuple(words)
        super().__init__(words=words, **kwargs)
        set_override(self, "field", {"type": "string", "enum": list(words)})


class AnyWord(kinds.Strict, django_filters.Filter):
    """Any of several of a closed vocabulary."""

    field_class = VocabularyField

    def __init__(self, words: Iterable[str], **kwargs: Any) -> None:
        words = tuple(words)
        super().__init__(words=words, **kwargs)
        one = f"(?:{'|'.join(word.replace('.', '[.]') for word in words)})"
        pattern = f"^{one}(?:,{one})*$"
        schema = {"type": "string", "maxLength": fields.LONGEST, "pattern": pattern}
        set_override(self, "field", schema)


def notes(view: Any, queryset: QuerySet[Any], request: Request, *, empty: bool) -> list[Any]:
    """Notes about the words of a request: see `notes_on_words`."""
    filterset = getattr(view, "filterset_class", None)
    model = queryset.model if filterset is None else filterset._meta.model
    open_words = getattr(filterset, "open_words", {})
    return notes_on_words(model, open_words, request.query_params, empty=empty)


def notes_on_words(
    model: type[Model],
    open_words: Mapping[str, str],
    asked_for: Mapping[str, str],
    *,
    empty: bool,
    search_log: bool = True,
) -> list[dict[str, Any]]:
    """Notes about the requested words that no row of this table has.

    `open_words` are the parameters with such words, and their columns. For single words only if
    the list is `empty`; for `…_in` always, because one misspelt word of several only makes the
    list shorter. Without `search_log`, it stays open whether a row ever had it.
    """
    asked_of: dict[str, list[str]] = {}
    for name in open_words:
        words = [asked_for.get(name, "")] if empty else []
        words += asked_for.get(f"{name}_in", "").split(",")
        asked_of[name] = list(dict.fromkeys(filter(None, words)))
    by_column = {column: asked_of[name] for name, column in open_words.items()}
    told_of = unheard(model, by_column, search_log=search_log)
    found: list[dict[str, Any]] = []
    for name, column in open_words.items():
        for word in asked_of[name]:
            told = told_of.get((column, word))
            if told is not None:
                found.append(
                    {
                        "parameter": name if word == asked_for.get(name) else f"{name}_in",
                        "value": word,
                        "ever": told.ever,
                        "nearest": told.nearest,
                        "values": told.words[:MOST_NAMED],
                        "detail": told.detail,
                    }
                )
    return found


NOTES = {
    "type": "array",
    "description": "Only where there is something to note: words that were asked for and that no "
    "row has.",
    "items": {
        "type": "object",
        "required": ["parameter", "value", "ever", "nearest", "values", "detail"],
        "properties": {
            "parameter": {"type": "string"},
            "value": {"type": "string"},
            "ever": {
                "type": ["boolean", "null"],
                "description": "Whether a row had it at any time, by the log; null if the log "
                "has not been searched to its end: repeat the request.",
            },
            "nearest": {"type": ["string", "null"], "description": "The most similar in use."},
            "values": {
                "type": "array",
                "items": {"type": "string"},
                "description": f"Up to {MOST_NAMED} that rows have.",
            },
            "detail": {"type": "string"},
        },
    },
}

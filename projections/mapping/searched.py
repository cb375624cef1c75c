"""The texts in which lists look for words."""

from projections.engine.searched_texts import SearchedTexts

RESTORE_TEXTS = SearchedTexts(
    ("name", "message", "target_database", "created_by_username"),
    said_here="extra",
    where=("origin", "recorded"),
)
BACKUP_TEXTS = SearchedTexts(("name", "database_name", "file_path"))

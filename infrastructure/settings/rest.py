"""Django REST framework and its OpenAPI schema."""

REST_FRAMEWORK: dict[str, object] = {}
SPECTACULAR_SETTINGS: dict[str, object] = {}
REST_MIDDLEWARE: list[str] = []

-- Which trigrams each row has, in any case; not where, and without the texts.
CREATE VIRTUAL TABLE "{table}_search"
USING fts5(texts, content = '', detail = 'none', tokenize = 'trigram')

"""Rules of the code base that no linter knows: one name has one meaning, plain wording."""

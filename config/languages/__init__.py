"""Languages of readers besides English: their words from files, and their forms from the Unicode CLDR."""

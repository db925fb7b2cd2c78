"""Texts, as they are tried."""

from __future__ import annotations

from functools import partial

import featuretools.primitives as p

from tests.parity.cases.case import Case, transform
from tests.parity.data_texts import texts

_of_texts = partial(transform, data=texts)

CASES: dict[str, Case] = {
    "num_words": _of_texts(p.NumWords),
    "num_characters": _of_texts(p.NumCharacters),
    "count_string": _of_texts(p.CountString),
    "count_string_in_its_case": _of_texts(p.CountString("The", ignore_case=False)),
    "count_string_in_words": _of_texts(p.CountString("ΑΣ", match_whole_words_only=True)),
    "count_string_between_words": _of_texts(p.CountString("-", match_whole_words_only=True)),
    "count_string_of_two_lower_cases": _of_texts(p.CountString("\u0130")),
    "count_string_of_letters": _of_texts(p.CountString("it's", ignore_non_alphanumeric=True)),
    "count_string_of_nothing": _of_texts(p.CountString("'", ignore_non_alphanumeric=True)),
    "count_string_of_letters_by_pattern": _of_texts(
        p.CountString("t[a-z]", is_regex=True, ignore_non_alphanumeric=True)
    ),
    "count_string_by_pattern": _of_texts(p.CountString(r"\w+[!?.]", is_regex=True)),
    "mean_characters_per_word": _of_texts(p.MeanCharactersPerWord),
    "median_word_length": _of_texts(p.MedianWordLength),
    "median_word_length_by_pattern": _of_texts(p.MedianWordLength(r"[\s\-.]+")),
    "median_word_length_by_dot": _of_texts(p.MedianWordLength(".")),
    "num_unique_separators": _of_texts(p.NumUniqueSeparators),
    "num_unique_separators_given": _of_texts(p.NumUniqueSeparators(["'", "\\", "é", "ab", ""])),
    "number_of_common_words": _of_texts(p.NumberOfCommonWords),
    "number_of_common_words_given": _of_texts(
        p.NumberOfCommonWords({"οδος", "kelvin", "", "it's", "Cat"}, delimiters_regex=r"\s|-")
    ),
    "number_of_hashtags": _of_texts(p.NumberOfHashtags),
    "number_of_mentions": _of_texts(p.NumberOfMentions),
    "number_of_unique_words": _of_texts(p.NumberOfUniqueWords),
    "number_of_unique_words_in_any_case": _of_texts(p.NumberOfUniqueWords(case_insensitive=True)),
    "number_of_words_in_quotes": _of_texts(p.NumberOfWordsInQuotes),
    "number_of_words_in_single_quotes": _of_texts(p.NumberOfWordsInQuotes("single")),
    "number_of_words_in_double_quotes": _of_texts(p.NumberOfWordsInQuotes("double")),
    "punctuation_count": _of_texts(p.PunctuationCount),
    "title_word_count": _of_texts(p.TitleWordCount),
    "total_word_length": _of_texts(p.TotalWordLength),
    "total_word_length_of_vowels": _of_texts(p.TotalWordLength("[^aeiou]")),
    "total_word_length_but_a_word": _of_texts(p.TotalWordLength(r"the|\d+")),
    "upper_case_count": _of_texts(p.UpperCaseCount),
    "upper_case_word_count": _of_texts(p.UpperCaseWordCount),
    "whitespace_count": _of_texts(p.WhitespaceCount),
}

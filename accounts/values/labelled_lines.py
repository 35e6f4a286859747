"""Turns of a transcription that is one string: labelled lines, and WebVTT and SRT subtitles."""

import html
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from accounts.values.plain_text import is_blank

TIME = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?!\d)){0,2}(?:[.,]\d{1,6})?(?i:[ ]?(?:[ap]\.?m\.?|min|uhr|h)(?!\w))?"
LENGTH = r"\d{1,6}(?:[.,]\d{1,6})?[ ]?(?i:ms|s|secs?|m|mins?|h|hrs?|uhr)(?![^\W\d_])"  # "1.5s", "10h30"
DATE = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
MOMENT = rf"(?:(?:{DATE},?[T ]*)?{TIME}(?:Z|[+-]\d\d:?\d\d)?|(?:{LENGTH}[ ]?)+\d*)"
MONTHS = r"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?(?=[ ]\d)"
HALF_DAYS = "[上下]午|午[前後]|오[전후]"
TAGS = r"</?(?:b|i|u|em|strong|p|span|div|li|font)(?:[ ][^<>\n]{0,80})?>"
# Before a label: a time stamp, a date, a number, or signs, such as a bullet, brackets or an emoji.
BEFORE = rf"""
    (?: {TAGS} | \d{{4}}-\d\d-\d\dT[\d:.]++(?:Z|[+-]\d\d:?\d\d)? | {TIME} | {LENGTH} | \d++[年月日時分秒]?
      | {MONTHS} | {HALF_DAYS} | [A-Za-z][.)](?=[ ]) | [^\w\n] | _ )*+
"""
CLOSED = rf"(?:[\])}}>】）］〕》`~*]|_(?!\w)|{TAGS})++"
# A label starts with a letter. Possessive quantifiers keep the time linear.
LINE = re.compile(
    rf"""
    ^{BEFORE}
    (?P<label>[^\W\d_][^\n:：﹕∶()\[\]（）【】［］<>*|\t`~]{{0,60}}?)
    (?P<closed>{CLOSED})?
    (?P<time>[ \t]*+(?:[,@|•·–—-]|at[ ])?[ \t]*+(?:\({MOMENT}\)|\[{MOMENT}\]|（{MOMENT}）|{MOMENT}))?
    (?P<note>[ \t]*[(\[（][^\n()\[\]（）]{{0,40}}[)\]）])?
    (?P<shut>{CLOSED})?
    [*_ \t]*+
    (?: (?P<colon>[:：﹕∶]++(?!//)(?<!\d[:：](?=\d)))
      | [-=]?>++ | \| | [→⇒] | (?<=[ \t])[-–—](?=[ \t]) | (?<=\t) | (?=[「『])
      | (?(closed)|(?!)) | (?(shut)|(?!)) | (?(time)|(?!)) | (?P<alone>(?=\n|\Z))
    )
    [*_`~\])}}】）］]*+(?:{TAGS})?[ \t]*+
    (?: [(\[（]{MOMENT}[)\]）] [ \t]*+ )?
    """,
    re.MULTILINE | re.VERBOSE,
)
CUE_TIME = r"(?:\d+:)?\d\d?:\d\d[.,]\d+"
# The times of a subtitle, with the settings of WebVTT. SBV separates the times by a comma.
CUE_TIMES = re.compile(
    rf"^[ \t]*{CUE_TIME}[ \t]*(?:-->|,)[ \t]*{CUE_TIME}"
    r"(?:[ \t]+(?:align|position|line|size|vertical|region):\S+)*[ \t]*"
)
VOICE = re.compile(r"<v(?:\.[^\s<>]{0,80})?[ \t]([^<>\n]{1,80})>")
TAG = re.compile(r"</?(?:[a-z][^<>\n]{0,80}|[\d:.]{1,20})>|\{\\[^{}\n]{1,40}\}")
NUMBERED = re.compile(r"\S+?[ _#-]*\d+|(?:\S+ )?[A-Z]")  # "speaker_0", "B"
MAX_READ_CHARACTERS = 300_000  # six hours of speech, or two of subtitles; each takes up to 1.3 microseconds
MAX_LABEL_WORDS = 3  # of a speaker's name
AMBIGUOUS = {"system", "model", "tool", "function", "developer", "machine"}  # "Model: BMW"
WORD_WITH_COLON = re.compile(r"(?<=[\s。！？；])[*_]{0,2}([^\W\d_]\w{0,30})(?=[*_]{0,2}[:：](?!\S?//))")
LINE_BREAK = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]|<br[ ]?/?>")


class Line(NamedTuple):
    """A line with a label. ``text`` starts at ``begin``."""

    label: str
    start: int
    begin: int
    has_colon: bool
    is_closed: bool  # by a bracket or asterisk
    is_alone: bool

    @property
    def is_certain(self) -> bool:
        """Whether this is a label even if no other line has one."""
        return (self.has_colon or self.is_closed) and self.label.casefold().split()[-1] not in AMBIGUOUS


def turns(text: str, speaker_of: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Pairs of a label and a text. The text before the first label has the label "".

    A turn starts at a line with a known label. If the known labels are only the learner's or only the
    tutor's, or if the lines look like a dialogue, other labels start a turn too. Otherwise they do not,
    because a line such as "Note: ..." is not a turn. The rest of a text after MAX_READ_CHARACTERS belongs to
    the last turn.
    """
    text, rest = text[:MAX_READ_CHARACTERS], text[MAX_READ_CHARACTERS:]
    text = _in_lines(LINE_BREAK.sub("\n", text), speaker_of)
    is_voiced = len(set(VOICE.findall(text))) > 1
    text = without_cues(text)
    lines = list(_lines(text))
    starts = _known(lines, text, speaker_of)
    known = set(starts)
    others = [line for line in lines if line in known or _may_be_a_name(line)]
    sides = {speaker_of(line.label) for line in starts}
    if len(sides) == 1 or (not sides and (is_voiced or _is_dialogue(others, text))):
        starts = others
    text += rest
    ends = [*(line.start for line in starts), len(text)]
    yield "", text[: ends[0]].strip()
    for line, end in zip(starts, ends[1:], strict=True):
        yield line.label, text[line.begin : end].strip()


def _in_lines(text: str, speaker_of: Callable[[str], str]) -> str:
    """A text of a single line that begins with a known label, with a line break before each other one."""
    first = LINE.match(text)
    if "\n" in text.strip() or not first or not first["colon"] or speaker_of(first["label"]) == "unknown":
        return text
    is_upper = first["label"][0].isupper()

    def broken(word: re.Match[str]) -> str:
        is_label = word[1][0].isupper() == is_upper and speaker_of(word[1]) != "unknown"
        return f"\n{word[0]}" if is_label else word[0]

    return text[: first.end()] + WORD_WITH_COLON.sub(broken, text[first.end() :])


def _known(lines: Sequence[Line], text: str, speaker_of: Callable[[str], str]) -> list[Line]:
    """The lines with a known label.

    Labels that occur in other texts too count only beside a label of the other speaker: those without a
    colon or brackets ("AI - the future"), those of AMBIGUOUS, and those that are alone in a line. The last
    ones count only if the whole text consists of such labels, each with a text.
    """
    known = [line for line in lines if speaker_of(line.label) != "unknown"]
    signed = [line for line in known if not line.is_alone]
    if len({speaker_of(line.label) for line in signed}) == 2:
        return signed
    if len({speaker_of(line.label) for line in known}) == 2:
        starts = [*(line.start for line in known), len(text)]
        texts = [text[line.begin : end] for line, end in zip(known, starts[1:], strict=True)]
        if is_blank(text[: starts[0]]) and not any(map(is_blank, texts)):
            return known
    return [line for line in signed if line.is_certain]


def without_cues(text: str) -> str:
    """WebVTT or SRT as labelled lines, without times, identifiers, notes and tags.

    Other text is unchanged, except that a voice tag becomes a label.
    """
    text = VOICE.sub(r"\n\1: ", text).replace("</v>", "")
    lines = text.split("\n")
    if not any(map(CUE_TIMES.match, lines)):
        return text
    kept: list[str] = []
    for block in re.split(r"\n[ \t]*\n", text):
        cue = block.strip("\n\ufeff").split("\n")
        timed = next((at for at, line in enumerate(cue) if CUE_TIMES.match(line)), None)
        if timed is not None:
            kept += _without_times(cue[timed:])
        elif not re.match(r"WEBVTT|NOTE\b|STYLE\b|REGION\b", cue[0]):
            kept += cue
    return html.unescape(TAG.sub("", "\n".join(kept)))


def _without_times(cue: Sequence[str]) -> Iterator[str]:
    """The texts of the lines of a subtitle, and of those that follow it without an empty line."""
    for line, following in zip(cue, [*cue[1:], ""], strict=True):
        if not (line.strip().isdecimal() and CUE_TIMES.match(following)):
            text = CUE_TIMES.sub("", line)
            if text or text == line:
                yield text


def _lines(text: str) -> Iterator[Line]:
    for found in LINE.finditer(text):
        label = f"{found['label']} {found['note'] or ''}".strip()
        is_closed = bool(found["closed"] or found["shut"])
        is_alone = found["alone"] is not None
        yield Line(label, found.start(), found.end(), bool(found["colon"]), is_closed, is_alone)


def _may_be_a_name(line: Line) -> bool:
    """Whether a line with an unknown label may begin a turn: a few words without punctuation, and a colon."""
    few = len(line.label.split()) <= MAX_LABEL_WORDS
    return line.has_colon and few and not re.search(r"[,;!?¿¡。，？！]|\.(?!\s)", line.label)


def _is_dialogue(lines: list[Line], text: str) -> bool:
    """Whether the text begins with a label, and two labels repeat, are numbered or look like names."""
    labels = [line.label for line in lines]
    if len(set(labels)) < 2 or not is_blank(text[: lines[0].start]):
        return False
    are_all = len(labels) == 2 == sum(not is_blank(line) for line in text.split("\n"))
    return (
        len(set(labels)) < len(labels)
        or all(map(NUMBERED.fullmatch, labels))
        or (are_all and all(label == label.title() for label in labels))
    )

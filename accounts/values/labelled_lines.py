"""Turns of a transcription that is one string: labelled lines, and WebVTT and SRT subtitles."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from accounts.values.plain_text import is_blank

TIME = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[.,]\d{1,6})?(?i:[ ]?[ap]\.?m\.?(?!\w))?"
# Before a label: a time stamp, a date, a number, or signs, such as a bullet, brackets or an emoji.
BEFORE = rf"""
    (?: \d{{4}}-\d\d-\d\dT[\d:.]++(?:Z|[+-]\d\d:?\d\d)? | {TIME} | \d++ | [^\w\n] | _ )*+
"""
# A label starts with a letter. Possessive quantifiers keep the time linear.
LINE = re.compile(
    rf"""
    ^{BEFORE}
    (?P<label>[^\W\d_][^\n:：()\[\]（）【】<>*|\t]{{0,60}}?)
    (?P<closed>(?:[\])}}>】）*]|_(?!\w))++)?
    [ \t]*+
    (?P<time>[(\[（]?{TIME}[)\]）]?)?
    (?P<note>[ \t]*[(\[（][^\n()\[\]（）]{{0,40}}[)\]）])?
    [*_ \t]*+
    (?: (?P<colon>[:：](?!//)(?<!\d[:：](?=\d)))
      | [>|] | (?<=[ \t])[-–—](?=[ \t]) | (?<=\t)
      | (?(closed)|(?!)) | (?(time)|(?!))
    )
    [*_]*+[ \t]*+
    """,
    re.MULTILINE | re.VERBOSE,
)
CUE_TIMES = re.compile(r"^[ \t]*(?:\d+:)?\d\d?:\d\d[.,]\d+[ \t]*-->.*$")
VOICE = re.compile(r"<v(?:\.[^\s<>]{0,80})?[ \t]([^<>\n]{1,80})>")
TAG = re.compile(r"</?(?:[a-z][^<>\n]{0,80}|[\d:.]{1,20})>")
NUMBERED = re.compile(r"\S+?[ _#-]*\d+|(?:\S+ )?[A-Z]")  # "speaker_0", "B"
MAX_LABEL_WORDS = 3  # of a speaker's name


class Line(NamedTuple):
    """A line with a label. ``text`` starts at ``begin``."""

    label: str
    start: int
    begin: int
    has_colon: bool


def turns(text: str, speaker_of: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Pairs of a label and a text. The text before the first label has the label "".

    A turn starts at a line with a known label. If the known labels are only the learner's or only the
    tutor's, or if the lines look like a dialogue, other labels start a turn too. Otherwise they do not,
    because a line such as "Note: ..." is not a turn.
    """
    is_voiced = len(set(VOICE.findall(text))) > 1
    text = without_cues(text)
    lines = list(_lines(text))
    starts = [line for line in lines if speaker_of(line.label) != "unknown"]
    others = [line for line in lines if line in starts or _may_be_a_name(line)]
    sides = {speaker_of(line.label) for line in starts}
    if len(sides) == 1 or (not sides and (is_voiced or _is_dialogue(others, text))):
        starts = others
    ends = [*(line.start for line in starts), len(text)]
    yield "", text[: ends[0]].strip()
    for line, end in zip(starts, ends[1:], strict=True):
        yield line.label, text[line.begin : end].strip()


def without_cues(text: str) -> str:
    """WebVTT or SRT as labelled lines, without times, identifiers, notes and tags.

    Other text is unchanged, except that a voice tag becomes a label.
    """
    text = VOICE.sub(r"\n\1: ", text.replace("\r\n", "\n")).replace("</v>", "")
    lines = text.split("\n")
    if not any(map(CUE_TIMES.match, lines)):
        return text
    kept: list[str] = []
    for block in re.split(r"\n[ \t]*\n", text):
        cue = block.strip("\n\ufeff").split("\n")
        timed = next((at for at, line in enumerate(cue) if CUE_TIMES.match(line)), None)
        if timed is not None:
            kept += cue[timed + 1 :]
        elif not re.match(r"WEBVTT|NOTE\b|STYLE\b|REGION\b", cue[0]):
            kept += cue
    return TAG.sub("", "\n".join(kept))


def _lines(text: str) -> Iterator[Line]:
    for found in LINE.finditer(text):
        label = f"{found['label']} {found['note'] or ''}".strip()
        yield Line(label, found.start(), found.end(), bool(found["colon"]))


def _may_be_a_name(line: Line) -> bool:
    """Whether a line with an unknown label may begin a turn: a few words without punctuation, and a colon."""
    few = len(line.label.split()) <= MAX_LABEL_WORDS
    return line.has_colon and few and not re.search(r"[,;!?¿¡。，？！]|\.(?!\s)", line.label)


def _is_dialogue(lines: list[Line], text: str) -> bool:
    """Whether the text begins with a label, and at least two labels alternate or are numbered."""
    labels = [line.label for line in lines]
    if len(set(labels)) < 2 or not is_blank(text[: lines[0].start]):
        return False
    return len(set(labels)) < len(labels) or all(map(NUMBERED.fullmatch, labels))

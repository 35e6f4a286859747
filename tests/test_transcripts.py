"""Speakers and texts of every form of transcription."""

import unicodedata
from typing import Any

import pytest

from accounts.values.labelled_lines import MAX_READ_CHARACTERS
from accounts.values.transcripts import Turn, all_speakers_are_unknown, turns_of
from tests.fixtures.cases import document_of


def speakers_of(transcription: Any, name: str = "Ana") -> list[tuple[str, str]]:
    return [(turn.speaker[0], turn.text) for turn in turns_of(transcription, learner_name=name)]


@pytest.mark.parametrize(
    ("transcription", "turns"),
    [
        ("User: Hola.\nAI: ¿Qué tal?\nUser: Bien.", [("l", "Hola."), ("t", "¿Qué tal?"), ("l", "Bien.")]),
        ("  STUDENT : Hola.\n\nTutor:¿Y tú?", [("l", "Hola."), ("t", "¿Y tú?")]),
        ("user:你好\nassistant:你好!", [("l", "你好"), ("t", "你好!")]),
        ("Ana: Hola.\nAI: Hola.", [("l", "Hola."), ("t", "Hola.")]),
        ("Hola, ¿qué tal?", [("l", "Hola, ¿qué tal?")]),
        ("Note: a colon is no label.", [("l", "Note: a colon is no label.")]),
        ("AI: Hola.", [("t", "Hola.")]),
        ("ＡＩ：Hola\nＵser: Bien", [("t", "Hola"), ("l", "Bien")]),
        ("Tutor: Hola\nYou: Bien\nTutor: ¿Y?", [("t", "Hola"), ("l", "Bien"), ("t", "¿Y?")]),
        ("AI: Hola\nAna María: Bien", [("t", "Hola"), ("l", "Bien")]),
        ("Before.\nUser: Hola.", [("u", "Before."), ("l", "Hola.")]),
        (
            {"messages": [{"role": "user", "text": "Hola."}, {"role": "assistant", "text": "¿Sí?"}]},
            [("l", "Hola."), ("t", "¿Sí?")],
        ),
        (
            {"segments": [{"speaker": "ana ", "text": "Hola."}, {"speaker": "Eva", "text": "¿Sí?"}]},
            [("l", "Hola."), ("u", "¿Sí?")],
        ),
        (
            {"segments": [{"speaker": "speaker_0", "text": "Hola."}, {"speaker": "Tutor", "text": "¿Sí?"}]},
            [("l", "Hola."), ("t", "¿Sí?")],
        ),
        ({"messages": [{"role": "user", "text": " "}], "full_text": "Adiós"}, []),
        (
            {"segments": [{"speaker": name, "text": name} for name in ("Eva", "Tutor", "Bob")]},
            [("l", "Eva"), ("t", "Tutor"), ("l", "Bob")],
        ),
        ({}, []),
        ("AI: A\nAna María López: B", [("t", "A"), ("l", "B")]),
        ("AI: A\nBut he told me: B", [("t", "A\nBut he told me: B")]),
        ("<v Eva>A\nNote: B\nList: C", [("l", "Eva: A\nNote: B\nList: C")]),  # one voice
        ({"messages": [], "full_text": "User: Adiós"}, [("l", "Adiós")]),
        ({"full_text": "Adiós"}, [("l", "Adiós")]),
    ],
)
def test_speakers_are_recognised_in_every_form(transcription: Any, turns: list[tuple[str, str]]) -> None:
    assert speakers_of(transcription) == turns


def test_the_learners_given_name_is_enough() -> None:
    said = {"segments": [{"speaker": "Eva", "text": "¿Sí?"}, {"speaker": "ANA", "text": "Hola"}]}
    assert speakers_of(said, "Ana López") == [("u", "¿Sí?"), ("l", "Hola")]
    assert speakers_of(said, "López Ana") == [("u", "¿Sí?"), ("u", "Hola")]


def test_an_empty_learner_name_does_not_match_an_empty_label() -> None:
    assert turns_of({"segments": [{"speaker": "", "text": "Hola"}]}) == [Turn("learner", "Hola")]
    segments = [{"speaker": "", "text": "Hola"}, {"speaker": "user", "text": "Adiós"}]
    assert [turn.speaker for turn in turns_of({"segments": segments})] == ["unknown", "learner"]


@pytest.mark.parametrize("name", ["Ai", "Coach", " bot "])
def test_a_tutor_label_is_the_tutor_even_if_it_is_the_learners_name(name: str) -> None:
    messages = [{"role": "ai", "text": "Hola"}, {"role": "user", "text": "Bien"}]
    transcription = {"messages": [*messages, {"role": name, "text": "¿Sí?"}]}
    assert speakers_of(transcription, name) == [("t", "Hola"), ("l", "Bien"), ("t", "¿Sí?")]


@pytest.mark.parametrize("name", ["Jean-Pierre", "O'Brien", "अनीता", "José", "Dr. Ana  López", "王小明"])
def test_a_learner_is_recognised_by_any_spelling_of_the_name(name: str) -> None:
    for written in (name, unicodedata.normalize("NFD", name), name.upper(), f" {name} "):
        assert speakers_of(f"AI: Hola\n{written}: Bien\nEva: ¿Y?", name) == [
            ("t", "Hola"),
            ("l", "Bien\nEva: ¿Y?"),
        ]


@pytest.mark.parametrize("case", document_of("transcripts.json"))
def test_turns_of_transcriptions_met_in_use(case: dict[str, Any]) -> None:
    found = turns_of(case["transcription"], learner_name="Ana")
    assert [[turn.speaker, turn.text] for turn in found] == case["turns"]


LABELS = [
    *(
        "[00:01] {}: {}",
        "(0:01:02.345) {}: {}",
        "00:01 {}: {}",
        "12:01 PM - {}: {}",
        "2026-01-31T10:00:00Z {}: {}",
    ),
    *("[2026-01-31 10:00:00] {}: {}", "12/03/2026, 10:15 - {}: {}", "[12.03.26, 10:15:32 a.m.] {}: {}"),
    *("* {}: {}", "• {}: {}", "– {}: {}", "1. {}: {}", "2) {}: {}", "> {}: {}", "### {}: {}", "🤖 {}: {}"),
    *("**{}**: {}", "**{}:** {}", "__{}__: {}", "*{}:* {}", "- **{}:** {}", "1. [00:01] **{}:** {}"),
    *("({}): {}", "<{}> {}", "[{}] {}", "【{}】：{}", "{} [00:01]: {}", "{} 00:01: {}", "{} (0:01 pm): {}"),
    *("{}  0:01\n{}", "{} [12:01]\n{}", "{} – {}", "{}\t{}", "{} > {}", "\ufeff{}: {}", "<v.loud {}>{}</v>"),
    *("{}:{}", "{} :\n{}", "{} (x): {}"),
    *(
        "[1.5s] {}: {}",
        "(1m 2s) {}: {}",
        "10h30 - {}: {}",
        "[Jan 31, 10:00] {}: {}",
        "上午10:15 {}：{}",
        "a) {}: {}",
    ),
    *(
        "{}, 0:01: {}",
        "{} at 10:00: {}",
        "{} - 00:01:02.500: {}",
        "{} [2026-01-31 10:00] {}",
        "[{}, 00:01] {}",
    ),
    *(
        "{}: [00:01] {}",
        "[{}:] {}",
        "`{}`: {}",
        "`{}:` {}",
        "~{}~: {}",
        "<b>{}:</b> {}",
        "<strong>{}</strong>: {}",
    ),
    *(
        '"{}": {}',
        "“{}”: {}",
        "「{}」：{}",
        "［{}］{}",
        "〔{}〕{}",
        "{} 🤖: {}",
        "{}﹕{}",
        "{} → {}",
        "{} => {}",
    ),
    *("{}\n{}", "## {}\n{}", "{} 12s: {}", "{}: {}<br>", "[0:01 --> 0:02] {}: {}"),
]


@pytest.mark.parametrize("line_break", ["\r", "\r\n", "\v", "\x85", "\u2028", "\u2029", "<br>", "<br />"])
def test_every_line_break_separates_turns(line_break: str) -> None:
    assert speakers_of(f"Tutor: Hola{line_break}User: Bien") == [("t", "Hola"), ("l", "Bien")]


@pytest.mark.parametrize(
    ("said", "turns"),
    [
        (
            "Tutor: ¿Y? User: Las 10:30. Tutor: Sí",
            [("t", "¿Y?"), ("l", "Las 10:30."), ("t", "Sí")],
        ),
        ("老师：你好。学生：您好", [("t", "你好。"), ("l", "您好")]),
        ("**User:** Hola **Tutor:** Sí", [("l", "Hola"), ("t", "Sí")]),
        ("1) Me: hi", [("l", "hi")]),
        ("User: Hola **Nota:** sí", [("l", "Hola **Nota:** sí")]),
        ("Tutor: Repeat: user: hello", [("t", "Repeat: user: hello")]),
        ("I told my Teacher: hello", [("l", "I told my Teacher: hello")]),
    ],
)
def test_turns_in_one_line_are_separated(said: str, turns: list[tuple[str, str]]) -> None:
    assert speakers_of(said) == turns


@pytest.mark.parametrize("form", LABELS)
def test_labels_are_recognised_among_signs_and_times(form: str) -> None:
    pairs = [("Tutor", "Hola, ¿a las 10:30?"), ("USER", "No: a las 11"), ("Tutor", "Bien"), ("User", "Sí")]
    said = "\n".join(form.format(*pair) for pair in pairs)
    assert speakers_of(said) == [(label[0].lower().replace("u", "l"), text) for label, text in pairs]


@pytest.mark.parametrize(
    ("tutor", "learner"),
    [
        ("Professeur", "Élève"),
        ("Professeur", "Eleve"),
        ("LEHRERIN", "Schüler"),
        ("Insegnante", "Studentessa"),
        ("Учитель", "Ученик"),
        ("Öğretmen", "Öğrenci"),
        ("先生", "学生"),
        ("AI老师", "我"),
        ("선생님", "학생"),
        ("المعلم", "الطالب"),
        ("शिक्षक", "छात्र"),
        ("ครู", "นักเรียน"),
        ("מורה", "תלמיד"),
        ("AI Tutor", "the student"),
        ("ai_agent", "User (Ana)"),
        ("Sofía (tutor)", "ana"),
        ("voice-assistant", "Me"),
        *(
            ("AI language tutor", "Language learner"),
            ("Tutor de IA", "El usuario"),
            ("Profesor/a", "Alumno/a"),
        ),
        *(("L'insegnante", "Lo studente"), ("L’assistant", "L’étudiant"), ("Sprachlehrer", "Sprachschüler")),
        *(
            ("المدرّس", "الطّالب"),
            ("המורה", "התלמיד"),
            ("外教", "同学"),
            ("AI先生", "わたし"),
            ("교수님", "수강생"),
        ),
        *(
            ("Thầy", "Em"),
            ("Guro", "Mag-aaral"),
            ("Mwalimu", "Mwanafunzi"),
            ("Učitelj", "Učenik"),
            ("Tanár", "Én"),
        ),
        *(("শিক্ষক", "ছাত্র"), ("ஆசிரியர்", "மாணவர்"), ("Mokytojas", "Mokinys"), ("მასწავლებელი", "მოსწავლე")),
        *(
            ("My English tutor", "Il mio studente"),
            ("Meine KI-Lehrerin", "Mon élève"),
            ("Tuteur d’IA", "El yo"),
        ),
        *(("Tutor 1", "Student 1"), ("GPT-4o", "Caller"), ("مربی", "زبان‌آموز"), ("*Tutor*", "<User>")),
    ],
)
def test_labels_of_many_languages_are_recognised(tutor: str, learner: str) -> None:
    segments = [{"speaker": tutor, "text": "A"}, {"speaker": learner, "text": "B"}]
    for said in (f"{tutor}: A\n{learner}: B", {"segments": segments}):
        assert speakers_of(said) == [("t", "A"), ("l", "B")]


@pytest.mark.parametrize(
    "said",
    [
        "Speaker 1: A\nSpeaker 2: B",
        "A: A\nB: B",
        "Eva: A\nBob: B\nEva: C",
        "Eva: A\nBob: B",
        "小明：A\n小红：B",
        "User 1: A\nUser 2: B",
        "<v Eva>A\n<v Bob>B",
        {"full_text": "SPEAKER_00: A\nSPEAKER_01: B"},
        {"messages": [{"role": "Eva", "text": "A"}, {"role": "Bob", "text": "B"}]},
    ],
)
def test_nobody_is_judged_if_no_speaker_is_recognised(said: Any) -> None:
    found = turns_of(said, learner_name="Ana")
    assert {turn.speaker for turn in found} == {"unknown"} and all_speakers_are_unknown(found)


@pytest.mark.parametrize(
    "said",
    [
        "Note: milk, bread",
        "I said: hello\nThen we left",
        "At 10:30 we left. See http://user.example/ai",
        "My plan: to learn\nNote: I like cats: two",
        "You are right",
        "AI - the future",
        "You > me",
        *(f"{word}: BMW\nwith four wheels" for word in ("Model", "Tool", "System", "Machine")),
        *(f"My {word}: it is new" for word in ("function", "developer")),
        "Who is he?\nMe\nAnd you?",
        "My jobs:\nTeacher\nStudent",
        "Teacher\nStudent\nDoctor",
        "The model: it is new",
        "Breakfast: eggs\nLunch: rice\nDinner: soup",
        "1. Milk\n2. Bread",
    ],
)
def test_a_text_without_labels_is_the_learners(said: str) -> None:
    assert speakers_of(said) == [("l", said)]


@pytest.mark.parametrize("line", ["User: A\n", "用户：A\n", "Tutor: Hi\nUser: A\n"])
def test_the_rest_of_a_very_long_text_belongs_to_its_last_turn(line: str) -> None:
    said = "Tutor: Hi\n" + line * (MAX_READ_CHARACTERS // len(line) + 1) + line * 3
    kept = [turn.text for turn in turns_of(said)]
    assert kept[-1].startswith(("A", "Hi")) and kept[-1].count("A") > 3
    assert not any("\n" in text for text in kept[:-1])
    assert sum(text.count("A") for text in kept) == said.count("A")


def test_other_labels_are_not_the_learners_if_only_the_learner_is_known() -> None:
    assert speakers_of("User: Hola\nSofía: ¿Qué tal?\nUser: Bien") == [
        ("l", "Hola"),
        ("u", "¿Qué tal?"),
        ("l", "Bien"),
    ]

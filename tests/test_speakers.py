"""The speaker of one label, without the other labels of a transcript."""

import pytest

from accounts.values.speakers import speaker_of

LABELS = {
    "learner": """User | Alumno/a | Lernende/r | étudiant·e | Usuario/-a | Schüler*in | Language learner
        | My English student | Il mio studente | Estudiante virtual | Eva (student) | (x) User""",
    "tutor": """TUTOR | Profesor/a | Lehrer*in | the voice assistant | my AI language tutor
        | your German coach | Meine KI-Lehrerin | Tuteur d’IA | Assistant du cours | Profesor de ia
        | Tutor online | Tutor vocal | Tuteur virtuel | Tutor virtuale | Sofía [tutor]
        | the English language tutor | Language voice assistant | Il mio AI tutor | Der KI Tutor
        | Tutor da IA | Professor do curso | Tutor (Eva) | Tutor 1 | tutor2 | Tutor b""",
    "unknown": """Eva | ! | 1 | profesor/abcde | Virtual Eva | Tutor of my dear friend | Eva my tutor
        | Student 1""",
}
ONES = [(label.strip(), speaker) for speaker, labels in LABELS.items() for label in labels.split("|")]
LONG = [("user" + " " * 76 + "x", "learner"), ("user" + " " * 75 + "x", "unknown")]  # 80 characters count


@pytest.mark.parametrize(("label", "speaker"), [("", "unknown"), *ONES, *LONG])
def test_a_label_names_its_speaker(label: str, speaker: str) -> None:
    assert speaker_of(label) == speaker


@pytest.mark.parametrize(
    ("label", "name", "speaker"),
    [
        *(("Ana", "Ana López", "learner"), ("ana lopez", "Ana López", "learner"), ("AI", "Ai", "tutor")),
        *(("López", "Ana López", "unknown"), ("Eva (Ana)", "Ana López", "learner")),
        *(("", "", "unknown"), ("Ana", "", "unknown"), ("", "Ana", "unknown")),
    ],
)
def test_the_learners_name_is_a_label_of_the_learner(label: str, name: str, speaker: str) -> None:
    assert speaker_of(label, learner_name=name) == speaker

"""The speaker of a label such as "AI tutor", "Estudiante" or "老师"."""

import re
from typing import Literal

from accounts.values import search_text

MAX_LABEL_LENGTH = 80
NOTE = re.compile(r"[(\[{<](.*?)[)\]}>]")  # "Ana (student)"

# Roles of OpenAI's messages, and what people write, in the languages with the most learners.
LEARNER_LABELS = """\
user, learner, student, me, you, human, pupil, you said
usuario, usuaria, estudiante, alumno, alumna, aprendiz, yo, tú
utilisateur, utilisatrice, étudiant, étudiante, élève, apprenant, apprenante, moi, vous
benutzer, benutzerin, nutzer, nutzerin, lernende, lernender, lerner, schüler, schülerin, studentin, ich
utente, studente, studentessa, allievo, allieva, alunno, alunna, io
usuário, usuária, utilizador, utilizadora, estudante, aluno, aluna, eu, você
gebruiker, leerling, cursist, ik, användare, elev, jag, bruger, bruker, jeg, käyttäjä, opiskelija, oppilas
użytkownik, uczeń, uczennica, studentka, uživatel, žák, žákyně, felhasználó, diák, tanuló, utilizator, cursant
пользователь, ученик, ученица, учащийся, студент, студентка, я, користувач, учень, учениця
χρήστης, μαθητής, μαθήτρια, φοιτητής, φοιτήτρια, εγώ, kullanıcı, öğrenci
用户, 用戶, 使用者, 学生, 學生, 学员, 學員, 学习者, 學習者, 我, 你
ユーザー, ユーザ, 生徒, 学習者, 私, 사용자, 유저, 학생, 학습자, 나, 저
المستخدم, مستخدم, الطالب, طالب, الطالبة, طالبة, المتعلم, متعلم, التلميذ, أنا, کاربر
دانش‌آموز, دانشجو, زبان‌آموز
משתמש, תלמיד, תלמידה, סטודנט, סטודנטית, אני, उपयोगकर्ता, छात्र, छात्रा, विद्यार्थी, शिक्षार्थी, मैं
người dùng, học viên, học sinh, sinh viên, tôi, ผู้ใช้, นักเรียน, ผู้เรียน, นักศึกษา
pengguna, siswa, murid, pelajar, saya"""
TUTOR_LABELS = """\
assistant, ai, tutor, teacher, system, bot, model, coach, developer, tool, function, agent, chatbot, chatgpt
gpt, instructor, professor, trainer, mentor, examiner, interviewer, machine, robot, openai, chatgpt said
profesor, profesora, profe, maestro, maestra, tutora, docente, asistente, agente, ia
professeur, professeure, prof, enseignant, enseignante, tuteur, tutrice, formateur, formatrice, assistante
lehrer, lehrerin, tutorin, assistent, assistentin, dozent, dozentin, trainerin, lehrkraft, ki
insegnante, professore, professoressa, tutore, assistente, professora, leraar, lerares, docent, leerkracht
lärare, handledare, lærer, opettaja, avustaja, tekoäly
nauczyciel, nauczycielka, lektor, lektorka, asystent, asystentka, korepetytor, učitel, učitelka
asistent, asistentka, tanár, tanárnő, asszisztens, profesoară, öğretmen, asistan, hoca, yapay zeka
учитель, учительница, преподаватель, преподавательница, репетитор, тьютор, ассистент, помощник, бот, ии
вчитель, вчителька, викладач, викладачка, асистент, помічник, ші
δάσκαλος, δασκάλα, καθηγητής, καθηγήτρια, βοηθός
老师, 老師, 教师, 教師, 导师, 導師, 教练, 教練, 助手, 助理, 机器人, 機器人, 系统, 系統, ai老师, ai老師, ai助手
先生, 講師, アシスタント, チューター, コーチ, ボット, 선생님, 선생, 교사, 강사, 튜터, 어시스턴트, 코치
챗봇, 봇
المعلم, معلم, المعلمة, معلمة, المدرس, مدرس, المدرسة, الأستاذ, أستاذ, الأستاذة, المساعد, مساعد, استاد, دستیار
מורה, עוזר, עוזרת, शिक्षक, शिक्षिका, अध्यापक, अध्यापिका, सहायक, ट्यूटर
giáo viên, gia sư, trợ lý, ครู, อาจารย์, ผู้ช่วย, ติวเตอร์, guru, pengajar, asisten"""

Speaker = Literal["learner", "tutor", "unknown"]


def folded(label: str) -> str:
    """The label in the form that search compares, with one blank for underscores and blanks."""
    return " ".join(search_text.plain(label[:MAX_LABEL_LENGTH].replace("_", " ")).split())


def _index() -> dict[str, Speaker]:
    """The speaker of each folded label."""
    index: dict[str, Speaker] = {}
    speakers: tuple[tuple[str, Speaker], ...] = ((LEARNER_LABELS, "learner"), (TUTOR_LABELS, "tutor"))
    for labels, speaker in speakers:
        index |= dict.fromkeys(map(folded, labels.replace("\n", ", ").split(", ")), speaker)
    return index


INDEX = _index()


def speaker_of(label: str, *, learner_name: str = "") -> Speaker:
    """The speaker of a label: by the label, its last word, a note in brackets, or the learner's name.

    A tutor's label is the tutor's even if it is the learner's name.
    """
    name, outside = folded(learner_name), folded(NOTE.sub(" ", label))
    forms = [folded(label), outside, *map(folded, NOTE.findall(label))]
    if len(words := outside.split()) == 2:
        forms.append(words[1])
    for form in forms:
        if form in INDEX:
            return INDEX[form]
        if form and form == name:
            return "learner"
    return "unknown"

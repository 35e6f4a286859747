"""The speaker of a label such as "AI tutor", "Estudiante" or "老师"."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Literal

from accounts.values.search_text import plain

MAX_LABEL_LENGTH = 80  # the rest is not read: the patterns below take quadratic time
GENDER = re.compile(r"(?<=\w)[/*·]-?\w{1,4}\b")  # "profesor/a", "Lernende/r"
NUMBER = re.compile(r" ?(?:\d+|\b[a-z])$")  # "Tutor 1". Two numbered learners may be a tutor and a learner.
# Words beside the noun of a label.
QUALIFIERS = {
    *("the", "my", "your", "ai", "ki", "ia", "ии", "language", "voice", "virtual", "conversation"),
    *("english", "spanish", "french", "german", "online", "vocal", "virtuale", "virtuel"),
    *("de", "di", "do", "du", "da", "d", "el", "la", "il", "lo", "le", "l", "der", "die", "das"),
    *("mein", "meine", "mi", "tu", "mio", "mon", "ma"),
}
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
pengguna, siswa, murid, pelajar, saya, aku, mag aaral, mwanafunzi
guest, caller, customer, candidate, interviewee, test taker, usuari, estudiant, alumne, ikaslea, minä
sprachschüler, sprachschülerin, deelnemer, gij, jij, uczestnik, žiak, žiačka, študent, én, učenik, učenica
ученичка, слушатель, mokinys, skolēns, õpilane, nemandi, nxënës
同学, 同學, 受講生, 受講者, 僕, わたし, わたくし, ぼく, あなた, 수강생, 본인
متعلّمة, التلميذة, انا, من, شاگرد, زبان آموز, دانش آموز, طالب علم, התלמיד, התלמידה, לומד, לומדת
ছাত্র, ছাত্রী, শিক্ষার্থী, আমি, மாணவர், విద్యార్థి, ਵਿਦਿਆਰਥੀ, વિદ્યાર્થી, विद्यार्थिनी, വിദ്യാർത്ഥി
ฉัน, ผม, ดิฉัน, աշակերտ, ուսանող, მოსწავლე, სტუდენტი, оқушы, şagird, tələbə, oʻquvchi"""
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
giáo viên, gia sư, trợ lý, ครู, อาจารย์, ผู้ช่วย, ติวเตอร์, guru, pengajar, asisten
partner, conversation partner, interlocutor, native speaker, host, guru, guro, mwalimu, cikgu
gpt 4o, gpt realtime, gpt 4, gpt 5, interlocuteur, interlocutrice, interlocutora
sprachlehrer, sprachlehrerin, deutschlehrer, englischlehrer, juf, meester, läraren, læreren, učiteľ, učiteľka
učitelj, učiteljica, nastavnik, учител, учителка, наставник, наставница, mestre, irakaslea
mokytojas, mokytoja, skolotājs, skolotāja, õpetaja, kennari, mësues, mësuese, müəllim, oʻqituvchi, мұғалім
外教, 人工智能, 智能助手, 家教, 教授, 輔導員, 辅导员, 助教, ai先生, ai教師, 家庭教師, 教員, 교수님, 교수
مربی, معلّم, مدرّسة, معلّمة, ذكاء اصطناعي, מורה פרטי, המורה, מדריך, गुरु, गुरुजी, अध्यापिका
শিক্ষক, শিক্ষিকা, ஆசிரியர், ఉపాధ్యాయుడు, ਅਧਿਆਪਕ, શિક્ષક, അധ്യാപകൻ, thầy, cô, thầy giáo, cô giáo
ուսուցիչ, მასწავლებელი"""

Speaker = Literal["learner", "tutor", "unknown"]


def folded(label: str) -> str:
    """The label in a form that ignores case, accents, width, punctuation, symbols and repeated blanks."""
    kept = (
        " " if unicodedata.category(sign)[0] in "PS" else sign for sign in plain(label[:MAX_LABEL_LENGTH])
    )
    return " ".join("".join(kept).split())


@cache
def index() -> dict[str, Speaker]:
    """The speaker of each folded label; computed at the first call in 40 ms."""
    found: dict[str, Speaker] = {}
    speakers: tuple[tuple[str, Speaker], ...] = ((LEARNER_LABELS, "learner"), (TUTOR_LABELS, "tutor"))
    for labels, speaker in speakers:
        found |= dict.fromkeys(map(folded, labels.replace("\n", ", ").split(", ")), speaker)
    return found


def speaker_of(label: str, *, learner_name: str = "") -> Speaker:
    """The speaker of a label: by the label, its main word, a note in brackets, or the learner's name.

    Of a long label, the first MAX_LABEL_LENGTH characters count. The first word of the name is enough: a
    learner "Ana López" is often "Ana" in a transcript.
    A tutor's label is the tutor's even if it is the learner's name.
    """
    label = label[:MAX_LABEL_LENGTH]
    name, outside = folded(learner_name), folded(NOTE.sub(" ", GENDER.sub("", label)))
    given_name = name.split()[0] if " " in name else name
    forms = [folded(label), outside, *map(folded, NOTE.findall(label)), *_main_words(outside.split())]
    for form in forms:
        if form in index():
            return index()[form]
        if form and form in (name, given_name):
            return "learner"
    return "tutor" if index().get(NUMBER.sub("", outside)) == "tutor" else "unknown"


def _main_words(words: list[str]) -> Iterator[str]:
    """The noun of a label of several words: "AI language tutor", "tutor de IA"."""
    while len(words) > 2 and words[0] in QUALIFIERS:
        words = words[1:]
    if len(words) == 2:
        yield words[1]
    if 2 <= len(words) <= 3 and words[1] in QUALIFIERS:
        yield words[0]

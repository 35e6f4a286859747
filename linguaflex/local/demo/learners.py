"""The demo learners and their conversations."""

from linguaflex.local.demo.english import EIGHT_WEEKS
from linguaflex.local.demo.shapes import DemoUser, Practice

LEARNERS = (
    DemoUser(
        "ana@example.com",
        "Ana Lindqvist",
        "a learner of Spanish and Japanese",
        {
            "native_language": "English",
            "learning_languages": ["Spanish", "Japanese"],
            "timezone": "Europe/Stockholm",
            "city": "Stockholm",
            "country": "Sweden",
        },
        (
            Practice(
                9,
                "Introducing yourself",
                "Spanish",
                "practice",
                8,
                (
                    ("user", "Hola, me llamo Ana y soy de Suecia."),
                    ("assistant", "¡Encantado, Ana! ¿A qué te dedicas?"),
                    ("user", "Yo soy enfermera. Trabajo en la noche."),
                ),
                {
                    "grammar_score": 74,
                    "pronunciation_score": 81,
                    "areas_for_improvement": ["por and para", "rolled r"],
                    "suggested_next_topics": ["Your working day"],
                },
            ),
            Practice(
                3,
                "Ordering in a restaurant",
                "español",
                "conversation",
                14,
                (
                    ("user", "Una mesa para dos, por favor."),
                    ("assistant", "Claro. ¿Prefieren dentro o en la terraza?"),
                    ("user", "En la terraza, si hay sitio."),
                ),
                {
                    "grammar_score": 86,
                    "pronunciation_score": 83,
                    "vocabulary_usage": "Natural restaurant vocabulary.",
                    "confidence_level": "Growing",
                    "areas_for_improvement": ["por and para"],
                    "suggested_next_topics": ["Complaining politely", "Paying the bill"],
                },
            ),
            Practice(
                1,
                "駅までの道",
                "Japanese",
                "lesson",
                21,
                (
                    ("assistant", "駅はどこですか。聞いてみましょう。"),
                    ("user", "すみません、駅はどこですか。"),
                    ("assistant", "まっすぐ行って、右に曲がってください。"),
                ),
                {
                    "grammar_score": 69,
                    "areas_for_improvement": ["particles に and で"],
                    "suggested_next_topics": ["Asking for directions again"],
                },
            ),
        ),
    ),
    DemoUser(
        "kenji@example.com",
        "Kenji Mori",
        "a learner of English for eight weeks, with flashcards",
        {
            "native_language": "Japanese",
            "learning_languages": ["English", "Mandarin"],
            "timezone": "Asia/Tokyo",
        },
        (
            Practice(
                2,
                "天气",
                "Mandarin",
                "vocabulary",
                10,
                (("assistant", "今天天气怎么样？"), ("user", "今天下雨，很冷。")),
                {"grammar_score": 90, "areas_for_improvement": ["tones"]},
            ),
            *EIGHT_WEEKS,
        ),
    ),
    DemoUser(
        "leila@example.com",
        "Leïla Haddad",
        "a learner of German, new here",
        {
            "native_language": "French",
            "learning_languages": ["German"],
            "timezone": "Europe/Paris",
            "city": "Lyon",
            "country": "France",
        },
    ),
)

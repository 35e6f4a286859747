"""The demo teachers and their gigs."""

from linguaflex.local.demo.shapes import DemoUser, Offer

TEACHERS = (
    DemoUser(
        "tomas@example.com",
        "Tomás Rivera",
        "a teacher of Spanish",
        {"native_language": "Spanish", "timezone": "America/Bogota", "city": "Bogotá", "country": "Colombia"},
        teaching={
            "headline": "Spanish as it is spoken in Bogotá",
            "about": "Ten years of patient conversation with beginners.",
            "qualification": "M.A. in applied linguistics",
            "experience_years": 10,
            "certificates": ["DELE examiner"],
            "is_verified": True,
            "currency": "USD",
        },
        gigs=(
            Offer(
                "First steps in Spanish", "Spanish", "12.00", 45, ("beginner",), "Greetings to past tense."
            ),
            Offer("Spanish for travel", "Spanish", "15.00", 60, ("travel",), "Hotels, buses, markets."),
            Offer("Business Spanish", "Spanish", "28.00", 60, ("business", "advanced"), "Meetings and mail."),
        ),
    ),
    DemoUser(
        "lucia@example.com",
        "Lucía Fernández",
        "a teacher of Spanish",
        {"native_language": "Spanish", "timezone": "Europe/Madrid", "city": "Sevilla", "country": "Spain"},
        teaching={
            "headline": "Pronunciation and confidence",
            "about": "We read aloud, record and listen again.",
            "experience_years": 4,
            "currency": "EUR",
        },
        gigs=(
            Offer(
                "The rolled r, at last", "español", "18.00", 30, ("pronunciation",), "One sound, many games."
            ),
            Offer("DELE B2 in eight weeks", "español", "24.50", 60, ("exam", "DELE"), "With mock exams."),
        ),
    ),
    DemoUser(
        "yuki@example.com",
        "Yuki Tanaka (田中 由紀)",
        "a teacher of Japanese",
        {"native_language": "Japanese", "timezone": "Asia/Tokyo", "city": "京都", "country": "Japan"},
        teaching={
            "headline": "日本語を楽しく / Japanese with joy",
            "about": "Small steps, every day.",
            "qualification": "Certified teacher of Japanese",
            "experience_years": 7,
            "is_verified": True,
            "currency": "JPY",
        },
        gigs=(
            Offer(
                "Hiragana in a week",
                "Japanese",
                "2000.00",
                30,
                ("beginner", "writing"),
                "Seven short lessons.",
            ),
            Offer("JLPT N3 grammar", "Japanese", "3500.00", 60, ("exam", "grammar"), "All of N3, in order."),
            Offer("会話の練習", "日本語", "3000.00", 45, ("conversation",), "Free talk, gently corrected."),
        ),
    ),
    DemoUser(
        "wei@example.com",
        "Li Wei (李伟)",
        "a teacher of Mandarin",
        {"native_language": "Mandarin", "timezone": "Asia/Shanghai", "city": "Chengdu", "country": "China"},
        teaching={
            "headline": "Tones first",
            "about": "Listen, repeat, compare: your tones will be clear.",
            "experience_years": 12,
            "currency": "USD",
        },
        gigs=(
            Offer(
                "Tones from zero", "Mandarin", "14.00", 30, ("beginner", "pronunciation"), "Four and a half."
            ),
            Offer("中文会话", "Chinese", "20.00", 60, ("conversation",), "Everyday topics, spoken slowly."),
            Offer(
                "HSK 4 vocabulary", "Mandarin", "16.00", 45, ("exam", "vocabulary"), "1,200 words in context."
            ),
        ),
    ),
    DemoUser(
        "claire@example.com",
        "Claire Dubois",
        "a teacher of French",
        {"native_language": "French", "timezone": "Europe/Paris", "city": "Nantes", "country": "France"},
        teaching={
            "headline": "Le français sans peur",
            "about": "An actor who teaches: rhythm, liaison, courage.",
            "qualification": "Conservatoire de Nantes",
            "experience_years": 9,
            "is_verified": True,
            "currency": "EUR",
        },
        gigs=(
            Offer("French sounds", "French", "22.00", 45, ("pronunciation",), "Nasal vowels and liaison."),
            Offer(
                "Parler au restaurant", "français", "17.00", 30, ("travel", "beginner"), "From menu to bill."
            ),
            Offer("DELF B1", "French", "26.00", 60, ("exam", "DELF"), "Speaking and writing."),
        ),
    ),
    DemoUser(
        "jonas@example.com",
        "Jonas Weber",
        "a teacher of German",
        {"native_language": "German", "timezone": "Europe/Berlin", "city": "Köln", "country": "Germany"},
        teaching={
            "headline": "Cases without tears",
            "about": "Grammar explained by an engineer.",
            "experience_years": 3,
            "currency": "EUR",
        },
        gigs=(
            Offer("Der, die, das", "German", "19.00", 45, ("grammar", "beginner"), "Gender by patterns."),
            Offer("Deutsch für den Beruf", "Deutsch", "30.00", 60, ("business",), "Interviews and meetings."),
        ),
    ),
    DemoUser(
        "grace@example.com",
        "Grace Okafor",
        "a teacher of English",
        {"native_language": "English", "timezone": "Africa/Lagos", "city": "Lagos", "country": "Nigeria"},
        teaching={
            "headline": "English that carries",
            "about": "Presentations, stories and small talk.",
            "qualification": "CELTA",
            "experience_years": 6,
            "certificates": ["CELTA", "IELTS trainer"],
            "is_verified": True,
            "currency": "USD",
        },
        gigs=(
            Offer("IELTS speaking", "English", "21.00", 45, ("exam", "IELTS"), "Band 7 and above."),
            Offer(
                "Present with ease",
                "English",
                "32.00",
                60,
                ("business", "advanced"),
                "Rehearse, record, improve.",
            ),
        ),
    ),
    DemoUser(
        "rhys@example.com",
        "Rhys Morgan",
        "a teacher of English",
        {"native_language": "Welsh", "timezone": "Europe/London", "city": "Cardiff", "country": "Wales"},
        teaching={
            "headline": "Conversation over a cup of tea",
            "about": "No book, no homework, much talk.",
            "experience_years": 1,
            "currency": "GBP",
        },
        gigs=(
            Offer("Just talk", "English", "10.00", 30, ("conversation",), "Whatever is on your mind."),
            Offer("English idioms", "English", "13.50", 45, ("vocabulary",), "It is raining cats and dogs."),
        ),
    ),
)

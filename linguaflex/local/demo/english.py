"""Eight weeks in which a demo learner practises English, with the mistakes and their corrections."""

from linguaflex.local.demo.shapes import Mistake, Practice

ARTICLES, TENSES, PREPOSITIONS, NUMBERS = "articles", "past tense", "prepositions", "plurals"


def lesson(
    days_ago: int,
    topic: str,
    conversation_type: str,
    minutes: int,
    scores: tuple[int, int],
    turns: tuple[str, str, str],
    areas: tuple[str, ...],
    *mistakes: Mistake,
) -> Practice:
    """One practice. ``scores``: grammar, pronunciation. ``turns``: the learner, the tutor, the learner."""
    feedback = {
        "grammar_score": scores[0],
        "pronunciation_score": scores[1],
        "areas_for_improvement": list(areas),
        "suggested_next_topics": ["Tell me about last weekend", "A meeting at work"],
    }
    spoken = tuple(zip(("user", "assistant", "user"), turns, strict=True))
    return Practice(
        days_ago, topic, "English", conversation_type, minutes, spoken, feedback, mistakes=mistakes
    )


EIGHT_WEEKS = (
    lesson(
        55,
        "Introducing yourself",
        "practice",
        9,
        (58, 62),
        ("My name is Kenji and I am engineer.", "Nice to meet you! Where do you work?", "I work in Osaka."),
        (ARTICLES,),
        Mistake("I am engineer", "I am an engineer", "A job needs an article: a or an."),
    ),
    lesson(
        52,
        "Your family",
        "conversation",
        12,
        (60, 61),
        ("I have two sister.", "How old are they?", "They have twenty and thirty years."),
        (NUMBERS,),
        Mistake("two sister", "two sisters", "After a number above one, use the plural."),
        Mistake(
            "They have twenty and thirty years", "They are twenty and thirty", "English says age with be."
        ),
    ),
    lesson(
        48,
        "Last weekend",
        "practice",
        11,
        (61, 65),
        ("Yesterday I go to the sea.", "How was it?", "It was cold, but I swimmed."),
        (TENSES,),
        Mistake("Yesterday I go", "Yesterday I went", "Went is the past of go."),
        Mistake("I swimmed", "I swam", "Swim is irregular: swim, swam, swum."),
    ),
    lesson(
        45,
        "At the airport",
        "vocabulary",
        15,
        (64, 64),
        ("I want to do the check-in.", "May I see your passport?", "Here is. How many luggages can I take?"),
        ("uncountable nouns",),
        Mistake("How many luggages", "How much luggage", "Luggage has no plural."),
        Mistake("Here is.", "Here it is.", "The sentence needs a subject."),
    ),
    lesson(
        41,
        "Weather and seasons",
        "practice",
        8,
        (66, 66),
        ("In the summer it is very hot here.", "And in winter?", "In winter it snows a few."),
        ("few and little",),
        Mistake("it snows a few", "it snows a little", "A few is for things that one can count."),
    ),
    lesson(
        38,
        "Grammar: the past",
        "grammar",
        20,
        (63, 68),
        ("I have seen him yesterday.", "When exactly?", "I have met him at six o'clock."),
        (TENSES,),
        Mistake("I have seen him yesterday", "I saw him yesterday", "Yesterday needs the simple past."),
        Mistake("I have met him at six", "I met him at six", "A finished moment needs the simple past."),
    ),
    lesson(
        34,
        "Asking for directions",
        "conversation",
        13,
        (68, 67),
        ("Excuse me, where is station?", "Go straight on.", "Thank you. Is it far from here by walking?"),
        (ARTICLES, PREPOSITIONS),
        Mistake("where is station", "where is the station", "There is one station, so use the."),
        Mistake("by walking", "on foot", "We go by bus, but on foot."),
    ),
    lesson(
        31,
        "A telephone call",
        "practice",
        10,
        (70, 70),
        ("Here is Kenji speaking.", "How can I help you?", "I would like to speak with Mr Brown."),
        ("set phrases",),
        Mistake("Here is Kenji speaking", "This is Kenji speaking", "On the telephone, say this is."),
    ),
    lesson(
        27,
        "Food from home",
        "lesson",
        18,
        (69, 72),
        ("I like very much ramen.", "How is it made?", "It is maked with noodles and soup."),
        ("word order",),
        Mistake("I like very much ramen", "I like ramen very much", "The object follows the verb."),
        Mistake("It is maked with", "It is made with", "Make is irregular: make, made, made."),
    ),
    lesson(
        24,
        "Pronunciation: l and r",
        "pronunciation",
        7,
        (71, 66),
        ("I collect the rice.", "Listen: correct, collect.", "Please correct me if I am wrong."),
        ("l and r",),
    ),
    lesson(
        20,
        "A meeting at work",
        "conversation",
        22,
        (72, 73),
        ("We discussed about the plan.", "What did you decide?", "We will finish until Friday."),
        (PREPOSITIONS,),
        Mistake("We discussed about the plan", "We discussed the plan", "Discuss takes no preposition."),
        Mistake("We will finish until Friday", "We will finish by Friday", "By means: not later than."),
    ),
    lesson(
        17,
        "Hobbies",
        "practice",
        12,
        (74, 74),
        ("I am interesting in photography.", "What do you photograph?", "Mostly birds in the park."),
        ("adjectives in -ed and -ing",),
        Mistake(
            "I am interesting in", "I am interested in", "A person is interested; a thing is interesting."
        ),
    ),
    lesson(
        13,
        "At the doctor's",
        "vocabulary",
        14,
        (73, 75),
        ("I have pain in my head since two days.", "Any fever?", "No, but I feel me tired."),
        (TENSES,),
        Mistake(
            "I have pain in my head since two days", "I have had a headache for two days", "For a duration."
        ),
        Mistake("I feel me tired", "I feel tired", "Feel takes no reflexive pronoun here."),
    ),
    lesson(
        9,
        "Planning a trip",
        "practice",
        16,
        (77, 76),
        ("I look forward to visit London.", "When are you going?", "We travel in next April."),
        ("verb forms",),
        Mistake("I look forward to visit", "I look forward to visiting", "Here, to is a preposition."),
        Mistake("in next April", "next April", "Next takes no preposition."),
    ),
    lesson(
        6,
        "Assessment",
        "assessment",
        25,
        (79, 78),
        (
            "If I would have time, I would read more.",
            "What would you read?",
            "Novels, and the news of the world.",
        ),
        ("conditionals",),
        Mistake("If I would have time", "If I had time", "After if, use the past."),
    ),
    lesson(
        3,
        "Telling a story",
        "conversation",
        17,
        (80, 80),
        ("Once I lost the last train.", "What did you do?", "I stayed in a hotel near from the station."),
        (PREPOSITIONS,),
        Mistake("I lost the last train", "I missed the last train", "One misses a train."),
        Mistake("near from the station", "near the station", "Near takes no preposition."),
    ),
    lesson(
        0,
        "A job interview",
        "practice",
        19,
        (83, 81),
        (
            "I am working here since five years.",
            "Why do you want to change?",
            "I want to make a new experience.",
        ),
        (TENSES,),
        Mistake(
            "I am working here since five years",
            "I have been working here for five years",
            "Until now: present perfect.",
        ),
        Mistake("make a new experience", "have a new experience", "One has an experience."),
    ),
)

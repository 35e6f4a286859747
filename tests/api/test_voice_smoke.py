from tests.conftest import VOICE


def test_saves_and_reads(student, stranger):
    made = student.save_conversation()
    assert student.client.get(VOICE).json() == [made]
    assert stranger.client.get(VOICE).json() == []
    print(made)
    r = student.client.patch(f"{VOICE}{made['id']}/add_feedback/", {"ai_feedback": {"x": 1}})
    print(r.status_code, r.json())
    r = student.client.get(f"{VOICE}summary/")
    print(r.status_code, r.json())
    r = student.client.get(f"{VOICE}?search=mesa&fields=id,topic&language=es&since=2026-01-01")
    print(r.status_code, r.json())
    for url in ["by-language/español/", "by-type/practice/", "by-type/nope/", f"{made['id']}/", "999/"]:
        r = student.client.get(VOICE + url)
        print(url, r.status_code, str(r.json())[:100])
    r = student.client.get("/accounts/users/me/"); print(r.json())
    r = student.client.post(VOICE, {"topic": "", "transcription": {"messages": [{"role": "x"}]}, "ai_feedback": {"grammar_score": 101}}); print(r.json())
    r = student.client.patch(VOICE + f"{made['id']}/", {"duration_minutes": 3.2}); print(r.json())

import pytest, requests
@pytest.mark.parametrize("n", range(6))
def test_x(live_server, student, clean_auth, n):
    r = requests.get(f"{live_server.url}/accounts/voice-conversations/", headers={"Authorization": f"Bearer {student.token}"})
    assert r.json() == []

"""Malformed forms and pictures: none causes a 500."""

import io

import pytest
from PIL import Image

from accounts.values import images
from tests.fixtures.people import Person
from tests.fixtures.pictures import PICTURE, Bucket, picture

PART = b'--b\r\nContent-Disposition: form-data; name="profile_picture"; filename="a.png"\r\n'
TEXT = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
END = b"\r\n--b--\r\n"
WHOLE = PART + b"\r\nx" + END
FORMS = {
    "no boundary": (b"", ""),
    "empty boundary": (b"", "; boundary="),
    "no form": (b"x", "; boundary=b"),
    "head of a part": (PART, "; boundary=b"),
    "other boundary": (WHOLE, "; boundary=c"),
    "long boundary": (WHOLE, "; boundary=" + "b" * 300),
    "boundary beyond ASCII": (WHOLE, "; boundary=\xe9"),
    "unknown charset": (WHOLE, "; boundary=b; charset=no"),
    "charset that is no text": (WHOLE, "; boundary=b; charset=hex"),
    "charset of another kind": (WHOLE, "; boundary=b; charset=utf-16"),
    "text in a charset that is no text": (TEXT + b"x" + END, "; boundary=b; charset=hex"),
    "text in a charset that is strict": (TEXT + b"x" + END, "; boundary=b; charset=idna"),
    "bad base64": (PART + b"Content-Transfer-Encoding: base64\r\n\r\n!!!x" + END, "; boundary=b"),
    "bad part charset": (PART + b"Content-Type: image/png; charset=\xff\x00\r\n\r\nx" + END, "; boundary=b"),
    "bad file name": (WHOLE.replace(b"a.png", b"\x00../../\xff"), "; boundary=b"),
    "no file name": (WHOLE.replace(b"a.png", b""), "; boundary=b"),
    "unknown file name charset": (WHOLE.replace(b"filename=", b"filename*=no'x'"), "; boundary=b"),
    "long file name": (WHOLE.replace(b"a.png", b"a" * 3000), "; boundary=b"),
    "300 files": ((PART + b"\r\nx\r\n") * 300 + END, "; boundary=b"),
    "3,000 texts": ((TEXT + b"x\r\n") * 3000 + END, "; boundary=b"),
    "long text": (TEXT + b"x" * 3_000_000 + END, "; boundary=b"),
}
OTHER_STATUS = {"long boundary": 415, "long text": 413}


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMS)
def test_malformed_form_is_refused(student: Person, bucket: Bucket, name: str) -> None:
    form, parameters = FORMS[name]
    answer = student.client.put(PICTURE, form, content_type=f"multipart/form-data{parameters}")
    assert answer.status_code == OTHER_STATUS.get(name, 400), answer.content
    assert set(answer.json()) <= {"detail", "code", "errors"}
    assert bucket.names() == []


@pytest.mark.parametrize("kind", images.FORMATS)
def test_picture_with_one_inverted_byte_is_accepted_or_refused(kind: str) -> None:
    whole = picture(kind, (9, 7))
    refused = 0
    for place in range(min(len(whole), 700)):
        broken = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        try:
            assert Image.open(io.BytesIO(images.as_webp(broken))).format == "WEBP"
        except images.NotAPicture:
            refused += 1
    assert refused > 10

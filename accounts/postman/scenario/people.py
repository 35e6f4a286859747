"""Accounts, users and teachers."""

from accounts.postman.step import Step, Unless, done, known, refused

LEARNER = {"email": "{{learner_email}}", "password": "{{learner_password}}"}
TEACHER = {"email": "{{teacher_email}}", "password": "{{teacher_password}}"}
NOBODY = "00000000-0000-4000-8000-000000000000"

REGISTRATION = (
    known(
        "register",
        "The account has the address",
        "answer.user.email",
        "{{learner_email}}",
        name="Register the learner",
        status=201,
        by="",
        changes=LEARNER,
        is_start=True,
        needs="new_accounts",
    ),
    known(
        "register",
        "The account has the address",
        "answer.user.email",
        "{{teacher_email}}",
        name="Register the teacher",
        status=201,
        by="",
        changes={**TEACHER, "name": "Pablo"},
        needs="new_accounts",
    ),
    refused(
        "register",
        400,
        "weak_password",
        "Register with a weak password",
        by="",
        changes={"email": "weak-{{run}}@example.com", "password": "short"},
    ),
    known(
        "login",
        "The token is a bearer token",
        "answer.token_type",
        "bearer",
        name="Log in as the learner",
        by="",
        changes=LEARNER,
        keeps={
            "learner_token": "answer.access_token",
            "learner_refresh_token": "answer.refresh_token",
            "learner_id": "answer.user.id",
        },
    ),
    known(
        "login",
        "The token is a bearer token",
        "answer.token_type",
        "bearer",
        name="Log in as the teacher",
        by="",
        changes=TEACHER,
        keeps={"teacher_token": "answer.access_token", "teacher_id": "answer.user.id"},
    ),
    refused(
        "login",
        400,
        "invalid_credentials",
        "Log in with a wrong password",
        by="",
        changes={"email": "nobody-{{run}}@example.com", "password": "a wrong one"},
    ),
    known(
        "token_refresh",
        "The user is the learner",
        "answer.user.id",
        "{{learner_id}}",
        by="",
        changes={"refresh_token": "{{learner_refresh_token}}"},
        keeps={"learner_token": "answer.access_token", "learner_refresh_token": "answer.refresh_token"},
    ),
    refused(
        "token_refresh",
        400,
        "refresh_token_not_found",
        "Refresh with an unknown token",
        by="",
        changes={"refresh_token": "unknown"},
    ),
    done("resend_verification", status=202, by="", changes={"email": "{{learner_email}}"}),
    done("password_reset", status=202, by="", changes={"email": "{{learner_email}}"}),
    refused(
        "password_reset_confirm",
        400,
        "otp_expired",
        "Set a new password with a wrong code",
        by="",
        body={"token_hash": "0" * 56, "new_password": "a-new-correct-horse"},
    ),
    known(
        "login",
        "The session is another one",
        'answer.access_token !== pm.variables.get("learner_token")',
        name="Log in on a second device",
        by="",
        changes=LEARNER,
        keeps={"second_token": "answer.access_token"},
    ),
    done("logout", "Log out on the second device", by="second"),
)

USERS = (
    known("users_me", "The profile is the learner's", "answer.id", "{{learner_id}}"),
    refused("users_me", 401, "not_authenticated", "Get the own profile without a token", by=""),
    refused("users_me", 401, "invalid_token", "Get the own profile after the logout", by="second"),
    known(
        "users_me_update",
        "The city is stored",
        "answer.city",
        "Dublin",
    ),
    refused(
        "users_me_update",
        400,
        "invalid",
        "Update the own profile with an unknown time zone",
        changes={"timezone": "Mars/Olympus"},
    ),
    known(
        "users_list",
        "Nobody's address is listed",
        'answer.filter((user) => "email" in user)',
        [],
        query={"role": "student", "limit": "20"},
    ),
    known(
        "users_get", "The user is the teacher", "answer.id", "{{teacher_id}}", path={"id": "{{teacher_id}}"}
    ),
    refused("users_get", 404, "not_found", "Get an unknown user", path={"id": NOBODY}),
    known(
        "users_me_profile_picture_set",
        "The picture has an address",
        'answer.profile_picture.startsWith("http")',
        body={"profile_picture": "picture.png"},
        unless=Unless(
            400, "invalid", "choose docs/postman/picture.png in the tab Body, and send the request again"
        ),
    ),
    done("users_me_profile_picture_remove"),
    known("users_me_export", "The profile is the learner's", "answer.profile.id", "{{learner_id}}"),
)

TEACHERS = (
    refused(
        "teachers_me",
        404,
        "not_a_teacher",
        "Get the own teaching profile before there is one",
        by="teacher",
        needs="new_accounts",
    ),
    known(
        "teachers_create",
        "The teacher is the caller",
        "answer.id",
        "{{teacher_id}}",
        status=201,
        by="teacher",
        needs="new_accounts",
    ),
    refused("teachers_create", 409, "already_a_teacher", "Become a teacher again", by="teacher"),
    known("teachers_me", "The teacher is the caller", "answer.id", "{{teacher_id}}", by="teacher"),
    known(
        "teachers_me_update",
        "The text is stored",
        "answer.about",
        "I have taught since 2015.",
        by="teacher",
    ),
    known(
        "teachers_list",
        "Every teacher has a gig on offer",
        "answer.filter((teacher) => teacher.gigs_count < 1)",
        [],
        query={"language": "es", "limit": "20"},
    ),
    refused(
        "teachers_list",
        400,
        "currency_required",
        "List teachers by price without a currency",
        query={"max_price": "20"},
    ),
    known(
        "teachers_get",
        "The teacher has no gig on offer",
        "answer.gigs",
        [],
        path={"user": "{{teacher_id}}"},
        needs="new_accounts",
    ),
)

STEPS: tuple[Step, ...] = (*REGISTRATION, *USERS, *TEACHERS)

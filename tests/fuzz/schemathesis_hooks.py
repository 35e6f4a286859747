"""Extensions of schemathesis, which loads this file."""

import schemathesis

schemathesis.serializer.alias("application/sdp", "text/plain")

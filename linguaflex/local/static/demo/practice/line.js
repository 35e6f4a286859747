// The learner's part of a practice: the microphone, and the requests for the tutor's answers.

export const ANSWERS_ALREADY = "conversation_already_has_active_response";

// Requests one response of the tutor at a time, because OpenAI refuses a second one. All turns during a
// response get one common response after it. hear(event) must be called for every server event.
export function answersOf(line, response) {
  const id = "answer"; // event_id of the request; an error event repeats it
  let [underWay, wanted] = [false, false];
  const ask = () => {
    wanted = underWay;
    if (!underWay) line.send({ type: "response.create", event_id: id, response });
    underWay = true;
  };
  const hear = ({ type, error, response: heard }) => {
    if (heard?.conversation_id === null) return; // OpenAI allows several responses outside of the conversation
    const refused = type === "error" && error.event_id === id;
    if (type === "response.created") underWay = true; // also a response that the learner's voice triggered
    if (refused && error.code === ANSWERS_ALREADY) wanted = true;
    else if (refused || type === "response.done") {
      underWay = false;
      if (wanted) ask();
    }
  };
  return { ask, hear };
}

// Called before a session is requested: its time runs while the user decides about the microphone.
export async function openMicrophone() {
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch (error) {
    const denied = error.name === "NotAllowedError";
    throw new Error(`${denied ? "The microphone is not allowed" : "There is no microphone"}: practise by typing.`);
  }
}

export const closeMicrophone = (microphone) => microphone?.getTracks().forEach((track) => track.stop());

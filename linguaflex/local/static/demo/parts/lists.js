// Lists of texts in one field of a form.

const listIn = (text, separator) => text.split(separator).map((part) => part.trim()).filter(Boolean);

export const listOf = (text) => listIn(text, ","); // "Spanish, Japanese"
export const linesOf = (text) => listIn(text, "\n");

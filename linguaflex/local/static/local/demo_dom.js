// DOM helpers of the demo pages.

export const $ = (id) => document.getElementById(id);

export function element(tag, text = "", properties = {}, ...children) {
  // textContent, because text of users and models must not be parsed as HTML.
  const made = Object.assign(document.createElement(tag), { textContent: text }, properties);
  made.append(...children);
  return made;
}

// Calls action with the form's fields at submit. complain(null) clears the last error.
export function onSubmit(id, action, complain) {
  $(id).addEventListener("submit", (event) => {
    event.preventDefault();
    complain(null);
    Promise.resolve(action(Object.fromEntries(new FormData(event.target)))).catch(complain);
  });
}

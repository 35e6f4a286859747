// What the demo pages draw with.

export const $ = (id) => document.getElementById(id);

export function element(tag, text = "", properties = {}, ...children) {
  // textContent: what people and models write is never HTML.
  const made = Object.assign(document.createElement(tag), { textContent: text }, properties);
  made.append(...children);
  return made;
}

// A form does an action with its fields; complain(null) takes the last problem away.
export function onSubmit(id, action, complain) {
  $(id).addEventListener("submit", (event) => {
    event.preventDefault();
    complain(null);
    Promise.resolve(action(Object.fromEntries(new FormData(event.target)))).catch(complain);
  });
}

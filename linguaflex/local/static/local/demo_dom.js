// DOM helpers of the demo pages.

export const $ = (id) => document.getElementById(id);

export function element(tag, text = "", properties = {}, ...children) {
  // textContent, because text by users and models must not be parsed as HTML.
  const node = Object.assign(document.createElement(tag), { textContent: text }, properties);
  node.append(...children);
  return node;
}

// At submit, clears the error shown and calls action with the form's fields. Enables a button that waits for the
// script: without it, the browser itself would send the fields in the address.
export function onSubmit(id, action, complain) {
  $(id).querySelector("button")?.removeAttribute("disabled");
  $(id).addEventListener("submit", (event) => {
    event.preventDefault();
    complain(null);
    Promise.resolve(action(Object.fromEntries(new FormData(event.target)))).catch(complain);
  });
}

// DOM helpers of the demo pages.

export const $ = (id) => document.getElementById(id);

export function element(tag, text = "", properties = {}, ...children) {
  // textContent, because text by users and models must not be parsed as HTML.
  const node = Object.assign(document.createElement(tag), { textContent: text }, properties);
  node.append(...children);
  return node;
}

// Makes the children of parent show items, a list of [state, makeNode]. Keeps each node whose state (a JSON value) has
// not changed: the browser drops a click on a node that is replaced between pressing and releasing the button.
export function show(parent, items) {
  items.forEach(([state, makeNode], index) => {
    const known = parent.children[index];
    const key = JSON.stringify(state);
    if (known?.dataset.state === key) return;
    const node = makeNode();
    node.dataset.state = key;
    if (known) known.replaceWith(node);
    else parent.append(node);
  });
  while (parent.children.length > items.length) parent.lastElementChild.remove();
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

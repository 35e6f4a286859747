// Fields with their labels, hints and errors.

import { html, useId } from "../vendor/preact.js";

// A labelled control: an input, or `as` "textarea" or "select" with options as children. `error` is the ApiError of the
// form: its texts for `name` stand below the control. Other properties go to the control.
export function Field({ label, name, hint, error, as = "input", children, ...rest }) {
  const id = useId();
  const wrong = error?.errors?.[name];
  const described = [wrong && `${id}-wrong`, hint && `${id}-hint`].filter(Boolean).join(" ") || undefined;
  return html`
    <div class="field">
      <label for=${id}>${label}</label>
      <${as} id=${id} name=${name} aria-describedby=${described} aria-invalid=${wrong ? "true" : undefined} ...${rest}>
        ${children}
      <//>
      ${hint && html`<span class="hint" id="${id}-hint">${hint}</span>`}
      ${wrong && html`<span class="wrong" id="${id}-wrong">${wrong.join(" ")}</span>`}
    </div>`;
}

// One of few choices: [[value, label], ...].
export const Switch = ({ legend, name, value, options, onChange }) => html`
  <fieldset class="switch">
    <legend class="only-spoken">${legend}</legend>
    ${options.map(([each, label]) => html`
      <label key=${each}>
        <input type="radio" name=${name} value=${each} checked=${each === value} onChange=${() => onChange(each)} />
        ${label}
      </label>`)}
  </fieldset>`;

// A submit handler that calls action with the texts of the form's fields.
export const submitted = (action) => (event) => {
  event.preventDefault();
  action(Object.fromEntries(new FormData(event.currentTarget)), event.currentTarget);
};

import { Fragment, h, render } from "preact";
import htm from "htm";

export { Fragment, h, render };
export * from "preact/hooks";
export const html = htm.bind(h);

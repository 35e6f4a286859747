// The components of the app.

export * from "./basics.js";
export * from "./dialog.js";
export * from "./forms.js";
export * from "./icons.js";
export * from "./screen.js";
export * from "./states.js";
export * from "./toast.js";

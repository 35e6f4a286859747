// The screens. `path` is a pattern of the router. `nav` makes an entry of the navigation: its order on the list is that
// of `place`; the first four stand in the bar of a phone, the others under "More". `for`: the role that has the entry.
// `styles` are loaded with the screen. Each module exports a component by default, with the props {params, query}.

export const SCREENS = [
  {
    path: "/",
    nav: { label: "Home", icon: "home", place: 1 },
    styles: ["styles/home.css"],
    load: () => import("./home.js"),
  },
];

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
  {
    path: "/review",
    nav: { label: "Review", icon: "cards", place: 3 },
    styles: ["styles/parts.css", "styles/review.css"],
    load: () => import("./review.js"),
  },
  {
    path: "/cards",
    section: "/review",
    styles: ["styles/parts.css", "styles/review.css"],
    load: () => import("./cards.js"),
  },
];

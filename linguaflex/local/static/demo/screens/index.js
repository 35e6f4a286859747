import { UnreadBadge } from "../chat/unread.js";

// The screens. `path` is a pattern of the router. `nav` makes an entry of the navigation: its order on the list is that
// of `place`; the first four stand in the bar of a phone, the others under "More". `section`: the path of the entry
// that is current there. `for`: the role that has the screen. `styles` are loaded with the screen. Each module exports a
// component by default, with the props {params, query}.

export const SCREENS = [
  {
    path: "/",
    nav: { label: "Home", icon: "home", place: 1 },
    styles: ["styles/home.css", "styles/conversations.css"],
    load: () => import("./home.js"),
  },
  {
    path: "/practice",
    nav: { label: "Practise", icon: "mic", place: 2 },
    styles: ["styles/dialogue.css", "styles/practice.css"],
    load: () => import("./practice.js"),
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
  {
    path: "/history",
    nav: { label: "History", icon: "history", place: 5 },
    styles: ["styles/conversations.css"],
    load: () => import("./history.js"),
  },
  {
    path: "/conversation/:id",
    section: "/history",
    styles: ["styles/dialogue.css", "styles/feedback.css", "styles/conversation.css"],
    load: () => import("./conversation.js"),
  },
  {
    path: "/teachers",
    nav: { label: "Teachers", icon: "teacher", place: 6 },
    styles: ["styles/parts.css", "styles/market.css"],
    load: () => import("./teachers.js"),
  },
  {
    path: "/gigs",
    section: "/teachers",
    styles: ["styles/parts.css", "styles/market.css"],
    load: () => import("./gigs.js"),
  },
  {
    path: "/teachers/:id",
    section: "/teachers",
    styles: ["styles/parts.css", "styles/market.css"],
    load: () => import("./teacher.js"),
  },
  {
    path: "/chats",
    nav: { label: "Chats", icon: "chat", place: 4, badge: UnreadBadge },
    styles: ["styles/chat.css"],
    load: () => import("./chats.js"),
  },
  {
    path: "/chats/:id",
    section: "/chats",
    styles: ["styles/chat.css"],
    load: () => import("./chat.js"),
  },
  {
    path: "/shared",
    nav: { label: "Shared with me", icon: "share", place: 7 },
    for: "teacher",
    styles: ["styles/parts.css", "styles/shared.css"],
    load: () => import("./shared.js"),
  },
  {
    path: "/shared/:id",
    section: "/shared",
    for: "teacher",
    styles: ["styles/dialogue.css", "styles/shared.css"],
    load: () => import("./shared_conversation.js"),
  },
  {
    path: "/profile",
    nav: { label: "Profile", icon: "person", place: 8 },
    styles: ["styles/parts.css"],
    load: () => import("./profile.js"),
  },
  {
    path: "/teaching",
    section: "/profile",
    styles: ["styles/parts.css", "styles/market.css"],
    load: () => import("./teaching.js"),
  },
  {
    path: "/notices",
    section: "/profile",
    styles: ["styles/parts.css"],
    load: () => import("./notices.js"),
  },
  {
    path: "/account",
    section: "/profile",
    styles: ["styles/parts.css"],
    load: () => import("./account.js"),
  },
];

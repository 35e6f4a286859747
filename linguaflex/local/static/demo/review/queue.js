// Reviews of cards wait in localStorage until the server has them: a reload or a lost network loses none. Each has its
// own client_id, so that a repeated request stores it once.

import { call } from "../api.js";

const FINAL = [400, 404, 409]; // the server will never accept this review

const keyOf = (user) => `linguaflex reviews ${user}`;
const read = (user) => JSON.parse(localStorage.getItem(keyOf(user)) ?? "[]");
const write = (user, reviews) => localStorage.setItem(keyOf(user), JSON.stringify(reviews));

export const waitingReviews = (user) => read(user).length;

export function addReview(user, card, rating, seconds) {
  const review = { rating, seconds, client_id: crypto.randomUUID(), reviewed_at: new Date().toISOString() };
  write(user, [...read(user), [card.id, review]]);
}

let sending = Promise.resolve();

// Sends the waiting reviews, one after the other. Rejects if the network fails: they keep waiting.
export function sendReviews(user) {
  const sent = sending.catch(() => {}).then(() => sendAll(user));
  sending = sent;
  return sent;
}

async function sendAll(user) {
  for (let reviews = read(user); reviews.length; reviews = read(user)) {
    const [[id, review]] = reviews;
    try {
      await call("POST", `cards/${id}/review/`, review);
    } catch (error) {
      if (error.errors?.reviewed_at && review.reviewed_at) { // the clock of this device is wrong
        delete review.reviewed_at;
        write(user, [[id, review], ...read(user).slice(1)]);
        continue;
      }
      if (!FINAL.includes(error.status)) throw error;
    }
    write(user, read(user).slice(1));
  }
}

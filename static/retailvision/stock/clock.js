// How far the phone's clock is from the site's, in milliseconds. A phone may be hours off, and be set right
// between the entering of something and its sending; then two readings of its clock tell nothing. So an
// entry carries what was known of the clock by which it was entered.
const STORED = "retailvision.clock";

let offset = 0; // what to add to the phone's clock

// Set back while the page is open: less has passed by it than by the clock that nobody sets. Where it is set
// forward, that cannot be told from a phone that slept.
const SLACK_MS = 2000;
const ahead = () => Date.now() - performance.now();
let seen = ahead();

export function offsetNow() {
  const back = seen - ahead();
  if (back > SLACK_MS) offset += back;
  seen = ahead();
  return offset;
}

// `at`: what the phone's clock said when the site's said `now`.
export function learn(now, at) {
  if (!Number.isFinite(now)) return;
  offset = now - at;
  seen = ahead();
  try {
    localStorage.setItem(STORED, offset);
  } catch {
    // Then the page without a connection trusts the phone.
  }
}

// How long ago something happened. What an older version has kept says nothing of its clock.
export const ageOf = (entry) => Date.now() + offset - (entry.at + (entry.offset ?? offset));

// A page says when it was made. One that comes from the history may be an old one, and the page without a
// connection says nothing.
const page = document.getElementById("unsent").dataset.now;
const visit = performance.getEntriesByType("navigation")[0];
if (page && visit && visit.type !== "back_forward") {
  learn(Number(page) * 1000, Date.now() - performance.now() + visit.responseStart);
} else {
  try {
    offset = Number(localStorage.getItem(STORED)) || 0;
  } catch {
    // Then the phone is trusted.
  }
}

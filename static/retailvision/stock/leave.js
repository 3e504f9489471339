// Who has left the phone leaves nothing behind by which the page without a connection would book as them.
import { forgetPhoto } from "./own-photo.js";

export const PLACE = "retailvision.place";

export function forgetPlace() {
  forgetPhoto();
  try {
    localStorage.removeItem(PLACE);
  } catch {
    // then it was never there
  }
}

// Wherever the log-in is asked for, nobody is logged in: a session may also end by itself.
if (document.querySelector("[data-nobody-here]")) forgetPlace();

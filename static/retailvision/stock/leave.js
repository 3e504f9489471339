// Who has left the phone leaves nothing behind by which the page without a connection would book as them.
export const PLACE = "retailvision.place";
export const PHOTO = "retailvision.photo"; // of this tab: see own-photo.js

export function forgetPhoto() {
  try {
    sessionStorage.removeItem(PHOTO);
  } catch {
    // then it was never there
  }
}

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

// What the phone took, small, beside what the site found in it. It stays in this tab, until the next photo
// or the log-out: the site keeps none.
import { drawn, upright } from "../shrink.js";
import { PHOTO, forgetPhoto } from "./leave.js";

const SIDE = 320; // twice what the page shows
// Who logs in by another tab finds this one as it was left.
const user = document.querySelector("[data-place]")?.dataset.user;

// For the page at `address`, which tells what was found. Never in the way of it.
export async function keepPhoto(photo, address) {
  forgetPhoto();
  let bitmap;
  try {
    bitmap = await upright(photo);
    const canvas = drawn(bitmap, SIDE);
    const { pathname } = new URL(address, location);
    const { width, height } = canvas;
    sessionStorage.setItem(PHOTO, JSON.stringify({ user, pathname, width, height, data: canvas.toDataURL("image/jpeg", 0.8) }));
  } catch {
    // A format that this browser cannot read, or no room: the page stands without it.
  } finally {
    bitmap?.close();
  }
}

const place = document.querySelector("[data-own-photo]");
try {
  const kept = place && JSON.parse(sessionStorage.getItem(PHOTO));
  if (kept && kept.user !== user) forgetPhoto();
  else if (kept?.pathname === location.pathname) {
    const image = place.querySelector("img");
    image.width = kept.width;
    image.height = kept.height;
    image.src = kept.data;
    place.hidden = false;
  }
} catch {
  // It was not kept.
}

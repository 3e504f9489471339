// A photo is shrunk and sent as soon as it is taken; where that fails, the page is still there, and the
// photo with it: what may do the next time is sent again by one press, without being taken again.
import { shrink } from "../shrink.js";
import { keepPhoto } from "./own-photo.js";

for (const form of document.querySelectorAll("[data-photo-form]")) {
  const input = form.elements.photo;
  const problem = form.querySelector("[data-photo-problem]");
  const again = form.querySelector("[data-photo-again]");
  let photo = null;

  const tell = (text, mayDo = false) => {
    problem.querySelector("[data-text]").textContent = text;
    problem.hidden = !text;
    again.hidden = !mayDo;
    if (!mayDo) photo = null;
  };

  async function send() {
    form.classList.add("is-sending");
    try {
      const body = new FormData(form);
      body.set("photo", photo, "photo.jpg");
      const answer = await fetch(form.action, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
        redirect: "manual",
      });
      if (answer.type === "opaqueredirect") return location.reload(); // logged out meanwhile
      const said = answer.status === 413 ? { problem: form.dataset.large } : await answer.json();
      if (said.next) {
        await keepPhoto(photo, said.next);
        return location.assign(said.next);
      }
      // Of a photo that cannot be read nothing else comes the next time.
      tell(said.problem ?? form.dataset.failed, answer.status >= 500);
    } catch (error) {
      tell(error instanceof TypeError ? form.dataset.offline : form.dataset.failed, true);
    }
    form.classList.remove("is-sending");
  }

  input.addEventListener("change", async () => {
    const file = input.files[0];
    if (!file || form.classList.contains("is-sending")) return;
    tell("");
    form.classList.add("is-sending");
    photo = await shrink(file);
    input.value = "";
    await send();
  });
  again.addEventListener("click", () => {
    if (form.classList.contains("is-sending")) return;
    // The button stays, and the focus on it; what comes of it is said even if it is the same again.
    problem.querySelector("[data-text]").textContent = form.querySelector(".camera-busy").textContent;
    send();
  });
}

// A page that the browser kept comes back as it was left: looking.
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  for (const form of document.querySelectorAll("[data-photo-form]")) {
    form.classList.remove("is-sending");
    form.reset();
  }
});

// A hand scanner types into the field that has the focus; on a phone that would only bring up the
// keyboard.
if (matchMedia("(pointer: fine)").matches && !document.querySelector("[autofocus]")) {
  document.getElementById("id_find")?.focus();
}

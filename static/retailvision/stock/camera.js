// A photo is shrunk and sent as soon as it is taken; where that fails, the page is still there.
import { shrink } from "../shrink.js";

for (const form of document.querySelectorAll("[data-photo-form]")) {
  const input = form.elements.photo;
  const problem = form.querySelector("[data-photo-problem]");

  const tell = (text) => {
    problem.textContent = text;
    problem.hidden = !text;
  };

  input.addEventListener("change", async () => {
    const file = input.files[0];
    if (!file || form.classList.contains("is-sending")) return;
    tell("");
    form.classList.add("is-sending");
    try {
      const body = new FormData(form);
      body.set("photo", await shrink(file), "photo.jpg");
      const answer = await fetch(form.action, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
        redirect: "manual",
      });
      if (answer.type === "opaqueredirect") return location.reload(); // logged out meanwhile
      if (answer.status === 413) throw new RangeError(form.dataset.large);
      const said = await answer.json();
      if (said.next) return location.assign(said.next);
      tell(said.problem);
    } catch (error) {
      const offline = error instanceof TypeError && form.dataset.offline;
      tell(error instanceof RangeError ? error.message : offline || form.dataset.failed);
    }
    form.classList.remove("is-sending");
    input.value = "";
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
if (matchMedia("(pointer: fine)").matches) document.getElementById("id_find")?.focus();

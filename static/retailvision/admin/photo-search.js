// Search by photo above the list of products: chosen, taken, dropped on the page or pasted.
import { shrink } from "../shrink.js";

const form = document.querySelector("[data-photo-search]");
const input = form?.querySelector("input[type=file]");

async function search(file) {
  form.setAttribute("aria-busy", "true");
  const small = await shrink(file);
  const transfer = new DataTransfer();
  transfer.items.add(small);
  input.files = transfer.files;
  form.submit();
}

if (form) {
  input.addEventListener("change", () => {
    if (input.files[0]) search(input.files[0]);
  });
  for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(type, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault(); // or the browser would leave the page for the photo
      const over = type !== "drop" && (type !== "dragleave" || Boolean(event.relatedTarget));
      document.body.classList.toggle("rv-dropping", over);
      if (type === "drop" && event.dataTransfer.files[0]) search(event.dataTransfer.files[0]);
    });
  }
  document.addEventListener("paste", (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find((each) => each.type.startsWith("image/"));
    if (!file) return;
    event.preventDefault();
    search(file);
  });
  // A page that comes back from the browser's memory is not busy any more.
  addEventListener("pageshow", () => {
    form.removeAttribute("aria-busy");
    input.value = "";
  });
}

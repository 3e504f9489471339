// Large buttons beside a quantity, forms that are sent by one tap only, and fields for a scanner.
const isPrecise = matchMedia("(pointer: fine)").matches;

for (const button of document.querySelectorAll("[data-step]")) button.hidden = false;
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-step]");
  if (!button) return;
  const input = button.closest("[data-stepper]").querySelector("input");
  const least = Number(input.min || 0);
  input.value = Math.max(least, (Number.parseInt(input.value, 10) || 0) + Number(button.dataset.step));
  input.dispatchEvent(new Event("input", { bubbles: true }));
});
// A number that stands there is typed over, not typed on.
document.addEventListener("focusin", ({ target }) => {
  if (target.matches(".quantity-input")) target.select();
});

// Counts vary, so their keypad comes by itself; what is booked is most often one.
if (!document.querySelector("[autofocus]")) document.querySelector("[data-count-form] .quantity-input")?.focus();
document.querySelectorAll("details.book").forEach((details) => {
  details.addEventListener("toggle", () => {
    if (!details.open) return;
    if (isPrecise) details.querySelector(".quantity-input, input[type=text]")?.focus();
    else details.scrollIntoView({ block: "nearest" });
  });
});

// The key makes a second tap harmless; this only keeps it from being wondered at.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", ({ submitter }) => {
    // Not at once: a button that is disabled is not sent.
    setTimeout(() => {
      if (submitter) submitter.disabled = true;
    });
  });
}
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("form[data-once] [disabled]")) button.disabled = false;
});

// A scanner ends with Enter what it types, which here means: now the quantity.
for (const form of document.querySelectorAll("[data-scan-form]")) {
  const [code, quantity] = [form.querySelector("[data-scan]"), form.querySelector(".quantity-input")];
  code.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !code.value) return;
    event.preventDefault();
    quantity.focus();
  });
  if (isPrecise && !code.value) code.focus();
}

// Whoever was logged out gets no log-in form in the place of the list.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id === "lines") detail.shouldSwap = detail.serverResponse.includes("data-lines");
});

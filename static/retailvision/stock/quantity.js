// Large buttons beside a quantity, forms that are sent by one tap only, and fields for a scanner.
for (const stepper of document.querySelectorAll("[data-stepper]")) {
  const input = stepper.querySelector("input");
  for (const button of stepper.querySelectorAll("[data-step]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const least = Number(input.min || 0);
      input.value = Math.max(least, (Number.parseInt(input.value, 10) || 0) + Number(button.dataset.step));
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
}

const quantity = document.querySelector("[data-count-form] .quantity-input");
quantity?.focus();
quantity?.select();
document.querySelectorAll("details.book").forEach((details) => {
  details.addEventListener("toggle", () => {
    if (details.open) details.querySelector(".quantity-input, input[type=text]")?.focus();
  });
});

// The key makes a second tap harmless; this only keeps it from being wondered at.
for (const form of document.querySelectorAll("form[data-once]:not([data-count-form])")) {
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

// A scanner ends what it types with Enter, which here means the next field.
for (const form of document.querySelectorAll("[data-scan-form]")) {
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input[type=text], input[type=number]")) return;
    event.preventDefault();
    const fields = [...form.querySelectorAll(".send-line input")];
    const next = fields[fields.indexOf(event.target) + 1];
    (next ?? form.querySelector("[name=more]")).focus();
  });
}

// Whoever was logged out gets no log-in form in the place of the list.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id === "lines") detail.shouldSwap = detail.serverResponse.includes("data-lines");
});

// The boxes below a product, each asked for when it comes into view.
const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    load(target);
  }
}, { rootMargin: "200px" });

async function load(panel) {
  panel.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(panel.dataset.panel, { credentials: "same-origin" });
    if (!response.ok || response.redirected) throw new Error(String(response.status));
    panel.innerHTML = await response.text();
  } catch {
    panel.textContent = panel.dataset.textFailed;
  }
  panel.removeAttribute("aria-busy");
}

for (const panel of document.querySelectorAll("[data-panel]")) seen.observe(panel);

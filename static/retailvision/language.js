// The choice of a language leads back to what is shown, which a search may have changed since the page
// came: its address stands in the browser, no more in the form.
document.addEventListener("submit", ({ target }) => {
  if (!target.matches("form.languages")) return;
  target.elements.next.value = location.pathname + location.search;
});

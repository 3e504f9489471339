// Small photos bring the large one into view without moving the page, and tell which is shown.
const gallery = document.getElementById("gallery");
const links = [...document.querySelectorAll("#thumbs a")];
const calm = matchMedia("(prefers-reduced-motion: reduce)");

links.forEach((link, index) => {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    gallery.scrollTo({
      left: index * gallery.clientWidth,
      behavior: calm.matches ? "auto" : "smooth",
    });
  });
});

gallery.addEventListener("scroll", () => {
  const shown = Math.round(gallery.scrollLeft / gallery.clientWidth);
  links.forEach((link, index) => {
    if (index === shown) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  });
});

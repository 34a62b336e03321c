// the page

function tilesOf(has) {
  const tiles = page.tiles.map(([label, value, place, style]) => {
    const inside = [el("strong", {text: value, class: `${data.styles[style]}${value.length > 8 ? " long" : ""}`}), span(label, "weak")];
    return el("li", {}, el("a", {href: `#${has(place)}`}, ...inside));
  });
  return el("nav", {"aria-label": "Overview"}, el("ul", {class: "tiles"}, ...tiles));
}
function build() {
  const top = page ? page.top.map((section) => {
    const made = part(section.title, section.place, section.detail ? section.lines.length > 60 : null, bodyOf(section));
    if (section.urgent) made.classList.add("first");
    return made;
  }) : [];
  const parts = page ? [...top, ...Object.values(makers).map((make) => make()), ...sectionsOf(data.sections)].filter(Boolean) : sectionsOf(data.sections);
  const main = el("main", {id: "main"}, ...parts);
  const ids = new Set(parts.map((one) => one.id));
  const has = (place) => ids.has(place) ? place : place === "refused" && ids.has("first") ? "first" : "main";
  const header = el("header", {}, el("a", {text: "Skip to the content", href: "#main", class: "skip"}), el("h1", {text: data.title}), page ? el("p", {text: page.created, class: "weak"}) : null);
  document.body.append(...[header, page && page.tiles.length ? tilesOf(has) : null, main, el("footer", {}, el("p", {text: "Made by iamctl. This file makes no request."}))].filter(Boolean));
}
function follow() {
  const hash = location.hash;
  const asked = /^#(person|account)=(.*)$/s.exec(hash);
  if (asked) {
    try {
      if (shows[asked[1]]) shows[asked[1]](decodeURIComponent(asked[2]), true);
    } catch {
      // an address that nobody of this page wrote
    }
    return;
  }
  const fold = hash.length > 1 ? document.getElementById(hash.slice(1)) : null;
  const inside = fold && fold.querySelector(":scope > details");
  if (inside) inside.open = true;
}
build();
follow();
window.addEventListener("hashchange", follow);
window.addEventListener("beforeprint", () => {
  for (let closed = document.querySelectorAll("details:not([open])"); closed.length; closed = document.querySelectorAll("details:not([open])")) {
    closed.forEach((one) => { one.open = true; });
    fills.forEach((fill) => fill());
  }
});
document.documentElement.dataset.ready = "yes";

// the same person across accounts

function personRow([name, risky, parts]) {
  const number = new Set(parts.flatMap(([where]) => where)).size;
  const heading = el("h3", {}, span(name), risky ? el("span", {text: "look at this first", class: "pill refuse"}) : null, span(` ${counted(number, "account", "accounts")}`, "weak sums"));
  const body = () => el("div", {class: "inside"}, ...parts.flatMap(([where, lines]) => [linesOf(lines), inAccounts(where)]));
  return filled(el("details", {class: "account"}, el("summary", {}, heading)), body);
}
function acrossPart() {
  if (!page.across.length) return null;
  const input = el("input", {type: "search", autocomplete: "off", id: "find-person"});
  const list = el("div", {class: "accounts"});
  const rest = el("div", {});
  const status = el("p", {role: "status", class: "weak"});
  function filter() {
    const wanted = input.value.trim().toLowerCase();
    const found = page.across.filter(([name]) => !wanted || name.toLowerCase().includes(wanted));
    status.textContent = found.length ? `${counted(found.length, "person", "people")} of ${page.across.length.toLocaleString("en")}` : "Nothing changes for anybody of this name.";
    list.replaceChildren(...found.slice(0, FOUND).map(personRow));
    rest.replaceChildren(...found.length > FOUND ? [more(found.slice(FOUND), ROWS, (one) => list.append(personRow(one)), "person", "people")] : []);
  }
  input.addEventListener("input", filter);
  filter();
  const filters = el("div", {class: "filters"}, el("label", {}, span("Name of a person"), input));
  return part("People across accounts", "across", null, filters, status, list, rest);
}
makers.across = acrossPart;

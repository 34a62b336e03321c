const data = JSON.parse(document.getElementById("data").textContent);
const page = data.page;
// A text of two numbers has the parts that stand at these; parts come before their text.
if (page) page.texts.forEach((one, number, texts) => { if (Array.isArray(one)) texts[number] = texts[one[0]] + texts[one[1]]; });
const SMALL = 25, LARGE = 1000, ROWS = 50, CARDS = window.innerWidth < 600 ? 12 : 36, MOST_COLUMNS = 60, FOUND = 20, NAMES = 30;
const MARK = ["", "+ ", "- "], TONE = ["", "create", "delete"];
const BECOMES = ["", "new", "will be deleted"];

function el(tag, properties, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(properties || {})) {
    if (key === "text") node.textContent = value;
    else if (key === "on") for (const [name, call] of Object.entries(value)) node.addEventListener(name, call);
    else if (value !== null && value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter(Boolean));
  return node;
}
const span = (text, style) => el("span", {text, class: style || null});
const counted = (number, one, many) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

// lines and sections of the report

const words = (part) => typeof part === "number" ? page.texts[part] : part;
function spanOf(part) {
  if (!Array.isArray(part)) return span(words(part));
  const [shared, style, link] = part, text = words(shared);
  const name = data.styles[style];
  if (link && /^https?:\/\//.test(link)) return el("a", {text, href: link, class: name || null, rel: "noreferrer"});
  return span(text, name);
}
function lineOf([indent, ...parts], tag = "li") {
  if (tag === "li") return el(tag, {class: `i${Math.min(indent, 8)}`}, ...parts.map(spanOf));
  return el(tag, {}, ...parts.flatMap((part, number) => number ? [span(" "), spanOf(part)] : [spanOf(part)]));
}
const linesOf = (lines) => el("ul", {class: "lines"}, ...lines.map((line) => lineOf(line)));
function tableOf({columns, rows}) {
  const head = el("tr", {}, ...columns.map((text) => el("th", {text, scope: "col"})));
  const body = rows.map((row) => el("tr", {}, ...row.map((cell) => lineOf(cell, "td"))));
  return el("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "Table"}, el("table", {}, el("thead", {}, head), el("tbody", {}, ...body)));
}
const LONG = 150;
function bodyOf(section) {
  if (section.table) return tableOf(section.table);
  if (section.lines.length <= LONG) return linesOf(section.lines);
  const list = linesOf(section.lines.slice(0, LONG));
  return el("div", {}, list, more(section.lines.slice(LONG), LONG, (line) => list.append(lineOf(line)), "line", "lines"));
}
function more(items, step, add, one, many) {
  let at = 0;
  const button = el("button", {type: "button", on: {click: () => {
    items.slice(at, at + step).forEach(add);
    at += step;
    label();
  }}});
  const label = () => {
    button.textContent = `Show ${counted(Math.min(step, items.length - at), `more ${one}`, `more ${many}`)}`;
    button.hidden = at >= items.length;
  };
  label();
  return button;
}
const fills = [];
// What a page has between its top and its sections: a part per name, in the order of the files.
const makers = {};
// What an address such as #person=alice shows: a function per name.
const shows = {};
function filled(fold, make) {
  let isFilled = false;
  const fill = () => {
    if (fold.open && !isFilled) {
      isFilled = true;
      fold.append(make());
    }
  };
  fold.addEventListener("toggle", fill);
  fills.push(fill);
  fill();
  return fold;
}
let serial = 0;
function part(title, id, folded, ...children) {
  const name = id || `part-${serial += 1}`;
  const heading = el("h2", {text: title, id: `${name}-title`});
  if (folded === null) return el("section", {id: name, "aria-labelledby": `${name}-title`, tabindex: "-1"}, heading, ...children);
  const fold = el("details", {open: !folded}, el("summary", {}, heading), ...children);
  return el("section", {id: name, "aria-labelledby": `${name}-title`, tabindex: "-1"}, fold);
}
function sectionsOf(sections) {
  const made = [];
  let summary = null;
  for (const section of sections) {
    const body = section.table || section.lines.length ? bodyOf(section) : null;
    if (!section.title) {
      if (!body) continue;
      if (!summary) made.push(summary = part("Summary", "summary", null));
      summary.append(body);
      continue;
    }
    const lines = section.lines ? section.lines.length : 0;
    made.push(part(section.title, null, section.detail ? lines > 60 : null, body));
  }
  return made;
}

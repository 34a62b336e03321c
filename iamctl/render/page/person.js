// one person

// A time is twice the days before the page was made, plus 1 if the last of these days is not over.
const today = page ? Math.floor(Date.parse(`${page.today}T00:00:00Z`) / 86400000) : 0;
const day = (time) => new Date((today - (time >> 1)) * 86400000).toISOString().slice(0, 10);
function age(time) {
  const days = (time >> 1) - (time & 1);
  return `${day(time)} (${days < 1 ? "less than a day ago" : `${counted(days, "day", "days")} ago`})`;
}
const isTold = (ago) => ago !== null && ago !== undefined;
function credentialsOf(held) {
  if (!held) return [["Credentials", "not read"]];
  const [facts, since, used, ...keys] = held;
  const [password, mfa, isUseKnown, areKeysKnown] = [0, 2, 4, 6].map((place) => facts >> place & 3);
  const use = (ago, known) => isTold(ago) ? `last used ${age(ago)}` : known === 1 ? "never used" : "last use unknown";
  const all = (...parts) => parts.filter(Boolean).join(", ");
  const rows = [["Password", ["none", all("yes", isTold(since) && `since ${age(since)}`, use(used, isUseKnown)), "unknown"][password]], ["MFA device", ["none", "yes", "unknown"][mfa]]];
  if (areKeysKnown !== 1) return [...rows, ["Access keys", "unknown"]];
  if (!keys.length) return [...rows, ["Access keys", "none"]];
  for (let at = 0; at < keys.length; at += 3) rows.push(["Access key", all(keys[at] & 1 ? "active" : "inactive", isTold(keys[at + 1]) && `created ${age(keys[at + 1])}`, use(keys[at + 2], keys[at] >> 1))]);
  return rows;
}
function edgesOf(person) {
  const direct = person.policies.map((edge) => ({edge, below: []}));
  return {groups: person.groups.map((edge) => ({edge, below: throughGroup(edge)})), direct, boundary: person.boundary};
}
function treeOf(person) {
  const {groups, direct, boundary} = edgesOf(person);
  const node = (edge, name, below) => el("li", {}, span(MARK[sign(edge)] + name, TONE[sign(edge)]), below && below.length ? el("ul", {}, ...below) : null);
  return el("ul", {class: "tree beside", "aria-label": `Groups and policies of ${person.name}`},
    ...groups.map(({edge, below}) => node(edge, `group ${group(target(edge)).name}${terms(person, target(edge))}`, below.map((one) => node(one, policyName(target(one)))))),
    ...direct.map(({edge}) => node(edge, `${policyName(target(edge))}, directly`)),
    ...boundary.map((edge) => node(edge, `${policyName(target(edge))}, permissions boundary`)));
}
const SVG = "http://www.w3.org/2000/svg";
function draw(tag, attributes, words) {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (words !== undefined) node.textContent = words;
  return node;
}
const cut = (words, most) => words.length > most ? `${words.slice(0, most - 1)}…` : words;
function graphOf(person) {
  const {groups, direct, boundary} = edgesOf(person);
  const STEP = 32, WIDE = 250, columns = [0, 305, 610];
  const places = new Map(), boxes = [], lines = [];
  const place = (key, name, kind, column) => {
    const known = places.get(key);
    if (known) {
      if (known.kind !== kind) known.kind = 0;
      return known;
    }
    const row = boxes.filter((box) => box.column === column).length;
    const box = {name, kind, column, x: columns[column], y: 12 + STEP * row};
    places.set(key, box);
    boxes.push(box);
    return box;
  };
  const me = place("me", person.name, person.sign, 0);
  const join = (from, to, kind) => lines.push([from, to, kind]);
  for (const {edge, below} of groups) {
    const box = place(`g${target(edge)}`, group(target(edge)).name, sign(edge), 1);
    join(me, box, sign(edge));
    for (const one of below) join(box, place(`p${target(one)}`, policyName(target(one)), sign(one), 2), sign(one));
  }
  for (const {edge} of direct) join(me, place(`p${target(edge)}`, policyName(target(edge)), sign(edge), 2), sign(edge));
  for (const edge of boundary) join(me, place(`b${target(edge)}`, `boundary: ${policyName(target(edge))}`, sign(edge), 2), sign(edge));
  const height = 20 + STEP * Math.max(...[0, 1, 2].map((column) => boxes.filter((box) => box.column === column).length));
  me.y = height / 2 - 12;
  const svg = draw("svg", {viewBox: `0 0 862 ${height}`, class: "graph", "aria-hidden": "true", width: 862, height});
  for (const [from, to, kind] of lines) {
    const left = from.x + WIDE, middle = (left + to.x) / 2;
    svg.append(draw("path", {class: `edge s${kind}`, d: `M${left},${from.y + 12}C${middle},${from.y + 12} ${middle},${to.y + 12} ${to.x},${to.y + 12}`}));
  }
  for (const box of boxes) {
    svg.append(draw("rect", {class: `box s${box.kind}`, x: box.x, y: box.y, width: WIDE, height: 24, rx: 5}));
    const label = draw("text", {x: box.x + 8, y: box.y + 16}, cut(MARK[box.kind] + box.name, 31));
    label.append(draw("title", {}, box.name));
    svg.append(label);
  }
  return svg;
}
function personView(person) {
  const facts = [["Path", text(person.path)]];
  if (person.status) facts.push(["Managed", text(person.status)]);
  if (person.tags.length) facts.push(["Tags", person.tags.map((number) => own(person, number)).join(", ")]);
  facts.push(...credentialsOf(person.held));
  const list = el("dl", {class: "facts"}, ...facts.flatMap(([name, value]) => [el("dt", {text: name}), el("dd", {text: value})]));
  const view = el("article", {class: "one"}, el("h3", {tabindex: "-1"}, span(`${MARK[person.sign]}${person.name}`, TONE[person.sign]), BECOMES[person.sign] ? el("span", {text: BECOMES[person.sign], class: `pill ${TONE[person.sign]}`}) : null), list);
  if (person.ways.length) view.append(el("h4", {text: "Administrator rights"}), el("ul", {class: "lines"}, ...person.ways.map((way) => el("li", {text: own(person, way), class: "refuse"}))));
  if (person.notes.length) view.append(el("h4", {text: "Findings"}), el("ul", {class: "lines"}, ...person.notes.map((note) => el("li", {text: own(person, note)}))));
  view.append(el("h4", {text: "Groups and policies"}));
  const nothing = !person.groups.length && !person.policies.length && !person.boundary.length;
  if (nothing) view.append(el("p", {text: "None."}));
  else view.append(el("details", {open: people.length > SMALL}, el("summary", {text: "Graph"}), graphOf(person), treeOf(person)));
  view.append(el("h4", {text: "Access by service"}), ...servicesOf(person));
  const card = page.cards.find((one) => one[0] === person.name);
  if (card) view.append(el("h4", {text: "What changes"}), cardOf(card, false, "h5"));
  const edges = new Map();
  for (const edge of [...person.groups.flatMap(throughGroup), ...person.policies]) edges.set(target(edge), edges.has(target(edge)) && edges.get(target(edge)) !== edge ? target(edge) * 3 : edge);
  if (edges.size) view.append(el("h4", {text: "What each policy allows by itself"}), grantsOf([...edges.values()]));
  return view;
}
function personPart() {
  if (!people.length) return null;
  const view = el("div", {"aria-live": "polite"});
  const found = el("ul", {class: "results"});
  const input = el("input", {type: "search", id: "find", autocomplete: "off", on: {input: () => search(input.value)}});
  const showPerson = shows.person = (name, isMove) => {
    const person = byName.get(name);
    if (!person) return;
    view.replaceChildren(personView(person));
    if (isMove) {
      view.scrollIntoView();
      view.querySelector("h3").focus({preventScroll: true});
    }
  };
  const search = (typed) => {
    const wanted = typed.trim().toLowerCase();
    const hits = wanted || people.length <= SMALL ? people.filter((person) => nameOf(person).includes(wanted) || hasTag(person, wanted)) : [];
    found.replaceChildren(...hits.slice(0, SMALL).map((person) => el("li", {}, personLink(person.name))));
    if (hits.length > SMALL) found.append(el("li", {text: `and ${(hits.length - SMALL).toLocaleString("en")} more`, class: "weak"}));
    if (wanted && !hits.length) found.append(el("li", {text: "Nobody has this name or tag.", class: "weak"}));
    if (wanted && hits.length === 1) showPerson(hits[0].name, false);
  };
  search("");
  const label = el("label", {}, span("Name or tag of a person"), input);
  return part("One person", "person", null, el("div", {class: "filters"}, label), found, view);
}
makers.person = personPart;

// people, groups and policies: an edge is three times its target, plus 0 kept, 1 added, 2 removed

const text = (number) => page.texts[number || 0];
const target = (edge) => Math.floor(edge / 3);
const sign = (edge) => edge % 3;
// A profile is what several people can share: path, tags, own policies, boundary, status, findings, ends, ways to administrator rights, limits.
const people = page ? page.people.names.map((name, number) => {
  const [path = 0, tags = [], policies = [], boundary = [], status = 0, notes = [], ends = [], ways = [], limits = []] = page.profiles[page.people.profile[number]];
  return {number, name, sign: page.people.signs[number] || 0, changed: 0, groups: [...page.people.groups[number].map((one) => 3 * one), ...page.people.moves[number] || []].sort((one, other) => one - other), held: page.people.held[number] || 0, path, tags, policies, boundary, status, notes, ends, ways, limits};
}) : [];
if (page) page.people.changed.forEach((number) => { people[number].changed = 1; });
const own = (person, number) => text(number).replaceAll("\0", person.name);
// A person who is neither new nor deleted, and in whom something changes, has the sign of a change.
const markOf = (person) => person.sign ? MARK[person.sign] : person.changed ? "~ " : "";
const byName = new Map(people.map((person) => [person.name, person]));
const folded = new Map();
function nameOf(person) {
  if (!folded.has(person.number)) folded.set(person.number, person.name.toLowerCase());
  return folded.get(person.number);
}
const tagText = page ? page.texts.map((one) => one.toLowerCase()) : [];
const hasTag = (person, wanted) => person.tags.some((number) => {
  const tag = tagText[number];
  return (tag.includes("\0") ? tag.replaceAll("\0", nameOf(person)) : tag).includes(wanted);
});
const group = (number) => ({name: page.groups[number][0], sign: page.groups[number][1] || 0, members: [page.groups[number][2]].flat(), status: page.groups[number][6] || 0});
// The second number of a policy is 1 if the plan changes its document, plus 2 if the document is known.
const isRead = (number) => page.policies[number][1] > 1;
const policyName = (number) => `${page.policies[number][1] & 1 ? "~ " : ""}${text(page.policies[number][0])}`;
// What a member who stays, joins or leaves has of a group: worked out when the page was made, not here.
// Left out where all have the same.
const throughGroup = (edge) => {
  const [held, ...moves] = page.groups[target(edge)].slice(3, 6), told = sign(edge) ? moves[sign(edge) - 1] : held;
  return Array.isArray(told) ? told : held.map((one) => 3 * target(one) + sign(edge));
};
const terms = (person, number) => {
  const at = person.ends.findIndex((value, index) => index % 2 === 0 && value === number);
  return at < 0 ? "" : ` ${text(person.ends[at + 1])}`;
};
const personLink = (name) => byName.has(name) ? el("a", {text: name, href: `#person=${encodeURIComponent(name)}`}) : span(name);

function chips(edges, name) {
  return edges.map((edge) => el("span", {text: MARK[sign(edge)] + name(target(edge)), class: `chip ${TONE[sign(edge)]}`}));
}

// cards

const shared = (numbers) => numbers.map((number) => page.lines[number]);
function cardOf([name, mark, note, style, lines, access], isPerson, level = "h3") {
  const tone = {"+": 1, "-": 2}[mark] || 0;
  const heading = el(level, {}, span(`${mark} `, data.styles[style]), isPerson ? personLink(name) : span(name), note ? el("span", {text: note, class: `pill ${data.styles[style]}`}) : null);
  const card = el("article", {class: `card s${tone}`}, heading, lines.length ? linesOf(shared(lines)) : null);
  const [some, all] = access === null ? [[], []] : page.access[access];
  const full = shared(all), short = some ? shared(some) : full.filter((line) => line[0] <= page.row);
  if (short.length) card.append(el(level === "h3" ? "h4" : "h6", {text: "Access"}), linesOf(short));
  if (full.length) card.append(filled(el("details", {}, el("summary", {text: "All of it, with sources and examples"})), () => linesOf(full)));
  return card;
}
function gridOf(items, make, one, many) {
  const grid = el("div", {class: "cards"}, ...items.slice(0, CARDS).map(make));
  const rest = items.slice(CARDS);
  return el("div", {}, grid, rest.length ? more(rest, CARDS, (item) => grid.append(make(item)), one, many) : null);
}
const oneByOne = () => gridOf(page.cards, (card) => cardOf(card, true), "person", "people");
function peoplePart() {
  if (!page.cards.length) return null;
  const limits = page.limits.length ? linesOf(page.limits) : null;
  if (people.length <= LARGE) return part("People", "people", null, limits, oneByOne());
  return part("People", "people", null, limits, sumsOf(page.cards), filled(el("details", {}, el("summary", {text: `${counted(page.cards.length, "person", "people")} one by one`})), oneByOne));
}
// What many cards say, with the number of people of whom they say it: first what most of them say.
function sumsOf(cards) {
  const found = new Map();
  for (const [name, , , , lines, access] of cards) {
    const [some, all] = access === null ? [[], []] : page.access[access];
    const rows = some || all.filter((number) => page.lines[number][0] <= page.row);
    for (const number of new Set([...lines, ...rows])) {
      const said = page.lines[number].slice(0, 2).map((one) => Array.isArray(one) ? one.slice(0, 2).join() : one).join();
      if (!found.has(said)) found.set(said, [page.lines[number], []]);
      found.get(said)[1].push(name);
    }
  }
  const sums = [...found.values()].filter(([, names]) => names.length > 1).sort((one, other) => other[1].length - one[1].length);
  const row = ([[, part], names]) => el("li", {}, filled(el("details", {}, el("summary", {}, span(`${counted(names.length, "person", "people")}: `, "strong"), spanOf(part))), () => el("p", {}, ...names.slice(0, ROWS).flatMap((name, place) => place ? [span(", "), personLink(name)] : [personLink(name)]), names.length > ROWS ? span(` and ${(names.length - ROWS).toLocaleString("en")} more`) : null)));
  const list = el("ul", {class: "lines sums"}, ...sums.slice(0, FOUND).map(row));
  return el("div", {}, list, sums.length > FOUND ? more(sums.slice(FOUND), ROWS, (one) => list.append(row(one)), "line", "lines") : null);
}

// groups: members before and after, who joins and leaves, what a group grants

function groupsPart() {
  if (!page.groups.length) return null;
  const moves = page.groups.map(() => [[], [], []]);
  for (const person of people) for (const edge of person.groups) if (sign(edge)) moves[target(edge)][sign(edge)].push(person);
  const cards = new Map(page.groupCards.map((card) => [card[0], card]));
  const numbers = page.groups.map((_, number) => number);
  const touched = (number) => moves[number][1].length || moves[number][2].length || cards.has(group(number).name);
  const first = numbers.filter(touched), others = numbers.filter((number) => !touched(number));
  const names = (list, kind, number) => list.length ? el("p", {}, span(`${MARK[kind]}${list.slice(0, NAMES).map((one) => one.name + terms(one, number)).join(", ")}${list.length > NAMES ? ` and ${list.length - NAMES} more` : ""}`, TONE[kind])) : null;
  const make = (number) => {
    const {name, sign: kind, members, status} = group(number);
    const card = cards.get(name);
    const head = el("h3", {}, span(`${MARK[kind] || (touched(number) ? "~ " : "")}${name}`, TONE[kind]), BECOMES[kind] ? el("span", {text: BECOMES[kind], class: `pill ${TONE[kind]}`}) : null, status ? el("span", {text: text(status), class: "pill weak"}) : null);
    const size = members.length === 1 ? counted(members[0], "member", "members") : `${members[0].toLocaleString("en")} → ${counted(members[1], "member", "members")}`;
    const held = page.groups[number][3];
    return el("article", {class: `card s${kind}`}, head, el("p", {text: size, class: "weak"}), names(moves[number][1], 1, number), names(moves[number][2], 2, number), card && card[4].length ? linesOf(shared(card[4])) : null, held.length ? el("h4", {text: "Policies"}) : null, held.length ? el("p", {}, ...chips(held, policyName)) : null, held.length ? filled(el("details", {}, el("summary", {text: "What they allow"})), () => grantsOf(held)) : null);
  };
  const rest = others.length ? filled(el("details", {open: !first.length && others.length <= SMALL}, el("summary", {text: `${counted(others.length, "group", "groups")}${page.legend ? " without changes" : ""}`})), () => gridOf(others, make, "group", "groups")) : null;
  return part("Groups", "groups", null, page.legend ? el("p", {text: page.legend, class: "weak"}) : null, first.length ? gridOf(first, make, "group", "groups") : null, rest);
}
function grantsOf(edges) {
  return el("ul", {class: "lines"}, ...edges.map((edge) => {
    const told = isRead(target(edge)) ? page.policies[target(edge)][2].map((line) => el("div", {text: text(line), class: "weak sub"})) : [el("div", {text: "the document is unknown", class: "warn sub"})];
    return el("li", {}, span(MARK[sign(edge)] + policyName(target(edge)), TONE[sign(edge)] || "strong"), ...told);
  }));
}
makers.people = peoplePart;
makers.groups = groupsPart;

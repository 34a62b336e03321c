"use strict";
// Every text is written with textContent; nothing here reads markup, asks the network or evaluates text.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const page = data.page;
  const SMALL = 25, LARGE = 1000, ROWS = 50, CARDS = 36, MOST_COLUMNS = 60, FOUND = 20;
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
    let last = null;
    for (const section of sections) {
      const body = section.table || section.lines.length ? bodyOf(section) : null;
      if (!section.title) {
        if (!body) continue;
        if (!last) made.push(last = part("Summary", "summary", null));
        last.append(body);
        continue;
      }
      const lines = section.lines ? section.lines.length : 0;
      last = part(section.title, null, section.detail ? lines > 60 : null, body);
      made.push(last);
    }
    return made;
  }

  // people, groups and policies: an edge is three times its target, plus 0 kept, 1 added, 2 removed

  const text = (number) => page.texts[number || 0];
  const target = (edge) => Math.floor(edge / 3);
  const sign = (edge) => edge % 3;
  // A profile is what several people can share: path, tags, own policies, boundary, status, findings, ends.
  const people = page ? page.people.names.map((name, number) => {
    const [path = 0, tags = [], policies = [], boundary = [], status = 0, notes = [], ends = []] = page.profiles[page.people.profile[number]];
    return {number, name, sign: page.people.signs[number] || 0, changed: 0, groups: page.people.groups[number], held: page.people.held[number] || 0, path, tags, policies, boundary, status, notes, ends};
  }) : [];
  if (page) page.people.changed.forEach((number) => { people[number].changed = 1; });
  const own = (person, number) => text(number).replaceAll("\0", person.name);
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
  const group = (number) => ({name: page.groups[number][0], sign: page.groups[number][1] || 0, members: page.groups[number][2], status: page.groups[number][6] || 0});
  const policyName = (number) => `${page.policies[number][1] ? "~ " : ""}${page.policies[number][0]}`;
  // What a member who stays, joins or leaves has of a group: worked out when the page was made, not here.
  const throughGroup = (edge) => page.groups[target(edge)][3 + sign(edge)];
  const terms = (person, number) => {
    const at = person.ends.findIndex((value, index) => index % 2 === 0 && value === number);
    return at < 0 ? "" : ` ${text(person.ends[at + 1])}`;
  };
  const personLink = (name) => byName.has(name) ? el("a", {text: name, href: `#person=${encodeURIComponent(name)}`}) : span(name);

  function chips(edges, name) {
    return edges.map((edge) => el("span", {text: MARK[sign(edge)] + name(target(edge)), class: `chip ${TONE[sign(edge)]}`}));
  }

  // cards

  function cardOf([name, mark, note, style, lines, access], isPerson, level = "h3") {
    const tone = {"+": 1, "-": 2}[mark] || 0;
    const heading = el(level, {}, span(`${mark} `, data.styles[style]), isPerson ? personLink(name) : span(name), note ? el("span", {text: note, class: `pill ${data.styles[style]}`}) : null);
    const card = el("article", {class: `card s${tone}`}, heading, lines.length ? linesOf(lines) : null);
    const [short, full] = access === null ? [[], []] : page.access[access];
    if (short.length) card.append(el(level === "h3" ? "h4" : "h6", {text: "Access"}), linesOf(short));
    if (full.length) card.append(filled(el("details", {}, el("summary", {text: "All of it, with sources and examples"})), () => linesOf(full)));
    return card;
  }
  function gridOf(items, make, one, many) {
    const grid = el("div", {class: "cards"}, ...items.slice(0, CARDS).map(make));
    const rest = items.slice(CARDS);
    return el("div", {}, grid, rest.length ? more(rest, CARDS, (item) => grid.append(make(item)), one, many) : null);
  }
  function peoplePart() {
    if (!page.cards.length) return null;
    const limits = page.limits.length ? linesOf(page.limits) : null;
    return part("People", "people", null, limits, gridOf(page.cards, (card) => cardOf(card, true), "person", "people"));
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
    const NAMES = 30;
    const names = (list, kind, number) => list.length ? el("p", {}, span(`${MARK[kind]}${list.slice(0, NAMES).map((one) => one.name + terms(one, number)).join(", ")}${list.length > NAMES ? ` and ${list.length - NAMES} more` : ""}`, TONE[kind])) : null;
    const make = (number) => {
      const {name, sign: kind, members, status} = group(number);
      const card = cards.get(name);
      const head = el("h3", {}, span(`${MARK[kind] || (card ? "~ " : "")}${name}`, TONE[kind]), BECOMES[kind] ? el("span", {text: BECOMES[kind], class: `pill ${TONE[kind]}`}) : null, status ? el("span", {text: text(status), class: "pill weak"}) : null);
      const size = members[0] === members[1] ? counted(members[0], "member", "members") : `${members[0].toLocaleString("en")} → ${counted(members[1], "member", "members")}`;
      const held = page.groups[number][3];
      return el("article", {class: `card s${kind}`}, head, el("p", {text: size, class: "weak"}), names(moves[number][1], 1, number), names(moves[number][2], 2, number), card && card[4].length ? linesOf(card[4]) : null, held.length ? el("h4", {text: "Policies"}) : null, held.length ? el("p", {}, ...chips(held, policyName)) : null, held.length ? filled(el("details", {}, el("summary", {text: "What they allow"})), () => grantsOf(held)) : null);
    };
    const rest = others.length ? filled(el("details", {open: !first.length && others.length <= SMALL}, el("summary", {text: `${counted(others.length, "group", "groups")} without changes`})), () => gridOf(others, make, "group", "groups")) : null;
    return part("Groups", "groups", null, page.legend ? el("p", {text: page.legend, class: "weak"}) : null, first.length ? gridOf(first, make, "group", "groups") : null, rest);
  }
  function grantsOf(edges) {
    return el("ul", {class: "lines"}, ...edges.map((edge) => {
      const [, , known, lines] = page.policies[target(edge)];
      const told = known ? lines.map((line) => el("div", {text: text(line), class: "weak sub"})) : [el("div", {text: "the document is unknown", class: "warn sub"})];
      return el("li", {}, span(MARK[sign(edge)] + policyName(target(edge)), TONE[sign(edge)] || "strong"), ...told);
    }));
  }

  // one person

  const day = (number) => new Date(number * 86400000).toISOString().slice(0, 10);
  const today = page ? Math.floor(Date.parse(`${page.today}T00:00:00Z`) / 86400000) : 0;
  const age = (number) => `${day(number)} (${today - number < 1 ? "today" : `${counted(today - number, "day", "days")} ago`})`;
  function credentialsOf(held) {
    if (!held) return [["Credentials", "not read"]];
    const [password, mfa, since, used, isUseKnown, keys] = held;
    const yes = (fact, one, other) => fact === null || fact === undefined ? "unknown" : fact ? one : other;
    const use = (at, known) => at !== null && at !== undefined ? `last used ${age(at)}` : known ? "never used" : "last use unknown";
    const rows = [["Password", yes(password, ["yes", since ? `since ${age(since)}` : "", use(used, isUseKnown)].filter(Boolean).join(", "), "none")], ["MFA device", yes(mfa, "yes", "none")]];
    if (!keys) return [...rows, ["Access keys", "unknown"]];
    if (!keys.length) return [...rows, ["Access keys", "none"]];
    return [...rows, ...keys.map(([active, made, last, known]) => ["Access key", [active ? "active" : "inactive", made ? `created ${age(made)}` : "", use(last, known)].filter(Boolean).join(", ")])];
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
    const STEP = 32, WIDE = 220, columns = [10, 290, 570];
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
    const svg = draw("svg", {viewBox: `0 0 800 ${height}`, class: "graph", "aria-hidden": "true", width: 800, height});
    for (const [from, to, kind] of lines) {
      const left = from.x + WIDE, middle = (left + to.x) / 2;
      svg.append(draw("path", {class: `edge s${kind}`, d: `M${left},${from.y + 12}C${middle},${from.y + 12} ${middle},${to.y + 12} ${to.x},${to.y + 12}`}));
    }
    for (const box of boxes) {
      svg.append(draw("rect", {class: `box s${box.kind}`, x: box.x, y: box.y, width: WIDE, height: 24, rx: 5}));
      const label = draw("text", {x: box.x + 8, y: box.y + 16}, cut(MARK[box.kind] + box.name, 29));
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
    if (person.notes.length) view.append(el("h4", {text: "Findings"}), el("ul", {class: "lines"}, ...person.notes.map((note) => el("li", {text: own(person, note)}))));
    view.append(el("h4", {text: "Groups and policies"}));
    const nothing = !person.groups.length && !person.policies.length && !person.boundary.length;
    if (nothing) view.append(el("p", {text: "None."}));
    else view.append(el("details", {open: people.length > SMALL}, el("summary", {text: "Graph"}), graphOf(person), treeOf(person)));
    const card = page.cards.find((one) => one[0] === person.name);
    if (card) view.append(el("h4", {text: "What changes"}), cardOf(card, false, "h5"));
    const edges = new Map();
    for (const edge of [...person.groups.flatMap(throughGroup), ...person.policies]) edges.set(target(edge), edges.has(target(edge)) && edges.get(target(edge)) !== edge ? target(edge) * 3 : edge);
    if (edges.size) view.append(el("h4", {text: "What each policy allows by itself"}), grantsOf([...edges.values()]));
    return view;
  }
  let showPerson = () => {};
  function personPart() {
    if (!people.length) return null;
    const view = el("div", {"aria-live": "polite"});
    const found = el("ul", {class: "results"});
    const input = el("input", {type: "search", id: "find", autocomplete: "off", on: {input: () => search(input.value)}});
    showPerson = (name, isMove) => {
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
      const hits = wanted ? people.filter((person) => nameOf(person).includes(wanted) || hasTag(person, wanted)) : [];
      found.replaceChildren(...hits.slice(0, FOUND).map((person) => el("li", {}, personLink(person.name))));
      if (hits.length > FOUND) found.append(el("li", {text: `and ${(hits.length - FOUND).toLocaleString("en")} more`, class: "weak"}));
      if (wanted && !hits.length) found.append(el("li", {text: "Nobody has this name or tag.", class: "weak"}));
      if (hits.length === 1) showPerson(hits[0].name, false);
    };
    const label = el("label", {}, span("Name or tag of a person"), input);
    return part("One person", "person", null, el("div", {class: "filters"}, label), found, view);
  }

  // the matrix: a drawing, and a table of the rows that it shows

  function matrixPart() {
    if (!people.length || !page.groups.length) return null;
    const anyChange = people.some((person) => person.changed);
    const person = el("input", {type: "search", autocomplete: "off"});
    const tag = el("input", {type: "search", autocomplete: "off"});
    const inGroup = el("select", {}, el("option", {text: "any group", value: ""}), ...page.groups.map((one, number) => el("option", {text: one[0], value: String(number)})));
    const changed = el("input", {type: "checkbox"});
    changed.checked = people.length > SMALL && anyChange;
    const canvas = el("canvas", {role: "img", "aria-label": "Members of groups; the table below has the same rows"});
    const head = el("tr", {}, el("th", {text: "Person", scope: "col"}), el("th", {text: "Groups", scope: "col"}));
    const caption = el("caption", {});
    const body = el("tbody", {});
    const status = el("p", {role: "status", class: "weak"});
    const back = el("button", {type: "button", text: "Previous"}), on = el("button", {type: "button", text: "Next"});
    const picture = el("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "Drawing of the matrix"}, canvas);
    const table = el("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "Rows of the matrix"}, el("table", {}, caption, el("thead", {}, head), body));
    const pager = el("div", {class: "pager"}, back, on, status);
    let at = 0, rows = [];
    const isAsked = () => people.length <= LARGE || changed.checked || person.value.trim() || tag.value.trim() || inGroup.value;
    function filter() {
      const name = person.value.trim().toLowerCase(), label = tag.value.trim().toLowerCase();
      const wanted = inGroup.value === "" ? -1 : Number(inGroup.value);
      rows = isAsked() ? people.filter((one) => (!changed.checked || one.changed) && (!name || nameOf(one).includes(name)) && (!label || hasTag(one, label)) && (wanted < 0 || one.groups.some((edge) => target(edge) === wanted))) : [];
      at = 0;
      show();
    }
    function show() {
      const shown = rows.slice(at, at + ROWS);
      const first = at + 1, last = at + shown.length;
      status.textContent = !isAsked() ? `${counted(people.length, "person", "people")}: enter a name, a tag or a group.` : rows.length ? `${first.toLocaleString("en")} to ${last.toLocaleString("en")} of ${counted(rows.length, "person", "people")}` : "Nobody matches.";
      caption.textContent = "+ joins, - leaves";
      body.replaceChildren(...shown.map((one) => {
        const kept = one.groups.filter((edge) => !sign(edge));
        const moved = one.groups.filter(sign).map((edge) => edge);
        const cell = el("td", {}, ...chips(moved, (number) => group(number).name), kept.length ? span(kept.map((edge) => group(target(edge)).name).join(", ")) : moved.length ? null : span("no groups", "weak"));
        return el("tr", {}, el("th", {scope: "row"}, span(MARK[one.sign], TONE[one.sign]), personLink(one.name)), cell);
      }));
      back.disabled = at === 0;
      on.disabled = at + ROWS >= rows.length;
      picture.hidden = table.hidden = !shown.length;
      paint(shown);
    }
    let painted = [];
    function paint(shown) {
      painted = shown;
      const CELL = 20, LEFT = 190, TOP = 130;
      const columns = [...new Set(shown.flatMap((one) => one.groups.map(target)))].sort((one, other) => one - other);
      const drawn = columns.slice(0, MOST_COLUMNS), place = new Map(drawn.map((number, index) => [number, index]));
      const wide = LEFT + CELL * drawn.length + 70, high = TOP + CELL * shown.length + 6, scale = window.devicePixelRatio || 1;
      canvas.width = wide * scale;
      canvas.height = high * scale;
      canvas.style.width = `${wide}px`;
      canvas.style.height = `${high}px`;
      if (columns.length > drawn.length) caption.textContent += `; the drawing shows ${drawn.length} of ${columns.length} groups, the table all`;
      const pen = canvas.getContext("2d"), colours = getComputedStyle(document.documentElement);
      const colour = (name) => colours.getPropertyValue(`--${name}`).trim();
      const [ink, line, add, del, addBack, delBack, weak] = ["text", "line", "add", "del", "add-back", "del-back", "weak"].map(colour);
      pen.scale(scale, scale);
      pen.font = "13px system-ui, sans-serif";
      pen.textBaseline = "middle";
      drawn.forEach((number, index) => {
        pen.save();
        pen.translate(LEFT + CELL * index + CELL / 2, TOP - 6);
        pen.rotate(-Math.PI / 3);
        pen.fillStyle = ink;
        pen.fillText(cut(group(number).name, 20), 0, 0);
        pen.restore();
      });
      pen.strokeStyle = line;
      pen.beginPath();
      for (let row = 0; row <= shown.length; row += 1) {
        pen.moveTo(LEFT, TOP + CELL * row + 0.5);
        pen.lineTo(LEFT + CELL * drawn.length, TOP + CELL * row + 0.5);
      }
      for (let index = 0; index <= drawn.length; index += 1) {
        pen.moveTo(LEFT + CELL * index + 0.5, TOP);
        pen.lineTo(LEFT + CELL * index + 0.5, TOP + CELL * shown.length);
      }
      pen.stroke();
      shown.forEach((one, row) => {
        const y = TOP + CELL * row;
        pen.fillStyle = [ink, add, del][one.sign];
        pen.fillText(cut(MARK[one.sign] + one.name, 26), 4, y + CELL / 2);
        for (const edge of one.groups) {
          const index = place.get(target(edge));
          if (index === undefined) continue;
          const x = LEFT + CELL * index, kind = sign(edge);
          pen.fillStyle = [weak, addBack, delBack][kind];
          if (kind) pen.fillRect(x + 1, y + 1, CELL - 1, CELL - 1);
          pen.fillStyle = [weak, add, del][kind];
          if (kind) {
            pen.font = "bold 16px system-ui, sans-serif";
            pen.textAlign = "center";
            pen.fillText(kind === 1 ? "+" : "−", x + CELL / 2, y + CELL / 2 + 1);
            pen.textAlign = "start";
            pen.font = "13px system-ui, sans-serif";
          } else {
            pen.beginPath();
            pen.arc(x + CELL / 2 + 0.5, y + CELL / 2 + 0.5, 4, 0, 7);
            pen.fill();
          }
        }
      });
    }
    person.addEventListener("input", filter);
    tag.addEventListener("input", filter);
    inGroup.addEventListener("change", filter);
    changed.addEventListener("change", filter);
    back.addEventListener("click", () => { at = Math.max(0, at - ROWS); show(); });
    on.addEventListener("click", () => { at += ROWS; show(); });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => paint(painted));
    const labelled = (words, input) => el("label", {}, span(words), input);
    const filters = el("div", {class: "filters"}, labelled("Person", person), labelled("Tag", tag), labelled("Group", inGroup), el("label", {class: "check"}, changed, span("only changes")));
    filter();
    return part("Membership matrix", "matrix", people.length <= SMALL, filters, pager, picture, table);
  }

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
      if (section.place) made.classList.add("first");
      return made;
    }) : [];
    const parts = page ? [...top, peoplePart(), groupsPart(), personPart(), matrixPart(), ...sectionsOf(data.sections)].filter(Boolean) : sectionsOf(data.sections);
    const main = el("main", {id: "main"}, ...parts);
    const ids = new Set(parts.map((one) => one.id));
    const has = (place) => ids.has(place) ? place : place === "refused" && ids.has("first") ? "first" : "main";
    const header = el("header", {}, el("a", {text: "Skip to the content", href: "#main", class: "skip"}), el("h1", {text: data.title}), page ? el("p", {text: page.created, class: "weak"}) : null);
    document.body.append(...[header, page && page.tiles.length ? tilesOf(has) : null, main, el("footer", {}, el("p", {text: "Made by iamctl. This file makes no request."}))].filter(Boolean));
  }
  function follow() {
    const hash = location.hash;
    if (hash.startsWith("#person=")) {
      try {
        showPerson(decodeURIComponent(hash.slice(8)), true);
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
})();

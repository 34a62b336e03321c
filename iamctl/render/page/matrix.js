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
    caption.textContent = "+ joins, - leaves; ~ a person who changes";
    body.replaceChildren(...shown.map((one) => {
      const kept = one.groups.filter((edge) => !sign(edge));
      const moved = one.groups.filter(sign).map((edge) => edge);
      const cell = el("td", {}, ...chips(moved, (number) => group(number).name), kept.length ? span(kept.map((edge) => group(target(edge)).name).join(", ")) : moved.length ? null : span("no groups", "weak"));
      return el("tr", {}, el("th", {scope: "row"}, span(markOf(one), TONE[one.sign]), personLink(one.name)), cell);
    }));
    back.disabled = at === 0;
    on.disabled = at + ROWS >= rows.length;
    picture.hidden = table.hidden = !shown.length;
    paint(shown);
  }
  let painted = [];
  function paint(shown) {
    painted = shown;
    const FONT = "13px system-ui, sans-serif", CELL = 20, TOP = 130;
    const label = (one) => cut(markOf(one) + one.name, 26);
    const pen = canvas.getContext("2d");
    pen.font = FONT;
    const LEFT = Math.ceil(Math.max(60, ...shown.map((one) => pen.measureText(label(one)).width))) + 12;
    const columns = [...new Set(shown.flatMap((one) => one.groups.map(target)))].sort((one, other) => one - other);
    const drawn = columns.slice(0, MOST_COLUMNS), place = new Map(drawn.map((number, index) => [number, index]));
    const wide = LEFT + CELL * drawn.length + 70, high = TOP + CELL * shown.length + 6, scale = window.devicePixelRatio || 1;
    canvas.width = wide * scale;
    canvas.height = high * scale;
    canvas.style.width = `${wide}px`;
    canvas.style.height = `${high}px`;
    if (columns.length > drawn.length) caption.textContent += `; the drawing shows ${drawn.length} of ${columns.length} groups, the table all`;
    const colours = getComputedStyle(document.documentElement);
    const colour = (name) => colours.getPropertyValue(`--${name}`).trim();
    const [ink, line, add, del, addBack, delBack, weak] = ["text", "line", "add", "del", "add-back", "del-back", "weak"].map(colour);
    pen.scale(scale, scale);
    pen.font = FONT;
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
      pen.fillText(label(one), 4, y + CELL / 2);
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
          pen.font = FONT;
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
makers.matrix = matrixPart;

// the accounts of a run, worst first, each with what stops it and what changes in it

const accounts = page.accounts.map(([name, id, wave, outcome, style, note, sums, lines, plan, quiet], number) => ({number, name, id, wave: page.texts[wave], outcome: page.texts[outcome], style: data.styles[style], note: page.texts[note], sums: page.texts[sums], lines, plan, quiet, search: `${name} ${id} ${page.texts[wave]}`.toLowerCase()}));
const samePlan = page.plans.map(() => []);
for (const one of accounts) if (one.plan !== null) samePlan[one.plan].push(one.number);
const inAccounts = (numbers) => {
  const shown = numbers.slice(0, NAMES).map((number) => accountLink(accounts[number]));
  const apart = shown.flatMap((link, place) => place ? [span(", "), link] : [link]);
  if (numbers.length > NAMES) apart.push(span(` and ${(numbers.length - NAMES).toLocaleString("en")} more`));
  return el("p", {class: "weak"}, span(`in ${counted(numbers.length, "account", "accounts")}: `), ...apart);
};
const accountLink = (account) => el("a", {text: account.name, href: `#account=${encodeURIComponent(account.name)}`});

function accountBody(account) {
  const body = el("div", {class: "inside"});
  const facts = [["Account id", account.id], ["Wave", account.wave]].filter((fact) => fact[1]);
  body.append(el("dl", {class: "facts"}, ...facts.flatMap(([name, value]) => [el("dt", {text: name}), el("dd", {text: value})])));
  if (account.note) body.append(el("p", {text: account.note, class: account.style}));
  if (account.lines.length) body.append(el("h4", {text: "Look at this first"}), linesOf(account.lines));
  if (account.plan === null) {
    if (!account.note && !account.lines.length) body.append(el("p", {text: "Nothing to see.", class: "weak"}));
    return body;
  }
  const others = samePlan[account.plan].filter((number) => number !== account.number);
  body.append(el("h4", {text: "What differs"}), bodyOf({lines: page.plans[account.plan]}));
  if (others.length) body.append(el("p", {text: "The same, but for the account's own id and name:", class: "weak"}), inAccounts(others));
  return body;
}
function accountRow(account) {
  const heading = el("h3", {}, span(account.name), el("span", {text: account.outcome, class: `pill ${account.style}`}), account.sums ? span(` ${account.sums}`, "weak sums") : null);
  return filled(el("details", {class: "account"}, el("summary", {}, heading)), () => accountBody(account));
}
function accountsPart() {
  const input = el("input", {type: "search", autocomplete: "off", id: "find-account"});
  const outcomes = [...new Set(accounts.map((one) => one.outcome))];
  const ended = el("select", {}, el("option", {text: "any outcome", value: ""}), ...outcomes.map((text) => el("option", {text, value: text})));
  const noisy = el("input", {type: "checkbox"});
  noisy.checked = accounts.length > SMALL && accounts.some((one) => !one.quiet);
  const list = el("div", {class: "accounts"});
  const rest = el("div", {});
  const status = el("p", {role: "status", class: "weak"});
  const peopleLike = (wanted) => new Set(page.across.filter(([name]) => name.toLowerCase().includes(wanted)).flatMap(([, , parts]) => parts.flatMap(([where]) => where)));
  function filter() {
    const wanted = input.value.trim().toLowerCase();
    const touched = wanted ? peopleLike(wanted) : new Set();
    const found = accounts.filter((one) => (!ended.value || one.outcome === ended.value) && (!noisy.checked || !one.quiet || ended.value) && (!wanted || one.search.includes(wanted) || touched.has(one.number)));
    status.textContent = found.length ? `${counted(found.length, "account", "accounts")} of ${accounts.length.toLocaleString("en")}` : "No account matches.";
    list.replaceChildren(...found.slice(0, ROWS).map(accountRow));
    rest.replaceChildren(...found.length > ROWS ? [more(found.slice(ROWS), ROWS, (one) => list.append(accountRow(one)), "account", "accounts")] : []);
    return found;
  }
  shows.account = (name) => {
    const account = accounts.find((one) => one.name === name);
    if (!account) return;
    input.value = name;
    ended.value = "";
    noisy.checked = false;
    const found = filter();
    const fold = list.children[found.slice(0, ROWS).indexOf(account)];
    if (!fold) return;
    fold.open = true;
    fold.scrollIntoView();
    fold.querySelector("summary").focus({preventScroll: true});
  };
  for (const [node, event] of [[input, "input"], [ended, "change"], [noisy, "change"]]) node.addEventListener(event, filter);
  filter();
  const labelled = (words, node) => el("label", {}, span(words), node);
  const filters = el("div", {class: "filters"}, labelled("Account, id, wave or person", input), labelled("Outcome", ended), el("label", {class: "check"}, noisy, span("hide what is as declared")));
  return part("Accounts", "accounts", null, filters, status, list, rest);
}
makers.accounts = accountsPart;

// which services a person may use, by access level: a person may use what any of their policies adds

const services = page && page.services;
const setOf = (number) => {
  const runs = services.sets[number], found = [];
  for (let at = 0; at < runs.length; at += 2) for (let number = runs[at]; number <= runs[at + 1]; number += 1) found.push(number);
  return found;
};
const MOST_EXCEPTIONS = 8;
// What a policy adds before or after the plan, under the limits of a person.
function shareOf(policy, limits, isAfter) {
  const [, , , after = 0, before = after] = page.policies[policy];
  const less = services.limited[limits] || {};
  return services.shares[policy in less ? less[policy] : isAfter ? after : before];
}
function usedBy(person, isAfter) {
  const levels = services.levels.map(() => new Set());
  const [limitsAfter = 0, limitsBefore = limitsAfter] = person.limits;
  let isSure = true;
  for (const edge of [...person.groups.flatMap(throughGroup), ...person.policies]) {
    if (sign(edge) === (isAfter ? 2 : 1)) continue;
    const share = shareOf(target(edge), isAfter ? limitsAfter : limitsBefore, isAfter);
    levels.forEach((level, place) => { for (const one of setOf(share[place] || 0)) level.add(one); });
    if (share[levels.length]) isSure = false;
  }
  return {levels, isSure};
}
const notRead = (person) => [...new Set([...person.groups.flatMap(throughGroup), ...person.policies, ...person.boundary].filter((edge) => sign(edge) !== 2 && !isRead(target(edge))).map((edge) => policyName(target(edge))))].sort();
// The names of services; of nearly all, the few that are missing. "Other" are those beside the services that stay.
function namesOf(found, others, level) {
  const missing = setOf(services.all[level] || 0).filter((one) => !found.has(one) && !others.has(one));
  const names = (numbers) => numbers.map((one) => services.names[one]).join(", ");
  const every = others.size ? "all other services" : "all services";
  if (services.all.length && missing.length <= MOST_EXCEPTIONS && missing.length < found.size) return missing.length ? `${every} except ${names(missing)}` : every;
  return names([...found].sort((one, other) => one - other));
}
function servicesOf(person) {
  const before = usedBy(person, false), after = usedBy(person, true);
  const rows = services.levels.flatMap((level, place) => {
    const was = before.levels[place], will = after.levels[place];
    const kept = new Set([...will].filter((one) => was.has(one))), added = new Set([...will].filter((one) => !was.has(one))), gone = new Set([...was].filter((one) => !will.has(one)));
    if (!was.size && !will.size) return [];
    const part = (found, kind) => found.size ? span(MARK[kind] + namesOf(found, kind ? kept : new Set(), place), kind ? `chip ${TONE[kind]}` : "chip") : null;
    return [el("dt", {text: level}), el("dd", {}, part(kept, 0), part(added, 1), part(gone, 2))];
  });
  const unread = notRead(person);
  return [
    rows.length ? el("dl", {class: "facts uses"}, ...rows) : el("p", {text: unread.length ? "Nothing that was read allows an action." : "None."}),
    after.isSure ? null : el("p", {text: "Possibly less: the search for allowed actions was not finished.", class: "warn"}),
    unread.length ? el("p", {text: `Not read, so these can allow or deny more: ${unread.join(", ")}`, class: "warn"}) : null,
  ].filter(Boolean);
}

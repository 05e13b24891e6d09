"use strict";

const EVERY = 1000;
const KEPT = 180;
const trends = new Map();
const SVG = "http://www.w3.org/2000/svg";

function byId(id) {
  return document.getElementById(id);
}

/** An element with texts and other elements in it: nothing that comes from a service is read as HTML. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function drawn(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function latency(value) {
  if (value === null) return "–";
  if (value >= 1000) return `${(value / 1000).toFixed(1)} s`;
  return `${value.toFixed(value >= 10 ? 0 : 1)} ms`;
}

function numberCell(text, extra = "") {
  return element("td", { class: `number ${extra}` }, text);
}

function serviceRow(name, own) {
  const failing = own.errors > 0;
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, name),
    numberCell(own.requests.toFixed(1)),
    numberCell(own.requests ? `${own.errors.toFixed(1)} %` : "–", failing ? "errors" : ""),
    numberCell(latency(own.p50)),
    numberCell(latency(own.p99)),
    element("td", {}, trend(name)),
  );
}

function trend(name) {
  const values = trends.get(name) || [];
  const most = Math.max(1, ...values);
  const points = values.map((value, index) => `${(index * 140) / (KEPT - 1)},${22 - (value * 20) / most}`);
  return drawn(
    "svg",
    { viewBox: "0 0 140 24", "aria-hidden": "true" },
    drawn("polyline", { class: "trend-line", points: points.join(" ") }),
  );
}

function remember(name, value) {
  const values = trends.get(name) || [];
  values.push(value);
  trends.set(name, values.slice(-KEPT));
}

/** What leads to a service: the routes with a weight, and everything else for the default. */
function labels(state) {
  const found = new Map(state.services.map((service) => [service.name, []]));
  for (const route of state.routes) {
    if (!route.weight) continue;
    const methods = route.methods === "all" ? "" : `${route.methods} `;
    const share = route.weight === 100 ? "" : ` ${route.weight} %`;
    if (!found.has(route.service)) found.set(route.service, []);
    found.get(route.service).push(`${methods}${route.path}${share}`);
  }
  if (!found.has(state.default)) found.set(state.default, []);
  found.get(state.default).push("everything else");
  return found;
}

function diagram(state) {
  const rows = [...labels(state)];
  const height = Math.max(1, ...rows.map(([, own]) => own.length)) * 16 + 36;
  const all = rows.length * height;
  const middle = all / 2;
  const rates = new Map(state.services.map((service) => [service.name, service.requests]));
  const spoken = rows.map(([name, own]) => `${name || "no service, status 503"}: ${own.join(", ") || "no requests"}`);
  const picture = drawn("svg", { viewBox: `0 0 720 ${all}`, role: "img", "aria-label": spoken.join("; ") });
  rows.forEach(([name, own], index) => {
    const y = index * height + height / 2;
    const idle = own.length ? "" : "idle";
    const width = 1.5 + Math.min(6, Math.log2(1 + (rates.get(name) || 0)));
    picture.append(
      drawn("path", {
        class: `edge ${idle}`,
        "stroke-width": width,
        d: `M 130 ${middle} C 240 ${middle}, 200 ${y}, 300 ${y} L 540 ${y}`,
      }),
    );
    own.forEach((label, line) => {
      picture.append(drawn("text", { class: "label", x: 305, y: y - 9 - (own.length - 1 - line) * 15 }, label));
    });
    picture.append(
      drawn("rect", { class: "node", x: 540, y: y - 15, width: 170, height: 30, rx: 6 }),
      drawn("text", { x: 625, y: y + 5, "text-anchor": "middle" }, name || "503"),
    );
  });
  picture.append(
    drawn("rect", { class: "node", x: 10, y: middle - 18, width: 120, height: 36, rx: 18 }),
    drawn("text", { x: 70, y: middle + 5, "text-anchor": "middle" }, "facade"),
  );
  return picture;
}

function routeRow(path, methods, service, weight) {
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, path),
    element("td", {}, methods),
    element("td", {}, service),
    numberCell(weight),
  );
}

function comparison(one) {
  const head = `${one.route}: ${one.findings} findings in ${one.requests} requests, compared ${one.at}`;
  const listed = one.first.map((finding) => element("li", {}, finding));
  return element("div", {}, element("h3", {}, head), element("ul", {}, ...listed));
}

function step(one) {
  const why = one.why ? `: ${one.why}` : "";
  return `${one.at} ${one.route} ${one.from} % to ${one.to} %, ${one.event}${why}`;
}

/** Only new steps are added, so that a screen reader says these and no others. */
function showSteps(steps) {
  const list = byId("steps");
  const shown = new Set([...list.children].map((item) => item.textContent));
  const lines = steps.map(step);
  for (const item of [...list.children]) if (!lines.includes(item.textContent)) item.remove();
  for (const line of [...lines].reverse()) if (!shown.has(line)) list.prepend(element("li", {}, line));
  if (!lines.length) list.replaceChildren(element("li", { class: "none" }, "none yet: make advance ROUTE=…"));
}

function showProblem(text) {
  const place = byId("problem");
  if (place.textContent !== text) place.textContent = text;
  place.hidden = !text;
}

function show(state) {
  showProblem(state.problem);
  if (!state.services) return;
  document.title = `${state.stack} – Strangler`;
  byId("stack").textContent = state.stack;
  byId("url").textContent = state.url;
  byId("url").href = state.url;
  byId("at").textContent = state.at;
  remember("all", state.facade.requests);
  for (const service of state.services) remember(service.name, service.requests);
  byId("diagram").replaceChildren(diagram(state));
  const routes = state.routes.map((one) => routeRow(one.path, one.methods, one.service, `${one.weight} %`));
  routes.push(routeRow("everything else", "all", state.default || "no service: 503", ""));
  byId("routes").tBodies[0].replaceChildren(...routes);
  const rows = [["all", state.facade], ...state.services.map((service) => [service.name, service])];
  byId("services").tBodies[0].replaceChildren(...rows.map(([name, own]) => serviceRow(name, own)));
  const compared = state.comparisons.map(comparison);
  const none = element("p", { class: "none" }, "none yet: make compare ROUTE=…");
  byId("comparisons").replaceChildren(...(compared.length ? compared : [none]));
  showSteps(state.steps);
}

async function look() {
  try {
    const answer = await fetch("state.json");
    show(await answer.json());
  } catch {
    showProblem("make watch has ended: what stands here is what was seen last");
  }
  setTimeout(look, EVERY);
}

look();

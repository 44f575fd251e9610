"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const search = byId("search");
  const entries = [...document.querySelectorAll("main p, main li, main tbody tr")];
  const sections = [...document.querySelectorAll("main section")].reverse();
  const filter = () => {
    const words = search.value.toLowerCase().split(" ").filter(Boolean);
    const holds = (node) => words.every((word) => node.textContent.toLowerCase().includes(word));
    entries.forEach((entry) => { entry.hidden = !holds(entry); });
    sections.forEach((section) => {
      section.hidden = words.length !== 0
        ? !section.querySelector("p:not([hidden]), li:not([hidden]), tbody tr:not([hidden])") : false;
    });
    document.querySelectorAll("main table").forEach((table) => {
      table.hidden = !table.querySelector("tbody tr:not([hidden])");
    });
    byId("none").hidden = sections.some((section) => !section.hidden);
  };
  search.addEventListener("input", filter);
  window.addEventListener("hashchange", () => {
    const target = byId(decodeURIComponent(location.hash.slice(1)));
    if (target !== null) {
      if (target.closest("[hidden]") !== null) { search.value = ""; filter(); }
      target.scrollIntoView();
    }
  });

  const figure = byId("drawing");
  const svg = figure === null ? null : figure.querySelector("svg");
  if (svg === null) { return; }
  const start = svg.getAttribute("viewBox").split(" ").map(Number);
  let [x, y, width, height] = start;
  const show = () => svg.setAttribute("viewBox", [x, y, width, height].join(" "));
  const scale = () => {
    const box = svg.getBoundingClientRect();
    return Math.max(width / box.width, height / box.height);
  };
  const zoom = (factor, atX, atY) => {
    const next = Math.min(Math.max(width * factor, start[2] / 20), start[2] * 2);
    const real = next / width;
    x += (atX - x) * (1 - real);
    y += (atY - y) * (1 - real);
    width = next;
    height *= real;
    show();
  };
  const point = (event) => {
    const box = svg.getBoundingClientRect();
    return [x + width / 2 + (event.clientX - box.left - box.width / 2) * scale(),
      y + height / 2 + (event.clientY - box.top - box.height / 2) * scale()];
  };
  const middle = (factor) => () => zoom(factor, x + width / 2, y + height / 2);
  byId("larger").addEventListener("click", middle(0.7));
  byId("smaller").addEventListener("click", middle(1 / 0.7));
  byId("whole").addEventListener("click", () => { [x, y, width, height] = start; show(); });
  figure.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      zoom(Math.exp(event.deltaY * 0.002), ...point(event));
    }
  }, { passive: false });
  let held = null;
  let moved = false;
  figure.addEventListener("pointerdown", (event) => { held = event; moved = false; });
  window.addEventListener("pointermove", (event) => {
    if (held !== null) {
      x -= (event.clientX - held.clientX) * scale();
      y -= (event.clientY - held.clientY) * scale();
      moved = moved || Math.abs(event.clientX - held.clientX) + Math.abs(event.clientY - held.clientY) >= 2;
      held = event;
      show();
    }
  });
  window.addEventListener("pointerup", () => { held = null; });
  figure.addEventListener("click", (event) => { if (moved) { event.preventDefault(); } }, true);
  figure.addEventListener("dragstart", (event) => event.preventDefault());
})();

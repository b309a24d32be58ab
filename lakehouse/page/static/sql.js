// The SQL box: completion by the names of tables and columns, and a history that stays in this browser.
"use strict";
(() => {
  const box = document.getElementById("query");
  const list = document.getElementById("words");
  const words = box.dataset.words.split(" ");
  const KEY = "lakehouse-queries";
  const AT_MOST = 8;
  // A word that is whole is no beginning of a name.
  const KEYWORDS = new Set((
    "all and any array as asc between by case cast cross date day desc describe distinct else end escape except exists "
    + "explain false filter first following for from full group having if ilike in inner intersect interval into is "
    + "join last lateral left like limit minus month natural not null nulls of offset on or order outer over partition "
    + "pivot preceding qualify range recursive right rlike row rows select semi show struct table then time timestamp "
    + "to true unbounded union unnest unpivot using values version view when where window with year"
  ).split(" "));
  let chosen = -1;

  const begun = () => /[\w.]+$/.exec(box.value.slice(0, box.selectionStart))?.[0] ?? "";
  const hide = () => { list.hidden = true; chosen = -1; box.removeAttribute("aria-activedescendant"); };
  const take = (word) => {
    const at = box.selectionStart;
    box.setRangeText(word, at - begun().length, at, "end");
    hide();
    box.focus();
  };
  const mark = (number) => {
    chosen = (number + list.children.length) % list.children.length;
    [...list.children].forEach((one, place) => one.setAttribute("aria-selected", String(place === chosen)));
    box.setAttribute("aria-activedescendant", list.children[chosen].id);
  };
  const offer = () => {
    const text = begun().toLowerCase();
    const begins = (word) => word.length > text.length && word.toLowerCase().startsWith(text);
    const found = text.length < 2 || KEYWORDS.has(text) ? [] : words.filter(begins);
    if (!found.length) { hide(); return; }
    list.replaceChildren(...found.slice(0, AT_MOST).map((word, number) => {
      const item = document.createElement("li");
      item.id = `word-${number}`;
      item.role = "option";
      item.textContent = word;
      item.addEventListener("mousedown", (event) => { event.preventDefault(); take(word); });
      return item;
    }));
    list.hidden = false;
    mark(0);
  };
  box.addEventListener("input", offer);
  for (const left of ["blur", "click"]) box.addEventListener(left, hide);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { box.form.requestSubmit(); return; }
    if (list.hidden) return;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) mark(chosen + moves[event.key]);
    else if (event.key === "Tab") take(list.children[chosen].textContent);
    else { hide(); if (event.key !== "Escape") return; }
    event.preventDefault();
  });

  const read = () => { try { return JSON.parse(localStorage.getItem(KEY)) ?? []; } catch { return []; } };
  const asked = new URLSearchParams(location.search).get("query");
  if (asked?.trim()) {
    const kept = [asked, ...read().filter((one) => one !== asked)].slice(0, 30);
    try { localStorage.setItem(KEY, JSON.stringify(kept)); } catch { /* nothing is kept then */ }
  }
  const history = document.querySelector("[data-history]");
  history.querySelector("ul").replaceChildren(...read().map((query) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = query.length > 160 ? `${query.slice(0, 160)}…` : query;
    button.addEventListener("click", () => { box.value = query; box.focus(); });
    item.append(button);
    return item;
  }));
  history.hidden = !history.querySelector("li");
})();

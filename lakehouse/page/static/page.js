// What a page does beyond HTML. Values go in as text, never as markup of ours.
"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  for (const button of all("[data-theme-switch]")) {
    button.addEventListener("click", () => {
      const root = document.documentElement;
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      try { localStorage.setItem("lakehouse-theme", root.dataset.theme); } catch { /* as in theme.js */ }
    });
  }

  // Tables that are whole on the page are sorted here; others by the server.
  for (const table of all("table.sortable")) {
    const body = table.tBodies[0];
    all("thead th", table).forEach((head, column) => {
      head.tabIndex = 0;
      const sort = () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        all("thead th", table).forEach((one) => one.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const key = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
        const number = (text) => (/^[-\d.,]+( s)?$/.test(text) ? Number(text.replace(/[, s]/g, "")) : NaN);
        const compare = (a, b) => {
          const [x, y] = [number(key(a)), number(key(b))];
          return isNaN(x) || isNaN(y) ? key(a).localeCompare(key(b)) : x - y;
        };
        body.append(...[...body.rows].sort((a, b) => (down ? compare(b, a) : compare(a, b))));
      };
      head.addEventListener("click", sort);
      head.addEventListener("keydown", (event) => { if (event.key === "Enter") sort(); });
    });
  }

  // Lists in sections are cut to what is looked for: by the names in them, or all of a section by its heading.
  for (const finder of all("[data-finder]")) {
    const [box, told] = [finder.querySelector("input"), finder.querySelector("[role=status]")];
    const sections = all("section.of", finder.parentElement);
    finder.hidden = false;
    const find = () => {
      const wanted = box.value.trim().toLowerCase();
      let count = 0;
      for (const section of sections) {
        const name = section.querySelector("h2").textContent.trim().toLowerCase();
        const found = all("li", section).filter((item) => {
          item.hidden = !name.includes(wanted) && !`${name}.${item.textContent.trim().toLowerCase()}`.includes(wanted);
          return !item.hidden;
        });
        section.hidden = !found.length;
        count += found.length;
      }
      told.textContent = wanted ? `${count} found` : "";
    };
    box.addEventListener("input", find);
    find();
  }

  // A dataset that is looked at shows what it reads and what reads it.
  for (const lanes of all(".lanes")) {
    const edges = all(".edges path", lanes);
    const look = (name) => {
      lanes.classList.toggle("focused", Boolean(name));
      const near = new Set([name]);
      for (const edge of edges) {
        const own = Boolean(name) && (edge.dataset.from === name || edge.dataset.to === name);
        edge.classList.toggle("near", own);
        if (own) near.add(edge.dataset.from).add(edge.dataset.to);
      }
      all(".node", lanes).forEach((node) => node.classList.toggle("near", near.has(node.dataset.node)));
    };
    for (const node of all(".node", lanes)) {
      for (const kind of ["mouseenter", "focus"]) node.addEventListener(kind, () => look(node.dataset.node));
      for (const kind of ["mouseleave", "blur"]) node.addEventListener(kind, () => look(""));
    }
  }

  // Of many links the Tab key stops at one; the arrow keys lead to the others.
  const stops = (within) => {
    for (const group of all("[data-arrows]", within)) {
      const links = all("a", group);
      const wide = group.rows ? links.length / group.rows.length : 1;
      const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: wide, ArrowUp: -wide };
      links.forEach((link, number) => { link.tabIndex = number ? -1 : 0; });
      group.addEventListener("keydown", (event) => {
        // With another key held down an arrow is the browser's, such as for the page before.
        const isHeld = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
        const at = isHeld ? -1 : links.indexOf(document.activeElement);
        const next = at < 0 ? undefined : links[at + steps[event.key]];
        if (!next) return;
        event.preventDefault();
        links[at].tabIndex = -1;
        next.tabIndex = 0;
        next.focus();
      });
    }
  };
  stops(document);

  // What was asked of one table fits no other.
  for (const select of all("[data-empties]")) {
    select.addEventListener("change", () => all("input", select.form).forEach((input) => { input.value = ""; }));
  }

  // How long something takes already.
  for (const place of all("[data-elapsed]")) {
    const began = Date.now();
    const clock = setInterval(() => {
      if (!place.isConnected) clearInterval(clock);
      place.textContent = `· ${Math.round((Date.now() - began) / 1000)} s`;
    }, 1000);
  }

  // Parts that take longer than a page may come when they are seen. The server escapes what it puts in.
  const put = async (place, address) => {
    place.setAttribute("aria-busy", "true");
    const answer = await fetch(address);
    const text = await answer.text();
    const part = new DOMParser().parseFromString(text, "text/html");
    place.replaceChildren(...(answer.ok ? part.body.childNodes : [part.querySelector(".problem") ?? "it cannot be told"]));
    place.removeAttribute("aria-busy");
    stops(place);
  };
  const load = async (within) => {
    for (const place of all("[data-load]", within)) {
      const address = place.dataset.load;
      delete place.dataset.load;
      await put(place, address);
    }
  };
  all("[data-load-now]").forEach((place) => load(place));
  for (const form of all("[data-submits]")) form.addEventListener("change", () => form.requestSubmit());

  // Charts say at a mark what it stands for; the same stands in the rows below them.
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.body.append(tip);
  document.addEventListener("pointermove", (event) => {
    const mark = event.target.closest?.(".chart [role='graphics-symbol'][aria-label]");
    tip.hidden = !mark || /axis|legend/.test(mark.getAttribute("aria-roledescription"));
    if (tip.hidden) return;
    tip.textContent = mark.getAttribute("aria-label").replaceAll("; ", "\n");
    tip.style.left = `${Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8)}px`;
    tip.style.top = `${Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 8)}px`;
  });
  for (const details of all("details.run")) {
    details.addEventListener("toggle", () => { if (details.open) load(details); });
    if (details.open) load(details);
  }
  if (location.hash) {
    const target = document.getElementById(location.hash.slice(1));
    if (target instanceof HTMLDetailsElement) target.open = true;
  }
  for (const button of all("[data-panel]")) {
    button.addEventListener("click", async () => {
      const dialog = document.querySelector("[data-panel-place]");
      const content = dialog.querySelector("[data-panel-content]");
      content.textContent = "…";
      dialog.showModal();
      await put(content, button.dataset.panel);
    });
  }

  // What runs now, by server-sent events.
  if (document.querySelector("[data-live]")) {
    const table = document.querySelector("[data-live-table]");
    const rows = new Map();
    let ran = false;
    const show = (step) => {
      for (const node of all(".node")) {
        if (node.dataset.node === step.dataset) node.classList.toggle("RUNNING", step.state === "RUNNING");
      }
      if (!table || step.state === "EXCLUDED") return;
      const row = rows.get(step.dataset) ?? table.querySelector("tbody").insertRow();
      rows.set(step.dataset, row);
      const pill = document.createElement("span");
      pill.className = `pill ${step.state}`;
      pill.textContent = step.state.toLowerCase();
      const took = step.state === "RUNNING" ? "" : `${step.seconds.toFixed(1)} s`;
      const cells = [step.dataset, pill, step.rows?.toLocaleString("en") ?? "", took, step.message || step.why];
      row.replaceChildren(...cells.map((one, place) => {
        const cell = document.createElement("td");
        cell.className = place === 2 || place === 3 ? "number" : "";
        cell.append(one);
        return cell;
      }));
    };
    const source = new EventSource("/live");
    source.addEventListener("state", (event) => {
      const { running } = JSON.parse(event.data);
      if (table) table.hidden = !running;
      if (ran && !running) location.reload();
      ran = running;
    });
    source.addEventListener("step", (event) => {
      const step = JSON.parse(event.data);
      if (step.dataset) show(step);
      if (step.pipeline && table) {
        table.querySelector("[data-live-pipeline]").textContent = step.pipeline;
      }
    });
    addEventListener("pagehide", () => source.close());
  }
})();

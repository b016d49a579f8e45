"use strict";
(() => {
  const all = (selector, within) => Array.from((within || document).querySelectorAll(selector));
  document.documentElement.classList.add("scripted");

  // Views: one at a time, chosen by the address, so that going back works.
  const views = all("section.view");
  const links = all("header nav a");
  let first = true;
  const choose = () => {
    let target = null;
    try { target = document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch { target = null; }
    const article = target && target.closest("article.theme");
    const picked = document.getElementById("pick-theme");
    if (article && picked && picked.value && picked.value !== article.id) { picked.value = ""; pick(); }
    if (target && target.id === "content" && !first) return;
    const view = (target && target.closest("section.view")) || views[0];
    for (const one of views) one.classList.toggle("chosen", one === view);
    for (const link of links) {
      if (link.getAttribute("href") === "#" + view.id) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (target && !first) {
      if (target === view) {
        view.querySelector("h2").focus({ preventScroll: true });
        window.scrollTo(0, 0);
      } else {
        if (target.hidden) clear(target);
        target.setAttribute("tabindex", "-1");
        target.focus({ preventScroll: true });
        target.scrollIntoView({ block: "start" });
      }
    } else if (target && target !== view) {
      target.scrollIntoView({ block: "start" });
    }
    first = false;
  };

  // One theme or all.
  const pick = () => {
    const chosen = document.getElementById("pick-theme").value;
    for (const theme of all("article.theme")) theme.hidden = chosen !== "" && theme.id !== chosen;
  };

  // Sorting.
  for (const table of all("table")) {
    const heads = all("thead th", table);
    heads.forEach((head, column) => {
      const kind = head.dataset.sort;
      if (!kind) return;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      // On paper: a head that is repeated on the next page shows no buttons.
      const plain = document.createElement("span");
      plain.className = "on-paper";
      plain.textContent = head.textContent;
      head.textContent = "";
      head.append(button, plain);
      button.addEventListener("click", () => {
        const before = head.getAttribute("aria-sort");
        const begins = kind === "falling" ? "descending" : "ascending";
        const order = before ? (before === "ascending" ? "descending" : "ascending") : begins;
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", order);
        const sign = order === "ascending" ? 1 : -1;
        const rows = all("tbody tr", table).map((row, place) => ({ row, place, key: keyOf(row.cells[column], kind) }));
        rows.sort((a, b) => {
          // What has no figure stays last, whichever way.
          if (a.key === null || b.key === null) return (a.key === null) - (b.key === null) || a.place - b.place;
          const less = kind === "text" ? a.key.localeCompare(b.key, "en") : a.key - b.key;
          return sign * less || a.place - b.place;
        });
        table.tBodies[0].append(...rows.map((one) => one.row));
      });
    });
  }
  function keyOf(cell, kind) {
    if (kind === "text") return cell.dataset.key === undefined ? cell.textContent : cell.dataset.key;
    return cell.dataset.key === undefined ? null : Number(cell.dataset.key);
  }

  // Filtering.
  const filters = [];
  for (const box of all(".controls")) {
    box.hidden = false;
    const table = document.getElementById(box.dataset.for);
    if (!table) continue;
    const find = box.querySelector("[data-find]");
    const only = box.querySelector("[data-only]");
    const kinds = box.querySelector("[data-kinds]");
    const rows = all("tbody tr", table);
    const texts = rows.map((row) => row.textContent.toLowerCase());
    const filter = () => {
      const wanted = find.value.trim().toLowerCase();
      let shown = 0;
      rows.forEach((row, place) => {
        row.hidden = !(texts[place].includes(wanted)
          && (!only || !only.checked || row.dataset.certain === "true")
          && (!kinds || !kinds.value || row.dataset.kind === kinds.value));
        if (!row.hidden) shown += 1;
      });
      box.querySelector("output").textContent = shown + " of " + rows.length + " rows";
    };
    for (const one of [find, only, kinds]) if (one) one.addEventListener("input", filter);
    filters.push({ table, box, filter });
    filter();
  }
  // A link leads to a row that a filter hides: the filter goes.
  function clear(row) {
    for (const one of filters) {
      if (!one.table.contains(row)) continue;
      one.box.querySelector("[data-find]").value = "";
      one.filter();
    }
  }

  // On paper nothing can be opened.
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = all("details:not([open])");
    for (const one of opened) one.open = true;
  });
  window.addEventListener("afterprint", () => { for (const one of opened) one.open = false; });

  const picker = document.getElementById("pick-theme");
  if (picker) { picker.addEventListener("change", pick); pick(); }
  window.addEventListener("hashchange", choose);
  choose();
})();

// Before anything is painted: the reader's choice of light or dark, else the system's.
"use strict";
(() => {
  try {
    const chosen = localStorage.getItem("lakehouse-theme");
    if (chosen) document.documentElement.dataset.theme = chosen;
  } catch { /* A browser that keeps nothing: the system's choice stands. */ }
})();


(function () {
  "use strict";
  var $ = function (id) { return document.getElementById(id); };
  var root = document.documentElement;
  var all = function (selector, from) { return Array.prototype.slice.call((from || document).querySelectorAll(selector)); };

  // Theme: follows the system until the reader chooses.
  var theme = $("theme");
  var system = window.matchMedia("(prefers-color-scheme: dark)");
  var isDark = function () { return root.dataset.theme ? root.dataset.theme === "dark" : system.matches; };
  var nameTheme = function () { theme.textContent = isDark() ? "Light theme" : "Dark theme"; };
  theme.hidden = false;
  theme.addEventListener("click", function () {
    root.dataset.theme = isDark() ? "light" : "dark";
    nameTheme();
  });
  if (system.addEventListener) { system.addEventListener("change", nameTheme); }
  nameTheme();

  // Copy buttons beside commands.
  if (navigator.clipboard) {
    all("pre.fix").forEach(function (pre) {
      var text = pre.textContent;
      var button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy";
      button.addEventListener("click", function () {
        navigator.clipboard.writeText(text).then(
          function () { button.textContent = "Copied"; },
          function () { button.textContent = "Not allowed"; }
        );
        setTimeout(function () { button.textContent = "Copy"; }, 1500);
      });
      pre.appendChild(button);
    });
  }

  // A link to a finding opens the entry that holds it.
  var reveal = function () {
    var target = location.hash.length > 1 ? $(location.hash.slice(1)) : null;
    var card = target && target.closest("details");
    if (card && !card.open) { card.open = true; target.scrollIntoView(); }
  };
  window.addEventListener("hashchange", reveal);
  reveal();

  // Paper shows everything.
  var closed = [];
  window.addEventListener("beforeprint", function () {
    closed = all("details:not([open])");
    closed.forEach(function (card) { card.open = true; });
  });
  window.addEventListener("afterprint", function () {
    closed.forEach(function (card) { card.open = false; });
  });

  var tools = $("tools");
  if (!tools) { return; }
  var list = $("cards");
  var query = $("q"), surface = $("by-surface"), sort = $("sort"), shown = $("shown"), openAll = $("open-all");
  var severities = all(".by-severity");
  var cards = all(".card", list).map(function (card) {
    var rows = all(".hit", card).map(function (row) {
      return { node: row, severity: row.dataset.severity, text: row.textContent.toLowerCase() };
    });
    var whole = card.textContent.toLowerCase();
    var shared = rows.length > 1 ? all("summary, .two, .refs, .factors, h4", card).map(function (part) {
      return part.textContent.toLowerCase();
    }).join(" ") : whole;
    return {
      node: card, rows: rows, whole: whole, shared: shared, surface: card.dataset.surface,
      order: Number(card.dataset.order), count: Number(card.dataset.count)
    };
  });
  var total = cards.reduce(function (sum, card) { return sum + card.rows.length; }, 0);

  // Every word has to occur, in what the findings share or in the finding itself.
  var filter = function () {
    var words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    var wanted = severities.filter(function (box) { return box.checked; }).map(function (box) { return box.value; });
    var count = 0;
    cards.forEach(function (card) {
      var here = 0;
      var possible = (!surface.value || surface.value === card.surface) &&
        words.every(function (word) { return card.whole.indexOf(word) >= 0; });
      card.rows.forEach(function (row) {
        var fits = possible && wanted.indexOf(row.severity) >= 0 && words.every(function (word) {
          return card.shared.indexOf(word) >= 0 || row.text.indexOf(word) >= 0;
        });
        row.node.hidden = !fits;
        if (fits) { here += 1; }
      });
      card.node.hidden = here === 0;
      count += here;
    });
    shown.textContent = count === total ? total + " findings" : count + " of " + total + " findings";
    $("nothing").hidden = count > 0;
  };

  var order = function () {
    var key = sort.value;
    cards.slice().sort(function (a, b) {
      if (key === "surface" && a.surface !== b.surface) { return a.surface < b.surface ? -1 : 1; }
      if (key === "count" && a.count !== b.count) { return b.count - a.count; }
      return a.order - b.order;
    }).forEach(function (card) { list.appendChild(card.node); });
  };

  var waiting = 0;
  query.addEventListener("input", function () {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 80);
  });
  surface.addEventListener("change", filter);
  severities.forEach(function (box) { box.addEventListener("change", filter); });
  sort.addEventListener("change", order);
  openAll.addEventListener("click", function () {
    var open = openAll.textContent === "Open all";
    cards.forEach(function (card) { card.node.open = open; });
    openAll.textContent = open ? "Close all" : "Open all";
  });
  $("reset").addEventListener("click", function () {
    query.value = "";
    surface.value = "";
    sort.value = "risk";
    severities.forEach(function (box) { box.checked = true; });
    order();
    filter();
  });
  document.addEventListener("keydown", function (event) {
    var typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      query.focus();
      query.select();
    }
    if (event.key === "Escape" && event.target === query) {
      query.value = "";
      filter();
      query.blur();
    }
  });
  tools.hidden = false;
  filter();
})();

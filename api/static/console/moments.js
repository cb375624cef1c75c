// The slider of one restore: each stop is one of its events, and the rows are shown as of it.
// Without this script the links of the timeline and the field beside it do the same.
(function () {
  "use strict";
  const WAIT = 250;
  let slider = null;
  let timer = null;

  const stops = () => [...slider.querySelectorAll("[data-position]")];
  const stop = () => stops()[Number(slider.querySelector("input").value)];
  const isNow = () => !slider || stop().dataset.position === "";

  function label() {
    const input = slider.querySelector("input");
    const told = stop().dataset.position ?
      "Event " + (Number(input.value) + 1) + " of " + (stops().length - 1) + ", " + stop().textContent :
      "Now";
    slider.querySelector("output").textContent = told;
    input.setAttribute("aria-valuetext", told);
  }

  function load() {
    const position = stop().dataset.position;
    const address = location.pathname + (position ? "?as_of=" + position : "");
    const field = document.getElementById("as_of");
    field.value = position;
    history.replaceState(history.state, "", address);
    htmx.ajax("GET", address, {
      source: slider.querySelector("input"), target: "#as-of", select: "#as-of", swap: "outerHTML",
    });
  }

  function begin() {
    slider = document.querySelector("[data-slider]");
    if (!slider || !slider.hidden) return;
    const input = slider.querySelector("input");
    const asOf = slider.dataset.slider;
    const last = stops().length - 1;
    const before = stops().filter((one) => one.dataset.position && Number(one.dataset.position) <= Number(asOf));
    input.max = String(last);
    input.value = String(asOf ? Math.max(before.length - 1, 0) : last);
    slider.hidden = false;
    label();
    input.addEventListener("input", () => {
      label();
      clearTimeout(timer);
      timer = setTimeout(load, WAIT);
    });
  }

  function sayPaused() {
    const line = document.querySelector("[data-live-status]");
    line.dataset.state = "moment";
    line.textContent = "Paused while you look at an earlier moment.";
  }

  // What is kept up to date is of now: it must not take the place of an earlier moment.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const part = event.detail.elt;
    if (isNow() || !(part instanceof Element) || !part.hasAttribute("data-live")) return;
    event.preventDefault();
    sayPaused();
  });
  document.addEventListener("htmx:afterSwap", () => {
    begin();
    if (!isNow() && document.querySelector("[data-live]")) sayPaused();
  });
  begin();
})();

// Live parts: htmx asks for each again and replaces it whole, so no row is missed or shown twice.
// This script says when no answer comes, and leaves a part alone while it is in use.
(function () {
  "use strict";
  const line = document.querySelector("[data-live-status]");
  const login = line.dataset.login;
  let answered = new Date();
  let attended = false;
  let pressed = false;
  let aimed = 0;
  let place = null;
  // The parts that a busy service is not asked for yet, by id.
  const waiting = new Set();

  const isLive = (element) => element instanceof Element && element.hasAttribute("data-live");
  const parts = () => [...document.querySelectorAll("[data-live]")];
  const time = () => answered.toTimeString().slice(0, 8);

  // Said once, as screen readers read every change.
  function say(state, text, address) {
    if (line.dataset.state === state) return;
    line.dataset.state = state;
    line.textContent = text;
    if (!address) return;
    const link = document.createElement("a");
    link.href = address;
    link.textContent = "Log in again";
    line.append(" ", link);
  }

  function sayWell() {
    if (parts().length) say("well", "This page is kept up to date.");
    else say("ended", "");
  }

  function sayLoggedOut() {
    const here = location.pathname + location.search;
    const address = login + "?next=" + encodeURIComponent(here);
    say("out", "You are logged out. What you see is of " + time() + ".", address);
  }

  // A busy service says when to ask again; to ask before would keep it busy.
  function waitFor(part, seconds) {
    say("busy " + seconds, "The service cannot answer now. Trying again in " +
      (seconds === 1 ? "1 second" : seconds + " seconds") + ". What you see is of " + time() + ".");
    waiting.add(part.id);
    setTimeout(() => {
      waiting.delete(part.id);
      const present = document.getElementById(part.id);
      if (present) htmx.trigger(present, "look");
    }, seconds * 1000);
  }

  function sayError(part, xhr) {
    const seconds = Number(xhr.getResponseHeader("Retry-After"));
    if (seconds > 0) waitFor(part, seconds);
    else say("error " + xhr.status, "The service answers with error " + xhr.status +
      ". Trying again. What you see is of " + time() + ".");
  }

  // What a form asked for and did not get: a page says why where its rows would be.
  function showRefusal(detail) {
    detail.isError = false;
    detail.shouldSwap = detail.xhr.responseText.includes('id="' + detail.target.id + '"');
    if (!detail.shouldSwap) {
      say("error " + detail.xhr.status, "The service answers with error " + detail.xhr.status + ". Try again.");
    }
  }

  function isHeld(part) {
    const chosen = getSelection();
    return Boolean(
      part.querySelector("details[open], input:focus, select:focus, textarea:focus") ||
      (!chosen.isCollapsed && part.contains(chosen.anchorNode)));
  }

  // A row must not move away under a finger or a mouse that is about to press it.
  const isAimedAt = () => pressed || Date.now() - aimed < 1000;

  function mayReplace(part) {
    if (isHeld(part)) say("held", "Paused while you use this part of the page.");
    return !isHeld(part) && !isAimedAt();
  }

  // What one reads stays where it is, and the link that has the focus keeps it.
  function keepPlace(part) {
    const links = [...part.querySelectorAll("a[href]")];
    const seen = links.find((link) => link.getBoundingClientRect().top >= 0);
    place = {
      focused: links.find((link) => link === document.activeElement)?.href,
      seen: scrollY > 0 && seen ? seen.href : null,
      top: seen ? seen.getBoundingClientRect().top : 0,
    };
  }

  function returnTo(part) {
    const link = (address) => [...part.querySelectorAll("a[href]")].find((one) => one.href === address);
    if (place.focused) link(place.focused)?.focus({ preventScroll: true });
    const seen = place.seen && link(place.seen);
    if (seen) scrollBy(0, seen.getBoundingClientRect().top - place.top);
    place = null;
  }

  document.addEventListener("htmx:configRequest", (event) => {
    if (!isLive(event.detail.elt)) return;
    // A login that nobody uses ends although its page is open.
    if (!attended) event.detail.headers["Unattended"] = "true";
    attended = false;
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    const part = event.detail.elt;
    if (isLive(part) && (document.hidden || waiting.has(part.id) || !mayReplace(part))) event.preventDefault();
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    const part = requestConfig.elt;
    if (new URL(xhr.responseURL).pathname === login) {
      event.detail.shouldSwap = false;
      sayLoggedOut();
    } else if (!isLive(part)) {
      if (xhr.status >= 400) showRefusal(event.detail);
    } else if (xhr.status !== 200) {
      sayError(part, xhr);
    } else if (!xhr.responseText.includes('id="' + part.id + '"')) {
      event.detail.shouldSwap = false;
      say("changed", "This page has changed. Load it again.");
    } else if (!mayReplace(part)) {
      event.detail.shouldSwap = false;
    } else {
      answered = new Date();
      keepPlace(part);
    }
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (place) returnTo(event.target);
    sayWell();
  });

  for (const kind of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(kind, (event) => {
      const next = isLive(event.detail.elt) ? "Trying again. " : "Try again. ";
      say("lost", "No answer from the service. " + next + "What you see is of " + time() + ".");
    });
  }

  // What is shown again is looked at again at once.
  function look() {
    if (!document.hidden) for (const part of parts()) htmx.trigger(part, "look");
  }
  document.addEventListener("visibilitychange", look);
  addEventListener("online", look);

  const use = { passive: true };
  addEventListener("pointerdown", () => { attended = pressed = true; }, use);
  // The click comes after it, and goes to what is there then.
  for (const kind of ["pointerup", "pointercancel"]) {
    addEventListener(kind, () => setTimeout(() => { pressed = false; }), use);
  }
  addEventListener("pointermove", (event) => {
    attended = true;
    if (event.target instanceof Element && event.target.closest("[data-live]")) aimed = Date.now();
  }, use);
  addEventListener("keydown", () => { attended = true; }, use);

  sayWell();
})();

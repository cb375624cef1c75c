// The form of filters: an empty field is no part of a link, and times are of the reader's zone.
(function () {
  "use strict";
  for (const field of document.querySelectorAll("[data-reader-zone]")) {
    field.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
    field.disabled = !field.value;
  }
  const bare = new Set(["tz"]);

  function meaningful(entries) {
    const told = entries.filter(([, value]) => value !== "");
    // A zone alone chooses nothing.
    return told.some(([name]) => !bare.has(name)) ? told : [];
  }

  document.addEventListener("htmx:configRequest", (event) => {
    const data = event.detail.formData;
    const kept = meaningful([...data.entries()]).map(([name]) => name);
    for (const name of [...data.keys()]) if (!kept.includes(name)) data.delete(name);
  });
})();

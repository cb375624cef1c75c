// Times in the reader's own zone. Without this script they are of UTC, which the title goes on to say.
(function () {
  "use strict";
  const two = (number) => String(number).padStart(2, "0");

  function local(moment, withSeconds) {
    const day = [moment.getFullYear(), two(moment.getMonth() + 1), two(moment.getDate())].join("-");
    const time = [two(moment.getHours()), two(moment.getMinutes())];
    if (withSeconds) time.push(two(moment.getSeconds()));
    return day + " " + time.join(":");
  }

  function translate(root) {
    for (const element of root.querySelectorAll("time[data-utc]")) {
      const moment = new Date(element.dateTime);
      // Years before 1000 are as the host wrote them, and no zone is known for them.
      if (isNaN(moment) || moment.getFullYear() < 1000) continue;
      element.textContent = local(moment, element.dataset.utc === "seconds");
      element.removeAttribute("data-utc");
    }
    for (const element of root.querySelectorAll("[data-zone]")) {
      const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
      // A finger cannot point at one.
      const how = matchMedia("(hover: hover)").matches ? " Point at one to see UTC." : "";
      const isUTC = ["UTC", "Etc/UTC"].includes(zone);
      element.textContent = isUTC ? "Times are of UTC." : "Times are of your zone, " + zone + "." + how;
      element.removeAttribute("data-zone");
    }
  }

  translate(document);
  document.addEventListener("htmx:afterSwap", () => translate(document));
})();

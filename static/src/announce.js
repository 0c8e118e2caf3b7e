// Says aloud what htmx changed: the text of [data-announce] in the swapped part, or what went wrong.
export function startAnnouncing() {
  const region = document.getElementById("announcer");
  if (!region) return;

  const say = (text) => {
    region.textContent = "";
    // A region that is emptied and filled in one go is not read again when the text is the same.
    requestAnimationFrame(() => (region.textContent = text));
  };

  document.body.addEventListener("htmx:afterSettle", (event) => {
    const part = event.detail.elt;
    const source = part.matches?.("[data-announce]") ? part : part.querySelector?.("[data-announce]");
    if (source) say(source.dataset.announce || source.textContent.trim());
  });
  // Without an answer, or after a fault of the server, what was sent may have been saved all the same.
  const outcome = ({ requestConfig, xhr }) => {
    if (requestConfig.verb === "get") return "reading";
    return xhr.status >= 400 && xhr.status < 500 ? "refused" : "unknown";
  };
  const fail = (event) => {
    const toast = document.getElementById(`failed-${outcome(event.detail)}`);
    if (!toast) return;
    say(toast.content.querySelector(".toast-body").textContent);
    document.getElementById("toasts").append(toast.content.cloneNode(true));
  };
  document.body.addEventListener("htmx:sendError", fail);
  document.body.addEventListener("htmx:timeout", fail);
  document.body.addEventListener("htmx:responseError", (event) => {
    // A form that came back with errors is swapped in as it is (see htmx-config); all else is a failure.
    if (event.detail.xhr.status !== 422) fail(event);
  });
}

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
  const fail = () => {
    say(region.dataset.failed);
    const toast = document.getElementById("failed-toast");
    if (toast) document.getElementById("toasts").append(toast.content.cloneNode(true));
  };
  document.body.addEventListener("htmx:sendError", fail);
  document.body.addEventListener("htmx:timeout", fail);
  document.body.addEventListener("htmx:responseError", (event) => {
    // A form that came back with errors is swapped in as it is (see htmx-config); all else is a failure.
    if (event.detail.xhr.status !== 422) fail();
  });
}

// Asks in our own dialog before what cannot be taken back: form[data-confirm], button[data-confirm], hx-confirm.
import Modal from "bootstrap/js/dist/modal.js";

function ask(question, verb) {
  const dialog = document.getElementById("confirm");
  const accept = dialog.querySelector("[data-accept]");
  dialog.querySelector("[data-question]").textContent = question;
  accept.textContent = verb || accept.dataset.accept;
  const modal = Modal.getOrCreateInstance(dialog);
  return new Promise((resolve) => {
    let answer = false;
    const onAccept = () => {
      answer = true;
      modal.hide();
    };
    accept.addEventListener("click", onAccept, { once: true });
    dialog.addEventListener(
      "hidden.bs.modal",
      () => {
        accept.removeEventListener("click", onAccept);
        resolve(answer);
      },
      { once: true },
    );
    modal.show();
    // Bootstrap calls every modal a dialog; this one interrupts.
    dialog.setAttribute("role", "alertdialog");
  });
}

// While the question stood open, polling may have replaced the form; the browser sends only what is in the page.
function sendFromPage(form, htmx) {
  form.hidden = true;
  document.body.append(form);
  htmx.process(form);
}

export function startConfirming(htmx) {
  const agreed = new WeakSet();

  document.addEventListener(
    "submit",
    async (event) => {
      const form = event.target;
      const button = event.submitter;
      const asker = button?.dataset.confirm ? button : form;
      if (!asker.dataset.confirm || agreed.delete(form)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!(await ask(asker.dataset.confirm, asker.dataset.confirmVerb))) return;
      agreed.add(form);
      if (!form.isConnected) sendFromPage(form, htmx);
      form.requestSubmit(button);
    },
    true,
  );

  document.body.addEventListener("htmx:confirm", async (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    const verb = event.detail.elt.dataset.confirmVerb;
    if (await ask(event.detail.question, verb)) event.detail.issueRequest(true);
  });

  htmx.config.scrollIntoViewOnBoost = false;
}

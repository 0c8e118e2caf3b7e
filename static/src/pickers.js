// select[data-picker]: a list one can type into. Without JavaScript it stays the select it is.
import TomSelect from "tom-select/base";
import clearButton from "tom-select/dist/esm/plugins/clear_button/plugin.js";
import removeButton from "tom-select/dist/esm/plugins/remove_button/plugin.js";

TomSelect.define("clear_button", clearButton);
TomSelect.define("remove_button", removeButton);

// data-picker-url answers {"results": [{"value": ..., "text": ...}]} for ?q=
function remote(url) {
  return {
    valueField: "value",
    labelField: "text",
    searchField: [],
    load: async (query, done) => {
      try {
        const address = new URL(url, location.href);
        address.searchParams.set("q", query);
        const answer = await fetch(address, { headers: { Accept: "application/json" } });
        done(answer.ok ? (await answer.json()).results : undefined);
      } catch {
        done();
      }
    },
  };
}

export function enhancePickers(root) {
  const selects = [...root.querySelectorAll("select[data-picker]")];
  if (root.matches?.("select[data-picker]")) selects.push(root);
  for (const select of selects) {
    if (select.tomselect) continue;
    const texts = document.body.dataset;
    const picker = new TomSelect(select, {
      plugins: select.multiple ? { remove_button: { title: texts.textRemove } } : { clear_button: { title: texts.textClear } },
      maxOptions: 200,
      render: {
        no_results: () => {
          const line = document.createElement("div");
          line.className = "no-results";
          line.textContent = texts.textNoResults;
          return line;
        },
      },
      ...(select.dataset.pickerUrl ? remote(select.dataset.pickerUrl) : {}),
    });
    // The control that is left speaks for the select: its errors and help move along.
    select.setAttribute("aria-hidden", "true");
    for (const name of ["aria-describedby", "aria-invalid", "aria-required"]) {
      if (select.hasAttribute(name)) picker.control_input.setAttribute(name, select.getAttribute(name));
    }
  }
}

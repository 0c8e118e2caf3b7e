// Alpine's few states. The CSP build evaluates no strings: pages name what stands here.
export function registerAlpine(Alpine) {
  // Rows chosen for a bulk action: x-data="selection" around a list, x-model="chosen" on each row's checkbox.
  Alpine.data("selection", () => ({
    chosen: [],
    get count() {
      return this.chosen.length;
    },
    get isEmpty() {
      return this.chosen.length === 0;
    },
    // Without JavaScript the line is always there.
    get chosenClass() {
      return this.chosen.length ? "" : "is-empty";
    },
    toggleAll(event) {
      const boxes = [...this.$root.querySelectorAll('tbody input[type="checkbox"][value]')];
      this.chosen = event.target.checked ? boxes.map((box) => box.value) : [];
    },
  }));

  // A part that opens in place: x-data="disclosure", @click="toggle", x-show="isOpen".
  Alpine.data("disclosure", () => ({
    isOpen: false,
    toggle() {
      this.isOpen = !this.isOpen;
    },
  }));
}

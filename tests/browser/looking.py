"""What a person with a keyboard, a screen reader or a phone would miss on a page."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

OF_COLOURS = ("color-contrast", "link-in-text-block")
OF_WIDTH = ("target-size", "scrollable-region-focusable", "color-contrast", "heading-order", "label")
_RULES = {"target-size": {"enabled": True}}

_STRUCTURE = """() => {
  const found = [], seen = each => each.checkVisibility({visibilityProperty: true});
  const say = (what, each) => found.push(`${what}: ${each.outerHTML.slice(0, 160)}`);
  const all = css => [...document.querySelectorAll(css)].filter(seen);
  const named = each => (each.getAttribute("aria-label") || each.getAttribute("aria-labelledby")
    || each.textContent).trim();
  if (all("h1").length !== 1) found.push(`${all("h1").length} level-1 headings`);
  if (!document.title.trim()) found.push("no title");
  for (const each of all("input:not([type=hidden], [type=submit]), select, textarea"))
    if (!each.labels?.length && !each.ariaLabel && !each.ariaLabelledByElements?.length
        && each.ariaHidden !== "true") say("no label", each);
  for (const each of all("svg, img")) {
    const around = each.closest("a, button, label, summary, p, dd, dt, td, th, li, [title], h1, h2, h3, div");
    if (!(each.alt || each.ariaLabel || (around && named(around)))) say("no words beside", each);
  }
  const pressable = "a[href], button, input, select, textarea, summary, label, option, [tabindex]";
  for (const each of document.body.querySelectorAll("*"))
    if (getComputedStyle(each).cursor === "pointer" && seen(each) && !each.closest(pressable)
        && !each.querySelector(pressable) && !each.closest("[disabled]")) say("only for a mouse", each);
  return found;
}"""

# Styles may be on their way: transitions are off while it looks.
_FOCUS = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("*, *::before, *::after { transition: none !important }");
  document.adoptedStyleSheets.push(sheet);
  const look = each => {
    const style = getComputedStyle(each);
    const outline = style.outlineStyle !== "none" && style.outlineWidth !== "0px";
    return [outline, style.boxShadow, style.borderColor].join();
  };
  const found = [], links = "a[href], button, summary, [tabindex='0']";
  const reached = `${links}, input:not([type=hidden]), select, textarea`;
  for (const each of document.querySelectorAll(reached)) {
    if (each.disabled || !each.checkVisibility({visibilityProperty: true})) continue;
    const above = each.parentElement, around = [each, above, above.parentElement, each.nextElementSibling];
    const shown = [...around, each.closest("label")].filter(Boolean);
    document.activeElement?.blur();
    const before = shown.map(look).join(";");
    each.focus();
    if (document.activeElement === each && shown.map(look).join(";") === before)
      found.push(`focus is not seen: ${each.outerHTML.slice(0, 160)}`);
  }
  document.activeElement?.blur();
  return found;
}"""

# Text on text: two pieces of text whose boxes share more than a sliver.
_LAYOUT = """() => {
  const found = [], root = document.documentElement;
  if (root.scrollWidth > innerWidth) found.push(`the page is ${root.scrollWidth - innerWidth} px too wide`);
  // Read out only, or laid over what is scrolled below it.
  const apart = each => {
    for (let here = each; here && here !== document.body; here = here.parentElement) {
      const style = getComputedStyle(here), box = here.getBoundingClientRect();
      if (style.position === "sticky" || style.position === "fixed" || style.opacity === "0") return true;
      if (style.overflow !== "visible" && (box.width <= 1 || box.height <= 1)) return true;
      if (style.clip === "rect(0px, 0px, 0px, 0px)") return true;
    }
    return false;
  };
  const main = document.querySelector("main") ?? document.body, boxes = [];
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT), shown = {visibilityProperty: true};
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || !parent.checkVisibility(shown)) continue;
    if (parent.closest(".visually-hidden, svg, [popover], script, style, option, dialog")) continue;
    if (apart(parent)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects())
      if (box.width > 2 && box.height > 2) boxes.push({box, text: node.data.trim().slice(0, 40), parent});
  }
  boxes.sort((one, other) => one.box.top - other.box.top);
  for (let i = 0; i < boxes.length; i++)
    for (let j = i + 1; j < boxes.length && boxes[j].box.top < boxes[i].box.bottom - 6; j++) {
      const one = boxes[i].box, other = boxes[j].box;
      const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      if (wide > 3 && high > 6 && boxes[i].parent !== boxes[j].parent)
        found.push(`"${boxes[i].text}" lies on "${boxes[j].text}"`);
    }
  return found;
}"""


# Colours come by transitions, and one that an element inherits begins its own when its parent's has ended.
_SETTLE = """async () => {
  const drawn = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const ends = each => each.playState === "running" && each.effect.getComputedTiming().endTime !== Infinity;
  const moving = () => document.getAnimations().filter(ends);
  await drawn();
  while (moving().length) {
    await Promise.allSettled(moving().map(each => each.finished));
    await drawn();
  }
}"""


def settle(page: Page) -> None:
    """Scripts have heard of the new colours or the new width, nothing moves any more, and all is drawn."""
    page.evaluate(_SETTLE)


def structure(page: Page) -> list[str]:
    """Headings, title, labels, icons without words, and what only a mouse can press."""
    return list(page.evaluate(_STRUCTURE))


def unseen_focus(page: Page) -> list[str]:
    """Whatever takes the focus of the keyboard and looks as before."""
    page.keyboard.press("Tab")
    return list(page.evaluate(_FOCUS))


def layout(page: Page) -> list[str]:
    """Scrolling sideways, and text that lies on other text."""
    return list(page.evaluate(_LAYOUT))


def violations(page: Page, *only: str) -> list[str]:
    """What axe-core has to say, one line each; ``only`` these rules."""
    options: dict[str, Any] = {"runOnly": list(only)} if only else {"rules": _RULES}
    if not page.evaluate("'axe' in window"):  # half a megabyte, which stays until the page goes
        page.evaluate(AXE_SCRIPT)
    # What a bar covers half where a page happens to be scrolled to is not small.
    page.evaluate("scrollTo(0, 0)")
    found = page.evaluate("options => axe.run(options)", options | {"resultTypes": ["violations"]})
    return [
        f"{each['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for each in found["violations"]
        for node in each["nodes"][:3]
    ]

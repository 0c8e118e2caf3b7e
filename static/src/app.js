// One script for every page: the toolkit's plugins, htmx, Alpine, and what our components do.
import "bootstrap/js/dist/collapse.js";
import "bootstrap/js/dist/dropdown.js";
import Alpine from "@alpinejs/csp";
import htmx from "htmx.org";
import { registerAlpine } from "./alpine.js";
import { startAnnouncing } from "./announce.js";
import { startBoard } from "./board.js";
import { startConfirming } from "./confirm.js";
import { startDialogs } from "./dialogs.js";
import { startDrafts } from "./drafts.js";
import { startFacts } from "./facts.js";
import { startFiles } from "./files.js";
import { startHints } from "./hints.js";
import { startKeys } from "./keys.js";
import { startLeaving } from "./leaving.js";
import { startPalette } from "./palette.js";
import { startPanel } from "./panel.js";
import { enhancePickers } from "./pickers.js";
import { startQuickLog } from "./quick_log.js";
import { startPolls } from "./polls.js";
import { startRows } from "./rows.js";
import { startSaveKey } from "./save_key.js";
import { startSummaries } from "./summaries.js";
import { enhanceToasts } from "./toasts.js";
import { startTheme } from "./theme_menu.js";
import { enhanceTooltips } from "./tooltips.js";

window.htmx = htmx;
// Not style, which the policy refuses: pickers set it on what a swap brings again under the same id.
htmx.config.attributesToSettle = ["class", "width", "height"];
registerAlpine(Alpine);
Alpine.start();

startTheme();
startKeys();
startPalette();
startConfirming(htmx);
startPanel();
startAnnouncing();
startLeaving();
startDialogs();
startDrafts(htmx);
startQuickLog(htmx);
startSummaries(htmx);
startFacts(htmx);
startFiles();
startHints();
startPolls();
startRows();
startSaveKey();
startBoard(htmx);

htmx.onLoad((root) => {
  enhancePickers(root);
  enhanceToasts(root);
  enhanceTooltips(root);
});

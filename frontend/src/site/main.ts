/** Everything a page of OneX needs beyond HTML: htmx and small behaviours, each switched on by a `data-` attribute. */
import "@tabler/core/dist/css/tabler.min.css";
import "./tokens.css";
import "./site.css";
import "./public.css";
import "./print.css";

import "./pages";
import { learn } from "../i18n";
import { watchAutosave } from "./autosave";
import { watchCharts } from "./charts";
import { showCurrentColumn } from "./columns";
import { watchConfirmations } from "./confirm";
import { watchCopies } from "./copy";
import { watchDrops } from "./drop";
import en from "./en.json";
import { watchFill } from "./fill";
import { watchUnsaved } from "./guard";
import { watchMenus } from "./menus";
import { watchPaste } from "./paste";
import { watchPolls } from "./poll";
import { watchReview } from "./review";
import { watchSelection } from "./selection";

learn(en);
watchMenus(document);
watchConfirmations(document);
watchUnsaved(document);
watchAutosave(document);
watchCopies(document);
watchDrops(document);
watchFill(document);
watchPaste(document);
watchPolls(document);
watchReview(document);
watchSelection(document);
watchCharts(document);
showCurrentColumn(document);

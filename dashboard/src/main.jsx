// Entry: state, controller, page.
import { render } from "preact";
import calibrations from "virtual:calibrations";
import { expectedHitRate } from "./confidence.js";
import { Controller, START } from "./controller.js";
import { createStore } from "./store.js";
import { App } from "./view/app.jsx";

const store = createStore(START);
const controller = new Controller(store);
const expected = (modelId, margin) => expectedHitRate(calibrations, modelId, margin);

render(<App store={store} controller={controller} expected={expected} />, document.getElementById("app"));
controller.start();

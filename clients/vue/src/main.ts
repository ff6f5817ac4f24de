import "./look/tokens.css";
import "./look/base.css";
import "./look/parts.css";
import "./look/money.css";
import "./look/product.css";

import { createApp } from "vue";

import App from "./App.vue";
import { router } from "./router";

createApp(App).use(router).mount("#app");

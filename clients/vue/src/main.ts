import "./look/tokens.css";
import "./look/base.css";
import "./look/components.css";
import "./look/money.css";
import "./look/shop.css";
import "./look/storefront.css";

import { createApp } from "vue";

import App from "./App.vue";
import { router } from "./router";

createApp(App).use(router).mount("#app");

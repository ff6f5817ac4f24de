import js from "@eslint/js";
import { defineConfigWithVueTs, vueTsConfigs } from "@vue/eslint-config-typescript";
import accessibility from "eslint-plugin-vuejs-accessibility";
import vue from "eslint-plugin-vue";

export default defineConfigWithVueTs(
  { ignores: ["dist", "src/generated"] },
  js.configs.recommended,
  vue.configs["flat/recommended"],
  accessibility.configs["flat/recommended"],
  vueTsConfigs.strictTypeChecked,
  {
    rules: {
      // Attributes stand on one line where they fit; a reader's eye is the judge of layout.
      "vue/max-attributes-per-line": "off",
      "vue/singleline-html-element-content-newline": "off",
      "vue/html-self-closing": ["error", { html: { void: "never", normal: "never", component: "always" } }],
      // A type says which props may be left out.
      "vue/require-default-prop": "off",
      // A table that is laid out as cards on phones is one to a screen reader only if it says so.
      "vuejs-accessibility/no-redundant-roles": "off",
      "vue/multi-word-component-names": "off",
      "vuejs-accessibility/label-has-for": ["error", { required: { some: ["nesting", "id"] } }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    },
  },
);

import js from "@eslint/js";
import angular from "angular-eslint";
import { defineConfig } from "eslint/config";
import ts from "typescript-eslint";

export default defineConfig(
  { ignores: ["dist", ".angular", "src/generated"] },
  {
    files: ["src/**/*.ts"],
    extends: [js.configs.recommended, ts.configs.strictTypeChecked, angular.configs.tsRecommended],
    processor: angular.processInlineTemplates,
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // A part that is a list's row or a button is written on that element, so that no other stands between.
      "@angular-eslint/component-selector": ["error", [{ type: "element", prefix: "app", style: "kebab-case" }, { type: "attribute", prefix: "app", style: "camelCase" }]],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // A component may be nothing but its template.
      "@typescript-eslint/no-extraneous-class": ["error", { allowWithDecorator: true }],
    },
  },
  {
    files: ["**/*.html"],
    extends: [angular.configs.templateRecommended, angular.configs.templateAccessibility],
    languageOptions: { parser: angular.templateParser },
  },
);

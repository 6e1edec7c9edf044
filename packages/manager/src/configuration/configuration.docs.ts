// Generates docs/reference/manager-configuration.md from the settings.

import { configurationFileVariable } from "./resolve-configuration.ts";
import { environmentNameOf, flagNameOf, settingNames, settings } from "./settings.ts";

function render(): string {
  const rows = settingNames.map((name) => {
    const { sentence, unit, default: standard } = settings[name];
    const names = `\`${name}\`<br>\`${environmentNameOf(name)}\`<br>\`--${flagNameOf(name)}\``;
    return `| ${names} | \`${JSON.stringify(standard)}\` | ${unit} | ${sentence} |`;
  });
  return `# Configuration of a manager

A JSON file (\`--config FILE\` or \`${configurationFileVariable}\`), environment variables, then flags; each wins over the ones before.
Unknown names are errors. Lists are arrays in the file and separated by commas elsewhere. \`countersign manager config print\` shows
every value with where it comes from, \`check\` every problem, \`explain\` this page.

| setting | default | unit | meaning |
|---|---|---|---|
${rows.join("\n")}
`;
}

export const pages = [{ name: "manager-configuration.md", render }];

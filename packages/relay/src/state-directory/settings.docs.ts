// Generates docs/reference/relay-configuration.md from the settings.

import { relaySettings } from "./settings.ts";

function render(): string {
  const rows = Object.entries(relaySettings).map(([name, { sentence, unit, default: preset }]) => {
    const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const shown = preset === undefined ? "needed" : `\`${JSON.stringify(preset)}\``;
    return `| \`${name}\`<br>\`--${flag}\` | ${shown} | ${unit} | ${sentence} |`;
  });
  return `# Configuration of a relay

Settings stand in \`settings.json\` of the state directory; \`countersign relay init\` writes them, \`countersign relay configure\` changes them, and they
hold from the next start. A setting that is wrong is named with its reason. Secrets are in files of their own, never here.

| setting | default | unit | meaning |
|---|---|---|---|
${rows.join("\n")}
`;
}

export const pages = [{ name: "relay-configuration.md", render }];

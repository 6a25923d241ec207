/** The page of all settings, from the table. */
import { GROUPS } from "./setting.ts";
import { SETTING_NAMES, type SettingName, settingOf } from "./table.ts";

const HEAD = `# Settings

<!-- Made from server/settings/ by \`npm run docs:settings\`. -->

Strongest first: the environment, \`.env\` in the data folder, \`.env\` in the project, \`atrium.yaml\` in the data folder, the default.
A dot in a key of \`atrium.yaml\` is a level:

\`\`\`yaml
port: 3000
url: https://atrium.example
mail:
  url: smtp://atrium:secret@mail.example.com:587
  from: Atrium <atrium@example.com>
\`\`\`

A start checks all of them and stops at a mistake with the line and what it should be. Names that begin with \`ATRIUM_\` and are no
setting are reported. A secret (*) goes only to the process that needs it. Change a setting, then start again.
`;

/** \`docs/settings.md\`. */
export function settingsPage(): string {
  const chapters = GROUPS.map((group) => {
    const rows = SETTING_NAMES.filter((name) => settingOf(name).group === group).map(row);
    return `## ${group}\n\n| environment | atrium.yaml | default | what it does |\n|---|---|---|---|\n${rows.join("\n")}\n`;
  });
  return `${HEAD}\n${chapters.join("\n")}`;
}

function row(name: SettingName): string {
  const { yaml, default: fallback, unit, about, kind, secret } = settingOf(name);
  const value = fallback ? `\`${fallback}\`${unit ? ` ${unit}` : ""}` : "";
  const form = capital(kind.form).replaceAll("|", "\\|");
  return `| \`${name}\`${secret ? " *" : ""} | ${yaml && `\`${yaml}\``} | ${value} | ${about} ${form}. |`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What the agents of the company in the pictures say and do. A fake of a provider's protocol serves it as a model. */
import type { Asked, Brain, Said, Spoken } from "../fakes/models/brain.ts";

const say = (text: string): Said => ({ kind: "text", text });
const think = (text: string): Said => ({ kind: "thinking", text });
const use = (name: string, input: object): Said => ({ kind: "tool", name, input: JSON.stringify(input) });
const write = (path: string, content: string): Said => use("write_file", { path, content });

/** What people ask for, and the words by which the model knows it. */
export const ASKED = {
  prices: "What does page 2 of launch-brief.pdf say about prices? Put it into a table, please.",
  starter: "Starter went up to 9 euros last week. Can you keep that in mind?",
  announce: "Write the announcement in three sentences, freindly please.",
  build: "Turn the price list into a page",
  check: "Check the price list before it goes out",
  tax: "Prepare the price page",
  newsletter: "Draft the spring newsletter",
  supplier: "Which of our suppliers raised prices this year?",
} as const;

/** `ASKED.announce` without its typo. */
export const CORRECTED = "Write the announcement in three sentences, friendly please.";

const PRICES = `# Prices of the spring launch

| Plan | Month | Year |
|---|---:|---:|
| Starter | 9 € | 90 € |
| Studio | 29 € | 290 € |
| Company | 79 € | 790 € |

From page 2 of the launch brief.
`;

const ANNOUNCEMENT = `# Spring is here, and so is Studio 3

Studio 3 opens on the first of April, with shared boards that load in a blink.
Everybody who is with us already keeps their price for a year.
Come and have a look, the kettle is on.
`;

const CHECK = `import { readFileSync } from "node:fs";

const prices = JSON.parse(readFileSync("prices.json", "utf8"));
for (const { plan, month, year } of prices) {
  console.log(plan.padEnd(10), year === month * 10 ? "ok" : \`year should be \${month * 10}\`);
}
`;

const LIST = `${JSON.stringify(
  [
    { plan: "Starter", month: 9, year: 90 },
    { plan: "Studio", month: 29, year: 290 },
    { plan: "Company", month: 79, year: 790 },
  ],
  undefined,
  2,
)}\n`;

const BUILD = `import { readFileSync, writeFileSync } from "node:fs";

const prices = JSON.parse(readFileSync("prices.json", "utf8"));
const rows = prices.map(({ plan, month, year }) => \`<tr><td>\${plan}<td>\${month} €<td>\${year} €\`);
writeFileSync("prices.html", \`<table>\${rows.join("")}</table>\n\`);
console.log(\`prices.html has \${rows.length} plans\`);
`;

const SCRIPTS = { build: "node build.mjs", check: "node check.mjs" };
const PACKAGE = `${JSON.stringify({ name: "price-list", private: true, scripts: SCRIPTS }, undefined, 2)}\n`;

const NEWSLETTER =
  "Dear friends of the studio, spring has come to the harbour, and with it a release we have worked on all winter. " +
  "Boards open at once, also the large ones, and whoever looks at the same board sees every stroke as it is drawn. ";

/** ms between two pieces of the text that is being written while pictures are taken */
const SLOW_MS = 400;

/** For each thing asked, the model's turns, one after the other. */
const TURNS: Readonly<Record<keyof typeof ASKED, readonly Spoken[]>> = {
  prices: [
    { says: [use("read_file", { path: "inbox/launch-brief.pdf", pages: "2" })] },
    { says: [write("launch/prices.md", PRICES)] },
    {
      says: [
        say(
          "Page 2 names three plans:\n\n| Plan | Month | Year |\n|---|---:|---:|\n| Starter | 9 € | 90 € |\n| Studio | 29 € | 290 € |\n| Company | 79 € | 790 € |\n\nThe table is in `launch/prices.md`.",
        ),
      ],
    },
  ],
  starter: [{ says: [say("I will. The brief has 9 € already, so the table stays as it is.")] }],
  announce: [
    { says: [write("launch/announcement.md", ANNOUNCEMENT)] },
    {
      says: [say("Done: three sentences with the date, the price promise and an invitation. It is in `launch/announcement.md`.")],
    },
  ],
  build: [
    { says: [write("prices.json", LIST), write("build.mjs", BUILD), write("package.json", PACKAGE)] },
    { says: [use("shell", { command: "npm run build" })] },
    { says: [say("`prices.html` has the three plans.")] },
  ],
  check: [
    {
      says: [
        think("A list of prices should be checked by a program, not by eye. I write a small one and run it."),
        say("I write a check that compares the price of a month with that of a year."),
        write("check.mjs", CHECK),
      ],
    },
    { says: [say("The check is ready. To run it I need a command."), use("shell", { command: "npm run check" })] },
    { says: [say("All three plans agree: a year costs ten months. The list can go out.")] },
  ],
  tax: [
    { says: [use("ask_person", { question: "Should the price page show prices with tax, without, or both?" })] },
    { says: [say("Then I show both.")] },
  ],
  newsletter: [
    {
      says: [think("Short, warm, one thing to do at the end."), say(NEWSLETTER.repeat(3))],
      pace: { chunks: 240, ms: SLOW_MS },
    },
  ],
  supplier: [{ says: [say("Two did: Harbour Print by 4 % in March, and Linden Paper by 6 % in June. The others kept theirs.")] }],
};

const SUBJECTS = [
  [CORRECTED, "announce"],
  ...Object.entries(ASKED).map(([subject, words]) => [words, subject] as const),
] as const;

function isSubject(name: string): name is keyof typeof ASKED {
  return name in ASKED;
}

/** The turn that is due: the newest thing asked, and how often the model has spoken since. */
export const storyBrain: Brain = ({ messages }: Asked) => {
  for (let at = messages.length - 1; at >= 0; at--) {
    const message = messages[at];
    if (message?.role !== "user") continue;
    // What was said before stands in front of what is asked.
    const [asked] = SUBJECTS.map(([words, subject]) => ({ subject, place: message.text.lastIndexOf(words) }))
      .filter(({ place }) => place >= 0)
      .sort((a, b) => b.place - a.place);
    if (!asked || !isSubject(asked.subject)) continue;
    const spoken = messages.slice(at + 1).filter(({ role }) => role === "assistant").length;
    const turn = TURNS[asked.subject][spoken];
    if (turn) return turn;
  }
  return { says: [say("Gladly. Tell me what to begin with.")] };
};

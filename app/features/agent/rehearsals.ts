/**
 * Scripts for the rehearsal model, one click away. They use the real tools, so they show the real thing. The first line is
 * no directive: it is not played and gives the run its title.
 */
export interface Rehearsal {
  title: string;
  /** what a person will see */
  shows: string;
  script: string;
}

export const REHEARSALS: readonly Rehearsal[] = [
  {
    title: "Ask before a command",
    shows: "The run stops at a shell command until someone here allows it.",
    script: [
      "Look into the workspace",
      "@slow 12 80",
      "@think The folder may hold work of others. I look first, and I ask before I run anything.",
      "@slow 20 60",
      "@say I want to see what is in my workspace. A shell command needs your consent, so I am asking.",
      '@tool shell {"command":"pwd && ls -la && date"}',
      "@slow 16 60",
      "@say Thank you. The listing is above; this is the end of the rehearsal.",
    ].join("\n"),
  },
  {
    title: "Write a file",
    shows: "A note is written in the agent's workspace, read back and changed.",
    script: [
      "Write the launch notes",
      "@slow 10 70",
      "@think A short note first, then I read it back to be sure.",
      '@tool write_file {"path":"notes/launch.md","content":"# Launch\\n\\n- Read the brief\\n- Draft the page\\n- Ask before publishing\\n"}',
      "@then",
      '@tool read_file {"path":"notes/launch.md"}',
      "@then",
      '@tool edit_file {"path":"notes/launch.md","find":"- Draft the page","replace":"- Draft the page, warm and short"}',
      "@slow 18 60",
      "@say The note is in notes/launch.md. I wrote it, read it back and changed one line.",
    ].join("\n"),
  },
  {
    title: "Ask a question",
    shows: "The run waits for an answer; anyone here can give it.",
    script: [
      "Settle the tone of the page",
      "@slow 14 60",
      "@say Before I start I need one thing from you.",
      "@ask Should the page sound warm or plain?",
      "@slow 14 60",
      "@say Noted. I would go on from here with that tone.",
    ].join("\n"),
  },
  {
    title: "Think for a minute",
    shows: "A long, slow answer: time to steer it, stop it, or open it on a phone.",
    script: [
      "Think for a minute",
      "@slow 60 150",
      "@think First the facts, then the order, then the words. The facts are few: who it is for, what it says, what it must not say. The order follows the reader, not the writer. The words come last and stay short.",
      "@slow 240 180",
      "@say This answer is written slowly on purpose, so that there is time to watch it together. Open this room in a second window, or on a phone, and both show the same words at the same moment. Write a note below and it is queued, seen and applied where everyone can follow it. Close the window and come back: nothing is missing. Stop the run and it ends in good order, with what it said kept. When nobody does anything, it simply finishes.",
    ].join("\n"),
  },
];

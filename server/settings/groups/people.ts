/** How people come in and how they are reached. */
import { address, anyText, flag, matching, webAddress } from "../kinds.ts";
import { always, optional } from "../setting.ts";

export const PEOPLE = {
  ATRIUM_OPEN_SIGNUP: always(flag, "0", {
    group: "People",
    yaml: "openSignUp",
    readers: ["api"],
    about: "Lets people sign up without an invite.",
  }),
  ATRIUM_SMTP_URL: optional(address(["smtp", "smtps"], "smtp://user:password@mail.example.com:587"), {
    group: "People",
    yaml: "mail.url",
    readers: ["api"],
    secret: true,
    about: "The mail server; without it no mail is sent and links are copied by hand.",
  }),
  ATRIUM_MAIL_FROM: optional(matching(/^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$/, "a mail address, like Atrium <atrium@example.com>"), {
    group: "People",
    yaml: "mail.from",
    readers: ["api"],
    about: "The sender of mail; without it the user of the mail server, or `atrium` at its host.",
  }),
  ATRIUM_PUSH_CONTACT: optional(
    matching(/^(mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/, "a contact like mailto:admin@example.com or an https address"),
    {
      group: "People",
      yaml: "pushContact",
      readers: ["api"],
      about: "Whom a push service may write to about the pushes of this instance.",
    },
  ),
  ATRIUM_OIDC_GOOGLE_ISSUER: always(webAddress, "https://accounts.google.com", {
    group: "People",
    yaml: "signIn.google.issuer",
    readers: ["api"],
    about: "Where Google signs people in.",
  }),
  ATRIUM_OIDC_GOOGLE_CLIENT_ID: optional(anyText(), {
    group: "People",
    yaml: "signIn.google.clientId",
    readers: ["api"],
    about: "With its secret: people may sign in with Google.",
  }),
  ATRIUM_OIDC_GOOGLE_CLIENT_SECRET: optional(anyText(), {
    group: "People",
    yaml: "signIn.google.clientSecret",
    readers: ["api"],
    secret: true,
    about: "The secret that belongs to the client id of Google.",
  }),
  ATRIUM_OIDC_MICROSOFT_ISSUER: always(webAddress, "https://login.microsoftonline.com/common/v2.0", {
    group: "People",
    yaml: "signIn.microsoft.issuer",
    readers: ["api"],
    about: "Where Microsoft signs people in: `common` takes every account, a tenant's id those of one organisation.",
  }),
  ATRIUM_OIDC_MICROSOFT_CLIENT_ID: optional(anyText(), {
    group: "People",
    yaml: "signIn.microsoft.clientId",
    readers: ["api"],
    about: "With its secret: people may sign in with Microsoft.",
  }),
  ATRIUM_OIDC_MICROSOFT_CLIENT_SECRET: optional(anyText(), {
    group: "People",
    yaml: "signIn.microsoft.clientSecret",
    readers: ["api"],
    secret: true,
    about: "The secret that belongs to the client id of Microsoft.",
  }),
} as const;

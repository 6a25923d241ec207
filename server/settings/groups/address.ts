/** Where people find the instance. */
import { anyText, list, webOrigin, wholeNumber } from "../kinds.ts";
import { always, optional } from "../setting.ts";

export const ADDRESS = {
  PORT: always(wholeNumber(0, 65_535), "3000", {
    group: "Address",
    yaml: "port",
    readers: ["launcher", "api"],
    about: "The one public port; 0 takes any free one.",
  }),
  HOST: always(anyText(), "127.0.0.1", {
    group: "Address",
    yaml: "host",
    readers: ["launcher", "api"],
    about: "The address it listens on; `0.0.0.0` serves the network, best behind HTTPS.",
  }),
  ATRIUM_URL: optional(webOrigin, {
    group: "Address",
    yaml: "url",
    readers: ["launcher", "api"],
    about: "The public address: links, `Origin`, `Secure` cookies; without it the host of `Origin` must equal `Host`.",
  }),
  ATRIUM_TRUST_PROXY: always(list, "", {
    group: "Address",
    yaml: "trustProxy",
    readers: ["api"],
    about: "Addresses of proxies whose `X-Forwarded-For` counts.",
  }),
  ATRIUM_ARTIFACTS_URL: optional(webOrigin, {
    group: "Address",
    yaml: "artifactsUrl",
    readers: ["api"],
    about: "The other origin that shows what agents made; without it the same port under another host name.",
  }),
} as const;

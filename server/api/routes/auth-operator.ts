/** What `npm run atrium -- user …` asks of a running instance, over loopback: this process is the only one that writes the database. */
import { createRoute, z } from "@hono/zod-openapi";
import { resetPassword, resetUrl } from "../../auth/reset.ts";
import { ApiError } from "../errors.ts";
import { policy } from "../route.ts";
import { answer, jsonBody, newRouter } from "../router.ts";

const reset = createRoute({
  method: "post",
  path: "/internal/users/reset-password",
  summary: "Take a person's password away and get a link that sets a new one",
  middleware: policy({ auth: "internal", scope: "instance", minRole: null, mutates: true }),
  request: { body: jsonBody(z.object({ email: z.string().max(254) })) },
  responses: { 200: answer(z.object({ name: z.string(), link: z.string(), until: z.string() }), "The link, good once") },
});

export function operatorRoutes() {
  return newRouter().openapi(reset, async (c) => {
    const services = c.get("services");
    const outcome = await resetPassword(services, c.req.valid("json").email);
    if (outcome.kind === "nobody") throw new ApiError(404, "nobody", "Nobody has an account with this e-mail address.");
    const { token, until, person } = outcome;
    return c.json({ name: person.name, link: resetUrl(services.settings.address, token), until }, 200);
  });
}
